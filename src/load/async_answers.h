#pragma once
// Asynchronous invocations, as Dirigent has them: a call is answered at once with an identity, by which the answer of the
// function is fetched when everything has been sent.

#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "load/protocol_worker.h"
#include "net/endpoint.h"

namespace thaw {

struct AsyncRequest {
  std::string
      url;       ///< Asked with GET and the identity as its body; empty: calls are answered by the function.
  Nanos wait{};  ///< Between the last call and the first question.
};

/// Keeps calls that were accepted, one identity each, until their answers are fetched; all others go on to the sink.
class AsyncAnswers final : public InvocationSink, public BodyListener {
 public:
  /// Errors: bad_usage (URL), environment (unknown host).
  static Result<AsyncAnswers> create(const AsyncRequest& request);

  /// `sink` gets everything, exactly once, and outlives this.
  void begin(InvocationSink& sink) { sink_ = &sink; }
  void on_body(std::string_view body) override { identity_ = body; }
  void take(const Invocation& invocation) override;

  /// Waits, then fetches all answers, fifty at a time. An invocation ends as late as its call, the platform's own time for it
  /// (header Duration-Microseconds) and the fetching took together. One without an answer has failed by function_timeout.
  /// What is not fetched when `is_stopped` is in flight.
  void collect(Clock& clock, const std::function<bool()>& is_stopped);

 private:
  struct Accepted {
    Invocation invocation;
    std::string identity;
  };
  AsyncAnswers(Url url, Endpoint endpoint, Nanos wait)
      : url_(std::move(url)), endpoint_(endpoint), wait_(wait) {}
  void fetch(Accepted& one, Clock& clock) const;

  Url url_;
  Endpoint endpoint_;
  Nanos wait_;
  InvocationSink* sink_ = nullptr;
  std::string identity_;  ///< Of the invocation that comes next.
  std::vector<Accepted> accepted_;
};

}  // namespace thaw
