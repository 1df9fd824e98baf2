#include "functions/trace_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "net/http1_message.h"

namespace thaw::functions {
namespace {

constexpr std::size_t receive_bytes = 64 << 10;
/// A client that does not take its answers gets no further requests read.
constexpr std::size_t most_unsent_bytes = 1 << 20;
/// How long, and for how many bytes, a refused client may go on sending before it is cut off.
constexpr Nanos farewell_time = std::chrono::milliseconds(500);
constexpr std::size_t most_farewell_bytes = 4 << 20;

}  // namespace

TraceConnection::TraceConnection(FileDescriptor socket, const HttpLimits& limits, MonotonicTime now)
    : socket_(std::move(socket)), limits_(limits), http1_(limits), last_progress_(now) {}

bool TraceConnection::receive(MonotonicTime now) {
  std::array<char, receive_bytes> buffer;
  for (;;) {
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) return false;
    // A client that sends a request byte by byte has its time counted from the first one.
    const bool is_midway = protocol_ == Protocol::http1 && running_ == 0 && !http1_.is_between_requests();
    if (!is_midway && protocol_ != Protocol::unknown) last_progress_ = now;
    if (is_farewell_) {
      farewell_bytes_ += static_cast<std::size_t>(n);
      if (farewell_bytes_ > most_farewell_bytes) return false;
    } else if (!feed({buffer.data(), static_cast<std::size_t>(n)})) {
      return false;
    }
    if (static_cast<std::size_t>(n) < buffer.size()) return true;
  }
}

bool TraceConnection::feed(std::string_view bytes) {
  if (protocol_ == Protocol::unknown) {
    first_bytes_ += bytes;
    const auto is_http2 = looks_like_http2(first_bytes_);
    if (!is_http2) return true;
    protocol_ = *is_http2 ? Protocol::http2 : Protocol::http1;
    if (*is_http2) {
      http2_ = std::make_unique<Http2ServerSession>(
          Http2ServerLimits{.head_bytes = limits_.head_bytes, .body_bytes = limits_.body_bytes});
    }
    const std::string first = std::exchange(first_bytes_, {});
    return feed(first);
  }
  if (http2_) return http2_->feed(bytes).has_value();
  http1_.feed(bytes);
  if (http1_.wants_continue() && running_ == 0) output_ += "HTTP/1.1 100 Continue\r\n\r\n";
  refuse_if_malformed();
  return true;
}

void TraceConnection::refuse_if_malformed() {
  if (!http1_.refusal() || running_ > 0 || ends_after_output_) return;
  append_http1_response(output_, {http1_.refusal()->status, std::string(http1_.refusal()->reason) + "\n"},
                        false);
  ends_after_output_ = true;
}

std::optional<Http2StreamId> TraceConnection::take(HttpRequest& request) {
  if (ends_after_output_ || is_farewell_) return std::nullopt;
  if (http2_) {
    while (http2_->take_cancelled()) {
      // The work goes on; its answer will find no stream.
    }
    const auto stream = http2_->take(request);
    if (stream) ++running_;
    return stream;
  }
  if (running_ > 0 || !http1_.is_complete()) return std::nullopt;
  http1_.take(request);
  running_ = 1;
  keeps_alive_ = request.keeps_alive();
  is_head_ = request.method == "HEAD";
  return 0;
}

void TraceConnection::answer(Http2StreamId stream, const HttpResponse& response, bool is_last) {
  --running_;
  if (http2_) {
    http2_->respond(stream, response);
    return;
  }
  const bool is_kept = keeps_alive_ && !is_last && !is_draining_;
  append_http1_response(output_, response, is_kept, is_head_);
  if (!is_kept) {
    ends_after_output_ = true;
  } else {
    refuse_if_malformed();
  }
}

void TraceConnection::break_off(Http2StreamId stream, std::string_view bytes) {
  --running_;
  if (http2_) {
    http2_->reset(stream, Http2Code::internal_error);
    return;
  }
  ends_after_output_ = true;
  output_ += bytes;
  if (!bytes.empty()) return;
  const linger now = {.l_onoff = 1, .l_linger = 0};  // Closing then resets the connection.
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  is_farewell_ = true;
  farewell_bytes_ = most_farewell_bytes;
}

bool TraceConnection::flush(MonotonicTime now) {
  for (;;) {
    if (http2_ && output_.size() - sent_ < most_unsent_bytes) http2_->append_output(output_);
    if (sent_ == output_.size()) break;
    const ssize_t n =
        ::send(socket_.get(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n < 0) return false;
    sent_ += static_cast<std::size_t>(n);
    last_progress_ = now;
    if (sent_ == output_.size()) {
      output_.clear();
      sent_ = 0;
      if (!http2_) break;
    }
  }
  if (http2_) return !http2_->is_finished() && !http2_->has_failed();
  if (is_farewell_) return farewell_bytes_ < most_farewell_bytes;
  if (ends_after_output_) {
    // Closing with unread bytes would reset the connection, and the client could lose the answer.
    ::shutdown(socket_.get(), SHUT_WR);
    is_farewell_ = true;
    last_progress_ = now;
  }
  return true;
}

void TraceConnection::drain() {
  is_draining_ = true;
  if (http2_) {
    http2_->shut_down();
  } else if (running_ == 0 && output_.empty()) {
    ends_after_output_ = true;
  }
}

std::uint32_t TraceConnection::wanted_events() const {
  const bool has_output = sent_ < output_.size();
  const bool has_next = protocol_ == Protocol::http1 && running_ > 0 && http1_.is_complete();
  const bool may_read = !has_next && output_.size() - sent_ < most_unsent_bytes;
  return (may_read ? EPOLLIN : 0U) | (has_output ? EPOLLOUT : 0U) | EPOLLRDHUP;
}

bool TraceConnection::is_overdue(MonotonicTime now, Nanos read_timeout, Nanos idle_timeout) const {
  const Nanos waited = now - last_progress_;
  if (is_farewell_) return waited > farewell_time;
  if (sent_ < output_.size()) return waited > read_timeout;
  if (running_ > 0) return false;
  const bool is_idle = (protocol_ == Protocol::http1 && http1_.is_between_requests()) ||
                       (http2_ && http2_->open_streams() == 0);
  return waited > (is_idle ? idle_timeout : read_timeout);
}

}  // namespace thaw::functions
