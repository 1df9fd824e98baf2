#include "platform/upstream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "net/grpc.h"
#include "net/http1_message.h"
#include "platform/function_spec.h"

namespace thaw {
namespace {

constexpr std::size_t kept_bytes = 64 << 10;

/// Copies the headers of a response, except those of its connection and its length.
void copy_headers(std::string_view head, HttpHeaders& headers) {
  head.remove_prefix(std::min(head.find("\r\n"), head.size()));
  std::string name;
  for (const std::string_view line : split_lines(head)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    name = to_lower(line.substr(0, colon));
    if (name == "content-length" || is_hop_by_hop(name)) continue;
    headers.add(line.substr(0, colon), without_blanks(line.substr(colon + 1)));
  }
}

}  // namespace

bool Call::is_grpc() const { return thaw::is_grpc(request.header("content-type")); }

void Call::reset() {
  const auto drop_if_large = [](std::string& text) {
    if (text.capacity() > kept_bytes) text = std::string();
  };
  request.clear();
  response.clear();
  drop_if_large(request.body);
  drop_if_large(response.body);
  caller = nullptr;
  function = nullptr;
  instance = nullptr;
  arrived = placed = sent = done = Instant{};
  number = 0;
  stream = 0;
  is_cold = was_sent = was_retried = false;
}

Result<std::unique_ptr<Upstream>> Upstream::connect(EventLoop& loop, UpstreamOwner& owner,
                                                    const Endpoint& endpoint, std::size_t answer_bytes,
                                                    bool is_http2) {
  THAW_TRY(FileDescriptor socket, begin_connect(endpoint));
  auto upstream = std::unique_ptr<Upstream>(new Upstream(loop, owner, std::move(socket), answer_bytes));
  if (is_http2) {
    upstream->http2_ =
        std::make_unique<Http2ClientSession>(Http2ClientOptions{.kept_body_bytes = answer_bytes});
  }
  upstream->events_ = EPOLLOUT;
  THAW_CHECK(loop.watch(upstream->socket_.get(), EPOLLOUT, *upstream));
  return upstream;
}

Upstream::~Upstream() { disconnect(); }

void Upstream::disconnect() {
  loop_.forget(socket_.get(), *this);
  socket_.reset();
  is_usable_ = false;
}

void Upstream::watch_for(std::uint32_t events) {
  if (events == events_) return;
  events_ = events;
  loop_.change(socket_.get(), events, *this);
}

void Upstream::send(Call& call, std::string_view authority) {
  call_ = &call;
  ++calls_;
  out_.clear();
  sent_ = 0;
  reader_.begin(call.request.method == "HEAD");
  if (http2_) return send_http2(call.request, authority);
  append_http1_request(out_, call.request, authority);
  flush();
}

void Upstream::send_http2(const HttpRequest& request, std::string_view authority) {
  forwarded_.clear();
  for (const auto& [name, value] : request.headers) {
    if (name != "host" && name != "content-length") forwarded_.add(name, value);
  }
  const auto stream = http2_->send({.method = request.method,
                                    .authority = authority,
                                    .target = request.target,
                                    .headers = &forwarded_,
                                    .body = request.body},
                                   0);
  if (!stream) return fail("the instance takes no more requests on its connection");
  flush();
}

void Upstream::fail(std::string_view why, std::string_view reason) {
  is_usable_ = false;
  owner_.on_broken(*this, reason, why);
}

void Upstream::fail_as_cut(std::string_view why) {
  was_cut_ = true;
  fail(why);
}

void Upstream::refuse_answer() {
  fail(fmt::format("the answer is larger than {} (--max-answer)",
                   format_bytes(Bytes{static_cast<std::int64_t>(answer_bytes_)})),
       answer_too_large);
}

void Upstream::flush() {
  while (sent_ < out_.size() || (http2_ && http2_->append_output(out_))) {
    const ssize_t count = ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return watch_for(EPOLLIN | EPOLLOUT);
    if (count < 0) return fail_as_cut("the instance closed the connection before it took the request");
    sent_ += static_cast<std::size_t>(count);
    if (sent_ < out_.size()) continue;
    sent_ = 0;
    out_.clear();
  }
  watch_for(EPOLLIN);
  if (out_.capacity() > kept_bytes) out_ = std::string();
}

void Upstream::finish_connecting() {
  if (const int code = connect_error(socket_.get()); code != 0) return fail_as_cut(std::strerror(code));
  is_connected_ = true;
  watch_for(EPOLLIN);
  owner_.on_connected(*this);
}

void Upstream::on_events(std::uint32_t events) {
  if (!is_connected_) return finish_connecting();
  if ((events & EPOLLOUT) != 0) {
    flush();
    if (!is_usable_) return;
  }
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive();
}

void Upstream::receive() {
  static thread_local std::array<char, 64 << 10> buffer;
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0) return take({buffer.data(), static_cast<std::size_t>(count)});
  is_usable_ = false;
  if (call_ == nullptr) return fail("closed");
  const bool has_begun = reader_.has_begun();
  reader_.end_of_stream();
  if (!http2_ && reader_.is_complete()) return complete();
  fail_as_cut(has_begun ? "the instance closed the connection in the middle of its answer"
                        : "the instance closed the connection without an answer");
}

void Upstream::take(std::string_view bytes) {
  if (http2_) return take_http2(bytes);
  if (call_ == nullptr) return fail("the instance sent what nobody had asked for");
  const std::size_t used = reader_.feed(bytes);
  if (reader_.has_failed()) return fail("the instance's answer is no HTTP");
  if (reader_.body_bytes() > answer_bytes_) return refuse_answer();
  if (!reader_.is_complete()) return;
  if (used < bytes.size() || !reader_.keeps_alive()) is_usable_ = false;
  complete();
}

void Upstream::complete() {
  HttpResponse& response = call_->response;
  response.clear();
  response.status = reader_.status();
  response.content_type = {};
  copy_headers(reader_.head(), response.headers);
  reader_.take_body(response.body);
  owner_.on_answered(*this);
}

void Upstream::take_http2(std::string_view bytes) {
  if (!http2_->feed(bytes) || http2_->has_failed()) return fail("the instance's answer is no HTTP/2");
  if (!http2_->takes_requests()) is_usable_ = false;
  const Http2Answer* const answer = http2_->next_answer();
  if (answer == nullptr || call_ == nullptr) return flush();  // Settings, pings: they may want an answer.
  if (!answer->is_complete) return fail("the instance ended the stream without an answer");
  if (answer->body_bytes > answer_bytes_) return refuse_answer();
  HttpResponse& response = call_->response;
  response.clear();
  response.status = answer->status;
  response.content_type = {};
  for (const auto& [name, value] : answer->headers) {
    if (name != "content-length" && !is_hop_by_hop(name)) response.headers.add(name, value);
  }
  for (const auto& [name, value] : answer->trailers) response.trailers.add(name, value);
  response.body = answer->body;
  owner_.on_answered(*this);
}

}  // namespace thaw
