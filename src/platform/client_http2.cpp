// A client that speaks HTTP/2: its streams are calls, each answered when it is ready.

#include "platform/client.h"

namespace thaw {

void Client::begin_http2() {
  const HttpLimits& limits = side_.options.limits;
  http2_ = std::make_unique<Http2ServerSession>(Http2ServerLimits{.head_bytes = limits.head_bytes,
                                                                  .body_bytes = limits.body_bytes,
                                                                  .waiting_bytes = 2 * limits.body_bytes});
}

void Client::take_http2(std::string_view bytes) {
  if (!http2_->feed(bytes)) return leave();
  since_ = side_.fleet.now();
  is_serving_ = true;
  while (true) {
    Call& call = side_.fleet.open_call();
    const auto stream = http2_->take(call.request);
    if (!stream) {
      side_.fleet.recycle(call);
      break;
    }
    call.stream = *stream;
    streams_.push_back(&call);
    if (handle(call)) continue;
    streams_.pop_back();
    http2_->respond(*stream, call.response);
    side_.fleet.recycle(call);
  }
  is_serving_ = false;
  while (const auto cancelled = http2_->take_cancelled()) {
    for (Call* const call : streams_) {
      if (call->stream != *cancelled) continue;
      std::erase(streams_, call);
      side_.fleet.abandon(*call);
      break;
    }
  }
  flush();
}

void Client::check_http2_time_limits(Instant now) {
  if (state_ != State::open) return;
  if (http2_->open_streams() > streams_.size()) {
    // A request that is never whole, however busy its client is.
    if (partial_since_ == Instant{}) partial_since_ = now;
    if (now - partial_since_ > side_.options.read_timeout) {
      ++side_.counts.refused;
      leave();
    }
    return;
  }
  partial_since_ = Instant{};
  if (streams_.empty() && now - since_ > side_.options.idle_timeout) leave();
}

}  // namespace thaw
