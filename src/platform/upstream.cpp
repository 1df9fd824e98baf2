#include "platform/upstream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "net/http1_message.h"

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
  is_cold = was_sent = was_retried = false;
}

Result<std::unique_ptr<Upstream>> Upstream::connect(EventLoop& loop, UpstreamOwner& owner, const Endpoint& endpoint,
                                                    std::size_t answer_bytes) {
  THAW_TRY(FileDescriptor socket, begin_connect(endpoint));
  auto upstream = std::unique_ptr<Upstream>(new Upstream(loop, owner, std::move(socket), answer_bytes));
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
  append_http1_request(out_, call.request, authority);
  reader_.begin(call.request.method == "HEAD");
  flush();
}

void Upstream::flush() {
  while (sent_ < out_.size()) {
    const ssize_t count = ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return watch_for(EPOLLIN | EPOLLOUT);
    if (count < 0) {
      is_usable_ = false;
      return owner_.on_broken(*this, "the instance closed the connection before it took the request");
    }
    sent_ += static_cast<std::size_t>(count);
  }
  watch_for(EPOLLIN);
  if (out_.capacity() > kept_bytes) out_ = std::string();
}

void Upstream::finish_connecting() {
  if (const int code = connect_error(socket_.get()); code != 0) {
    is_usable_ = false;
    return owner_.on_broken(*this, std::strerror(code));
  }
  is_connected_ = true;
  watch_for(EPOLLIN);
  owner_.on_connected(*this);
}

void Upstream::on_events(std::uint32_t events) {
  if (!is_connected_) return finish_connecting();
  if ((events & EPOLLOUT) != 0 && call_ != nullptr) {
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
  if (call_ == nullptr) return owner_.on_broken(*this, "closed");
  reader_.end_of_stream();
  if (reader_.is_complete()) return complete();
  owner_.on_broken(*this, reader_.has_begun() ? "the instance closed the connection in the middle of its answer"
                                              : "the instance closed the connection without an answer");
}

void Upstream::take(std::string_view bytes) {
  if (call_ == nullptr) {
    is_usable_ = false;
    return owner_.on_broken(*this, "the instance sent what nobody had asked for");
  }
  const std::size_t used = reader_.feed(bytes);
  if (reader_.has_failed()) {
    is_usable_ = false;
    return owner_.on_broken(*this, "the instance's answer is no HTTP");
  }
  if (reader_.body_bytes() > answer_bytes_) {
    is_usable_ = false;
    return owner_.on_broken(*this, "the instance's answer is too large");
  }
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

}  // namespace thaw
