#include "platform/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "net/grpc.h"
#include "net/http1_message.h"

namespace thaw {
namespace {

constexpr std::size_t kept_bytes = 64 << 10;
constexpr Nanos linger_time = std::chrono::seconds(1);

}  // namespace

Result<std::unique_ptr<Client>> Client::accept(const ServerSide& side, FileDescriptor socket) {
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto client = std::unique_ptr<Client>(new Client(side, std::move(socket)));
  ++side.counts.connections;
  THAW_CHECK(side.loop.watch(client->socket_.get(), EPOLLIN, *client));
  return client;
}

Client::~Client() { leave(); }

void Client::leave() {
  if (state_ == State::gone) return;
  state_ = State::gone;
  if (call_ != nullptr) side_.fleet.abandon(*std::exchange(call_, nullptr));
  for (Call* const call : std::exchange(streams_, {})) side_.fleet.abandon(*call);
  side_.loop.forget(socket_.get(), *this);
  socket_.reset();
  --side_.counts.connections;
}

void Client::watch_for(std::uint32_t events) {
  if (events == events_ || state_ == State::gone) return;
  events_ = events;
  side_.loop.change(socket_.get(), events, *this);
}

void Client::on_events(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) flush();
  if (state_ != State::gone && (events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive();
}

void Client::receive() {
  static thread_local std::array<char, 64 << 10> buffer;
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return leave();
  if (state_ == State::open) take({buffer.data(), static_cast<std::size_t>(count)});
}

void Client::take_first(std::string_view bytes) {
  first_bytes_ += bytes;
  const auto is_http2 = looks_like_http2(first_bytes_);
  if (!is_http2) return;
  is_decided_ = true;
  const std::string first = std::exchange(first_bytes_, {});
  if (*is_http2) begin_http2();
  take(first);
}

void Client::take(std::string_view bytes) {
  if (http2_) return take_http2(bytes);
  if (!is_decided_) return take_first(bytes);
  if (reader_.is_between_requests() && call_ == nullptr) since_ = side_.fleet.now();
  reader_.feed(bytes);
  // Who sends the next requests before the answer gets to wait: what is not read fills the client's own buffers.
  if (call_ != nullptr) return watch_for(0);
  serve();
}

void Client::serve() {
  // An answer may come before invoke returns; the next request is then read here and not inside.
  if (is_serving_) return;
  is_serving_ = true;
  while (state_ == State::open && call_ == nullptr && reader_.is_complete()) handle_next();
  is_serving_ = false;
  if (state_ == State::open && call_ == nullptr) {
    if (reader_.refusal()) return refuse(reader_.refusal()->status, reader_.refusal()->reason);
    if (reader_.wants_continue()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    if (is_draining_ && reader_.is_between_requests()) state_ = State::closing;
  }
  flush();
}

void Client::handle_next() {
  Call& call = side_.fleet.open_call();
  reader_.take(call.request);
  call_ = &call;
  if (handle(call)) return;
  call_ = nullptr;
  send(call.request, call.response);
  side_.fleet.recycle(call);
}

bool Client::handle(Call& call) {
  constexpr std::string_view no_token = "a token is needed: Authorization: Bearer TOKEN";
  if (!side_.routes.is_allowed(call.request)) {
    if (call.is_grpc()) {
      make_grpc_response(call.response, {grpc_code_of_http(401), std::string(no_token)});
      return false;
    }
    call.response.status = 401;
    call.response.body = std::string(no_token) + "\n";
    call.response.headers.add("WWW-Authenticate", "Bearer");
  } else if (Function* const function = side_.routes.function_of(call.request)) {
    call.caller = this;
    side_.fleet.invoke(call, *function);
    return true;
  } else {
    side_.routes.answer(call.request, call.response);
  }
  return false;
}

void Client::on_answer(Call& call) {
  if (http2_) {
    std::erase(streams_, &call);
    http2_->respond(call.stream, call.response);
    since_ = side_.fleet.now();
    if (!is_serving_) flush();
    return;
  }
  call_ = nullptr;
  send(call.request, call.response);
  watch_for(EPOLLIN);
  serve();
}

void Client::send(const HttpRequest& request, HttpResponse& response) {
  const bool keeps_alive = request.keeps_alive() && !is_draining_;
  append_http1_response(out_, response, keeps_alive, request.method == "HEAD");
  since_ = side_.fleet.now();
  if (!keeps_alive) state_ = State::closing;
}

void Client::refuse(int status, std::string_view reason) {
  ++side_.counts.refused;
  HttpResponse response{.status = status};
  response.body = std::string(reason) + "\n";
  append_http1_response(out_, response, false);
  since_ = side_.fleet.now();
  state_ = State::closing;
  flush();
}

void Client::flush() {
  while (sent_ < out_.size() || (http2_ && http2_->append_output(out_))) {
    const ssize_t count = ::send(socket_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return watch_for(events_ | EPOLLOUT);
    if (count < 0) return leave();
    sent_ += static_cast<std::size_t>(count);
    since_ = side_.fleet.now();
    if (sent_ < out_.size()) continue;
    sent_ = 0;
    out_.clear();
  }
  if (http2_ && state_ == State::open && (http2_->has_failed() || http2_->is_finished()))
    state_ = State::closing;
  if (out_.capacity() > kept_bytes) out_ = std::string();
  watch_for(events_ & ~static_cast<std::uint32_t>(EPOLLOUT));
  if (state_ != State::closing) return;
  state_ = State::lingering;
  since_ = side_.fleet.now();
  watch_for(EPOLLIN);
  ::shutdown(socket_.get(), SHUT_WR);
}

void Client::drain() {
  if (std::exchange(is_draining_, true)) return;
  if (http2_) {
    http2_->shut_down();
    return flush();
  }
  if (state_ == State::open && call_ == nullptr && out_.empty() && reader_.is_between_requests()) leave();
}

void Client::check_time_limits(Instant now) {
  const GatewayOptions& options = side_.options;
  const Nanos quiet = now - since_;
  if (!out_.empty()) {
    if (quiet > options.write_timeout) leave();
  } else if (state_ == State::lingering) {
    if (quiet > linger_time) leave();
  } else if (http2_) {
    check_http2_time_limits(now);
  } else if (state_ == State::open && call_ == nullptr) {
    if (!first_bytes_.empty() && quiet > options.read_timeout) return leave();
    if (reader_.is_between_requests()) {
      if (quiet > options.idle_timeout) leave();
    } else if (quiet > options.read_timeout) {
      refuse(408, "the request did not arrive in time");
    }
  }
}

}  // namespace thaw
