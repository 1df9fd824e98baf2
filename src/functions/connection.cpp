#include "functions/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "net/http1_message.h"

namespace thaw::functions {
namespace {

constexpr std::size_t receive_bytes = 64 << 10;
/// How long, and for how many bytes, a refused client may go on sending before it is cut off.
constexpr Nanos farewell_time = std::chrono::milliseconds(500);
constexpr std::size_t farewell_bytes = 4 << 20;

/// Milliseconds for poll, rounded up, so that a deadline has passed when poll says so.
int poll_time(Nanos left) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, INT_MAX));
}

}  // namespace

void Connection::serve() {
  for (;;) {
    switch (receive_request()) {
      case Arrival::gone:
        return;
      case Arrival::late:
        return refuse({408, "the request did not arrive in time"});
      case Arrival::refused:
        return refuse(*reader_.refusal());
      case Arrival::complete:
        break;
    }
    const HttpRequest request = reader_.take();
    const HttpResponse response = with_.handler(request);
    const bool keeps_alive = request.keeps_alive() && !is_stopping();
    if (!send(http1_response(response, keeps_alive, request.method == "HEAD"))) return;
    if (!keeps_alive) return close_gently();
    is_first_ = false;
  }
}

void Connection::turn_away() {
  const std::string message = http1_response({503, "too many connections\n", {{"Retry-After", "1"}}}, false);
  // The accepting thread must not wait for anybody: what does not fit into the socket's buffer is lost, and only what
  // has already come is read (see close_gently).
  (void)::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket_.get(), SHUT_WR);
  std::array<char, receive_bytes> buffer;
  (void)!::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
}

Connection::Arrival Connection::receive_request() {
  const ServerOptions& options = with_.options;
  bool is_idle = reader_.is_between_requests();
  MonotonicTime deadline =
      with_.clock.now() + (is_idle && !is_first_ ? options.idle_timeout : options.read_timeout);
  std::array<char, receive_bytes> buffer;
  while (!reader_.is_complete()) {
    if (reader_.refusal()) return Arrival::refused;
    if (reader_.wants_continue() && !send("HTTP/1.1 100 Continue\r\n\r\n")) return Arrival::gone;
    if (!wait_until(POLLIN, is_idle, deadline)) return is_idle ? Arrival::gone : Arrival::late;
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return Arrival::gone;
    if (is_idle) deadline = with_.clock.now() + options.read_timeout;
    is_idle = false;
    reader_.feed({buffer.data(), static_cast<std::size_t>(n)});
  }
  return Arrival::complete;
}

/// False when the client does not take the bytes in time.
bool Connection::send(std::string_view bytes) {
  const MonotonicTime deadline = with_.clock.now() + with_.options.read_timeout;
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      if (!wait_until(POLLOUT, false, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void Connection::refuse(const HttpRefusal& refusal) {
  if (send(http1_response({refusal.status, std::string(refusal.reason) + "\n"}, false))) close_gently();
}

/// Closing with unread bytes resets the connection, and the client may lose the response that explains why. So the
/// end of sending is announced first, and what still comes is read for a moment.
void Connection::close_gently() {
  ::shutdown(socket_.get(), SHUT_WR);
  const MonotonicTime deadline = with_.clock.now() + farewell_time;
  std::array<char, receive_bytes> buffer;
  for (std::size_t left = farewell_bytes; wait_until(POLLIN, false, deadline);) {
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) return;
    if (n > 0 && static_cast<std::size_t>(n) > left) return;
    if (n > 0) left -= static_cast<std::size_t>(n);
  }
}

bool Connection::is_stopping() const {
  pollfd stop = {with_.stop_fd, POLLIN, 0};
  return ::poll(&stop, 1, 0) > 0;
}

/// Waits for the socket; false at the deadline, or (when that may happen) at the server's end.
bool Connection::wait_until(short events, bool may_be_stopped, MonotonicTime deadline) const {
  for (;;) {
    std::array<pollfd, 2> watched = {{{socket_.get(), events, 0}, {with_.stop_fd, POLLIN, 0}}};
    const int ready = ::poll(watched.data(), may_be_stopped ? 2 : 1, poll_time(deadline - with_.clock.now()));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && watched[0].revents != 0;
  }
}

}  // namespace thaw::functions
