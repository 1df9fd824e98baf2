#include "trace/loaded_trace.h"

#include <algorithm>
#include <numeric>

namespace thaw {
namespace {

class LoadedTrace final : public TraceFile {
 public:
  LoadedTrace(std::string_view form, Trace trace, ReadingNotes notes)
      : form_(form), trace_(std::move(trace)), notes_(std::move(notes)) {}

  [[nodiscard]] std::string_view form() const override { return form_; }
  [[nodiscard]] const std::vector<TraceFunction>& functions() const override { return trace_.functions; }
  [[nodiscard]] Result<std::unique_ptr<InvocationSource>> open() const override { return source_of(trace_); }
  [[nodiscard]] std::optional<std::uint64_t> invocations() const override {
    return trace_.invocations.size();
  }
  [[nodiscard]] bool has_durations() const override { return !trace_.invocations.duration_ms.empty(); }
  [[nodiscard]] const std::vector<Repair>& repairs() const override { return notes_.repairs.all(); }
  [[nodiscard]] const std::vector<Repair>& remarks() const override { return notes_.remarks.all(); }

 private:
  std::string_view form_;
  Trace trace_;
  ReadingNotes notes_;
};

template <class T>
void reorder(std::vector<T>& values, const std::vector<std::uint32_t>& order) {
  if (values.empty()) return;
  std::vector<T> sorted;
  sorted.reserve(values.size());
  for (const std::uint32_t place : order) sorted.push_back(values[place]);
  values = std::move(sorted);
}

template <class T>
void keep_range(std::vector<T>& values, std::ptrdiff_t begin, std::ptrdiff_t end) {
  if (values.empty()) return;
  values.erase(values.begin() + end, values.end());
  values.erase(values.begin(), values.begin() + begin);
}

void cut_window(InvocationBlock& all, const ReadOptions& options) {
  const auto first = std::lower_bound(all.time_ms.begin(), all.time_ms.end(), options.begin_ms);
  const auto last = std::lower_bound(first, all.time_ms.end(), options.end_ms);
  const std::ptrdiff_t begin = first - all.time_ms.begin();
  const std::ptrdiff_t end = last - all.time_ms.begin();
  keep_range(all.function, begin, end);
  keep_range(all.duration_ms, begin, end);
  keep_range(all.time_ms, begin, end);
  if (options.begin_ms > 0) {
    for (double& time : all.time_ms) time -= options.begin_ms;
  }
}

}  // namespace

std::uint64_t sort_by_time(InvocationBlock& invocations) {
  const std::vector<double>& times = invocations.time_ms;
  std::uint64_t early = 0;
  for (std::size_t i = 1; i < times.size(); ++i) early += times[i] < times[i - 1] ? 1 : 0;
  if (early == 0) return 0;
  std::vector<std::uint32_t> order(times.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return times[a] < times[b]; });
  reorder(invocations.function, order);
  reorder(invocations.duration_ms, order);
  reorder(invocations.time_ms, order);
  return early;
}

std::unique_ptr<TraceFile> make_loaded_trace(std::string_view form, Trace trace, const ReadOptions& options,
                                             ReadingNotes notes) {
  cut_window(trace.invocations, options);
  return std::make_unique<LoadedTrace>(form, std::move(trace), std::move(notes));
}

}  // namespace thaw
