#include "load/live_metrics.h"

namespace thaw {
namespace {

std::uint64_t read(const std::atomic<std::uint64_t>& counter) {
  return counter.load(std::memory_order_relaxed);
}

void describe(std::string& text, std::string_view name, std::string_view type, std::string_view help) {
  text += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

void add_histogram(std::string& text, std::string_view name, std::string_view help,
                   const LiveCounters::Buckets& buckets, std::uint64_t sum_us) {
  describe(text, name, "histogram", help);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < LiveCounters::bucket_ends.size(); ++i) {
    count += read(buckets[i]);
    text += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", name,
                        static_cast<double>(LiveCounters::bucket_ends[i]) / 1e9, count);
  }
  count += read(buckets.back());
  text += fmt::format("{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n", name, count,
                      static_cast<double>(sum_us) / 1e6);
}

}  // namespace

std::string render_metrics(const LiveCounters& live) {
  std::string text;
  describe(text, "thaw_load_invocations_total", "counter", "Invocations that have ended, by result.");
  for (std::size_t i = 0; i < cause_count; ++i) {
    text += fmt::format("thaw_load_invocations_total{{result=\"{}\"}} {}\n",
                        i == 0 ? "ok" : name_of(static_cast<Cause>(i)), read(live.by_cause[i]));
  }
  describe(text, "thaw_load_cold_starts_total", "counter", "Invocations that the platform calls cold.");
  text += fmt::format("thaw_load_cold_starts_total {}\n", read(live.cold));
  add_histogram(text, "thaw_load_response_seconds", "From the intended start to the end, of good answers.",
                live.response, read(live.response_sum_us));
  add_histogram(text, "thaw_load_lateness_seconds", "From the intended start to the dispatch.", live.lateness,
                read(live.lateness_sum_us));
  describe(text, "thaw_load_latest_dispatch_seconds", "gauge", "The greatest lateness so far.");
  text += fmt::format("thaw_load_latest_dispatch_seconds {}\n",
                      static_cast<double>(live.latest_ns.load(std::memory_order_relaxed)) / 1e9);
  return text;
}

}  // namespace thaw
