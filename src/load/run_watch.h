#pragma once
// Who looks at a load while it runs, each in a thread of its own: the progress line, a scraper, collectors of spans.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "load/loopback_http.h"
#include "load/run.h"
#include "load/span_exporter.h"

namespace thaw {

/// Calls the observer ten times a second until it is destroyed.
class ProgressThread {
 public:
  /// All outlive it.
  ProgressThread(const LoadObserver& observer, const LiveCounters& live, Clock& clock, MonotonicTime anchor,
                 double length_s);
  ~ProgressThread();
  ProgressThread(const ProgressThread&) = delete;
  ProgressThread& operator=(const ProgressThread&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_over_ = false;
  std::thread thread_;
};

/// The collectors that were asked for.
class SpanExports {
 public:
  /// Errors: as SpanExporter::start.
  static Result<SpanExports> start(const ExportRequest& request, const SpanContext& context);

  [[nodiscard]] std::vector<RowListener*> listeners() const;
  /// Sends what is left, fills spans_sent and spans_dropped, and returns why some could not be sent.
  std::vector<std::string> finish(SenderHealth& health);

 private:
  std::vector<std::unique_ptr<SpanExporter>> exporters_;
};

/// Serves the counters at /metrics, where that was asked for; else null. Errors: as PageServer::start.
Result<std::unique_ptr<PageServer>> serve_metrics(const ExportRequest& request, const LiveCounters& live);

}  // namespace thaw
