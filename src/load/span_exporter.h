#pragma once
// One span for each invocation, sent to a collector by a thread of its own: OTLP over HTTP as JSON, or Zipkin's v2 JSON.
// What does not fit into the queue is dropped and counted; a load never waits for its spans.

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "load/recorder.h"
#include "net/endpoint.h"

namespace thaw {

/// What spans need to know beside the invocation.
struct SpanContext {
  const std::vector<TraceFunction>* functions = nullptr;
  std::int64_t anchor_epoch_us = 0;
  std::uint64_t trace_salt = 0;  ///< As the target's, so that servers' spans join.
};

/// The body of one request, schema ExportTraceServiceRequest of OTLP 1.
std::string otlp_body(const SpanContext& context, const std::vector<Invocation>& invocations);
/// The body of one request, a list of spans of Zipkin's API v2.
std::string zipkin_body(const SpanContext& context, const std::vector<Invocation>& invocations);

enum class SpanFormat : std::uint8_t { otlp, zipkin };

class SpanExporter final : public RowListener {
 public:
  /// Errors: bad_usage (URL), environment (unknown host).
  static Result<std::unique_ptr<SpanExporter>> start(SpanFormat format, const std::string& url,
                                                     const SpanContext& context);
  ~SpanExporter() override;

  void listen(const Invocation& invocation) override;
  /// Sends what is left; a collector that has failed is not asked again.
  void finish();

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  /// Why spans could not be sent; empty when all were.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  static constexpr std::size_t queue_size = 8192;
  static constexpr std::size_t batch_size = 512;

 private:
  SpanExporter(SpanFormat format, Url url, Endpoint endpoint, const SpanContext& context);
  void send_batches();
  void send(const std::vector<Invocation>& batch);

  SpanFormat format_;
  Url url_;
  Endpoint endpoint_;
  SpanContext context_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Invocation> queue_;
  bool is_ending_ = false;
  std::uint64_t sent_ = 0, dropped_ = 0;
  std::string failure_;
  std::thread thread_;
};

}  // namespace thaw
