#include "load/run_watch.h"

#include <chrono>

#include "load/live_metrics.h"

namespace thaw {

ProgressThread::ProgressThread(const LoadObserver& observer, const LiveCounters& live, Clock& clock,
                               MonotonicTime anchor, double length_s) {
  if (!observer.on_progress) return;
  thread_ = std::thread([this, &observer, &live, &clock, anchor, length_s] {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::milliseconds(100), [this] { return is_over_; }))
      observer.on_progress(live, to_seconds(clock.now() - anchor), length_s);
  });
}

ProgressThread::~ProgressThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<SpanExports> SpanExports::start(const ExportRequest& request, const SpanContext& context) {
  SpanExports exports;
  const auto add = [&](SpanFormat format, const std::string& url) -> Result<> {
    if (url.empty()) return {};
    THAW_TRY(auto exporter, SpanExporter::start(format, url, context));
    exports.exporters_.push_back(std::move(exporter));
    return {};
  };
  THAW_CHECK(add(SpanFormat::otlp, request.otlp_url));
  THAW_CHECK(add(SpanFormat::zipkin, request.zipkin_url));
  return exports;
}

std::vector<RowListener*> SpanExports::listeners() const {
  std::vector<RowListener*> listeners;
  for (const auto& exporter : exporters_) listeners.push_back(exporter.get());
  return listeners;
}

std::vector<std::string> SpanExports::finish(SenderHealth& health) {
  std::vector<std::string> failures;
  for (const auto& exporter : exporters_) {
    exporter->finish();
    health.spans_sent += exporter->sent();
    health.spans_dropped += exporter->dropped();
    if (!exporter->failure().empty()) failures.push_back(exporter->failure());
  }
  return failures;
}

Result<std::unique_ptr<PageServer>> serve_metrics(const ExportRequest& request, const LiveCounters& live) {
  if (request.metrics_at.empty()) return nullptr;
  return PageServer::start(request.metrics_at, {"/metrics", "text/plain; version=0.0.4; charset=utf-8",
                                                [&live] { return render_metrics(live); }});
}

}  // namespace thaw
