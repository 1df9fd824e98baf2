#include "trace/profile.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "stats/histogram.h"

namespace thaw {
namespace {

constexpr double minute_ms = 60000;
constexpr double second_ms = 1000;
constexpr std::size_t most_bins = 10080;  // a week of minutes

/// The times between the events of a series.
struct Gaps {
  double count = 0;  ///< Of events.
  double first_ms = 0, last_ms = 0;
  double squares = 0;  ///< Sum of the squared gaps.

  void add(double time_ms) {
    if (count++ == 0) {
      first_ms = time_ms;
    } else {
      const double gap = time_ms - last_ms;
      squares += gap * gap;
    }
    last_ms = time_ms;
  }
  [[nodiscard]] double mean() const {
    return count < 2 ? std::numeric_limits<double>::quiet_NaN() : (last_ms - first_ms) / (count - 1);
  }
  /// NaN for fewer than two gaps, or where all events are at once.
  [[nodiscard]] double cv() const {
    if (count < 3 || mean() == 0) return std::numeric_limits<double>::quiet_NaN();
    const double gaps = count - 1;
    const double variance = (squares - gaps * mean() * mean()) / (gaps - 1);
    return std::sqrt(std::max(0.0, variance)) / mean();
  }
};

/// Counts per bin that double their width when they become too many.
struct RateCurve {
  std::vector<std::uint64_t> counts;
  double bin_ms = minute_ms;

  void add(double time_ms, std::uint64_t count) {
    while (time_ms >= bin_ms * static_cast<double>(most_bins)) widen();
    const auto bin = static_cast<std::size_t>(time_ms / bin_ms);
    if (bin >= counts.size()) counts.resize(bin + 1);
    counts[bin] += count;
  }

 private:
  void widen() {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const std::uint64_t count = counts[i];
      counts[i] = 0;
      counts[i / 2] += count;
    }
    counts.resize((counts.size() + 1) / 2);
    bin_ms *= 2;
  }
};

/// Invocations in windows of one width: the busiest one, and how the counts vary, empty windows included.
class WindowCounts {
 public:
  /// Finished windows go into the curve, if there is one.
  explicit WindowCounts(double width_ms, RateCurve* curve = nullptr) : width_ms_(width_ms), curve_(curve) {}

  void add(double time_ms) {
    // Most times fall into the window of the one before.
    if (time_ms >= end_ms_) begin_window(std::floor(time_ms / width_ms_));
    ++count_;
  }
  void finish() { close_window(); }

  [[nodiscard]] std::uint64_t peak() const { return peak_; }
  [[nodiscard]] double peak_window() const { return peak_window_; }
  /// Variance over mean of the counts from the first window to the last.
  [[nodiscard]] double fano() const {
    const double windows = window_ - first_ + 1;
    if (sum_ == 0 || windows < 2) return std::numeric_limits<double>::quiet_NaN();
    const double mean = sum_ / windows;
    return (squares_ / windows - mean * mean) * windows / (windows - 1) / mean;
  }

 private:
  void begin_window(double window) {
    close_window();
    if (sum_ == 0) first_ = window;
    window_ = window;
    end_ms_ = (window + 1) * width_ms_;
  }
  void close_window() {
    const auto count = static_cast<double>(count_);
    sum_ += count;
    squares_ += count * count;
    if (count_ > peak_) {
      peak_ = count_;
      peak_window_ = window_;
    }
    if (curve_ != nullptr && count_ > 0) curve_->add(window_ * width_ms_, count_);
    count_ = 0;
  }

  double width_ms_;
  RateCurve* curve_;
  double window_ = 0, first_ = 0;
  double end_ms_ = 0;
  std::uint64_t count_ = 0, peak_ = 0;
  double peak_window_ = 0;
  double sum_ = 0, squares_ = 0;
};

/// Runs that have not ended, by the highest bit in which their end differs from the present time: a radix heap
/// (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster algorithms for the shortest path problem", 1990). When time moves on
/// by its bit b, all runs of lower bits have ended and only those of bit b have to be looked at.
class UnfinishedRuns {
 public:
  /// REQUIRES: the end is not before the present time.
  void add(double end_ms, double memory_mb) {
    ++size_;
    memory_mb_ += memory_mb;
    place({std::bit_cast<std::uint64_t>(end_ms), memory_mb});
  }

  /// Ends the runs whose end is at or before this time. REQUIRES: time does not fall.
  void advance(double time_ms) {
    const auto time = std::bit_cast<std::uint64_t>(time_ms);
    const std::size_t changed = bit_of(time);
    present_ = time;
    // At the present time itself (bucket 0) stands what has ended by now.
    const std::uint64_t lower = changed >= 63 ? ~std::uint64_t{0} : (std::uint64_t{2} << changed) - 1;
    for (std::uint64_t left = filled_ & lower; left != 0; left &= left - 1) {
      const auto bucket = static_cast<std::size_t>(std::countr_zero(left));
      filled_ &= ~(std::uint64_t{1} << bucket);
      moving_.swap(buckets_[bucket]);
      for (const Run& run : moving_) {
        if (run.end > time) {
          place(run);
        } else {
          --size_;
          memory_mb_ -= run.memory_mb;
        }
      }
      moving_.clear();
    }
    if (size_ == 0) memory_mb_ = 0;  // no rounding is carried on
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] double memory_mb() const { return memory_mb_; }

 private:
  struct Run {
    std::uint64_t end;  ///< Bits of the double: of numbers that are not negative, these sort alike.
    double memory_mb;
  };

  /// 0 for the present time, else 1 + the highest bit that differs. Not negative numbers differ in 63 bits.
  [[nodiscard]] std::size_t bit_of(std::uint64_t time) const {
    return static_cast<std::size_t>(std::bit_width(time ^ present_));
  }
  void place(const Run& run) {
    const std::size_t bucket = bit_of(run.end);
    buckets_[bucket].push_back(run);
    filled_ |= std::uint64_t{1} << bucket;
  }

  std::array<std::vector<Run>, 64> buckets_;
  std::vector<Run> moving_;
  std::uint64_t filled_ = 0;  ///< Buckets that hold runs.
  std::uint64_t present_ = 0;
  std::uint64_t size_ = 0;
  double memory_mb_ = 0;
};

/// What runs at once when every invocation is warm and none waits.
struct Concurrency {
  std::uint64_t peak = 0;
  double peak_mb = 0, busy_ms = 0, busy_mb_ms = 0, last_end = 0;

  void add(double time_ms, double duration_ms, double memory_mb) {
    running.advance(time_ms);
    running.add(time_ms + duration_ms, memory_mb);
    peak = std::max(peak, running.size());
    peak_mb = std::max(peak_mb, running.memory_mb());
    busy_ms += duration_ms;
    busy_mb_ms += duration_ms * memory_mb;
    last_end = std::max(last_end, time_ms + duration_ms);
  }

 private:
  UnfinishedRuns running;
};

/// What a pass needs of one function, and gathers.
struct FunctionTally {
  double warm_ms = 0, memory_mb = 0;
  Gaps gaps;
};

class Profiler {
 public:
  explicit Profiler(const TraceFile& trace) : trace_(trace), functions_(trace.functions()) {
    tallies_.reserve(functions_.size());
    for (const TraceFunction& function : functions_)
      tallies_.push_back({function.warm_ms, function.memory_mb, {}});
  }

  Result<TraceProfile> run() {
    // Microseconds, up to a month, in three digits.
    THAW_TRY(durations_, Histogram::create({.lowest = 1, .highest = 2'600'000'000'000}));
    THAW_TRY(const std::unique_ptr<InvocationSource> source, trace_.open());
    InvocationBlock block;
    for (;;) {
      THAW_CHECK(source->next(block));
      if (block.size() == 0) break;
      add(block);
    }
    return finish();
  }

 private:
  void add(const InvocationBlock& block) {
    const bool has_durations = !block.duration_ms.empty();
    profile_.has_recorded = profile_.has_recorded || has_durations;
    for (std::size_t i = 0; i < block.size(); ++i) {
      const double time = block.time_ms[i];
      FunctionTally& tally = tallies_[block.function[i]];
      const double duration = has_durations ? block.duration_ms[i] : tally.warm_ms;
      minutes_.add(time);
      seconds_.add(time);
      gaps_.add(time);
      tally.gaps.add(time);
      concurrency_.add(time, duration, tally.memory_mb);
      if (has_durations) durations_->record(static_cast<std::int64_t>(std::llround(duration * 1000)));
    }
    profile_.invocations += block.size();
  }

  TraceProfile finish() {
    profile_.form = trace_.form();
    profile_.functions = functions_.size();
    profile_.repairs = trace_.repairs();
    profile_.remarks = trace_.remarks();
    finish_rate();
    finish_popularity();
    profile_.memory_mb = spreads(&TraceFunction::memory_mb);
    profile_.warm_ms = spreads(&TraceFunction::warm_ms);
    profile_.cold_ms = spreads(&TraceFunction::cold_ms);
    profile_.init_ms = spreads(&TraceFunction::init_ms);
    finish_recorded();
    finish_concurrency();
    finish_gaps();
    return std::move(profile_);
  }

  void finish_rate() {
    profile_.first_ms = gaps_.first_ms;
    profile_.last_ms = gaps_.last_ms;
    minutes_.finish();
    seconds_.finish();
    profile_.rate = std::move(rate_.counts);
    profile_.rate_bin_ms = rate_.bin_ms;
    profile_.peak_per_s = seconds_.peak();
    profile_.peak_per_minute = minutes_.peak();
    profile_.peak_minute_ms = minutes_.peak_window() * minute_ms;
    profile_.fano_per_minute = minutes_.fano();
    const double span_s = (profile_.last_ms - profile_.first_ms) / 1000;
    profile_.mean_per_s = span_s > 0 ? static_cast<double>(profile_.invocations) / span_s
                                     : std::numeric_limits<double>::quiet_NaN();
  }

  void finish_popularity() {
    std::vector<double> calls;
    for (const FunctionTally& tally : tallies_) {
      if (tally.gaps.count > 0) calls.push_back(tally.gaps.count);
    }
    profile_.invoked_functions = calls.size();
    std::sort(calls.begin(), calls.end(), std::greater<>());
    std::size_t next = 1, step = 0;
    double sum = 0;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      sum += calls[i];
      const bool is_last = i + 1 == calls.size();
      if (i + 1 != next && !is_last) continue;
      profile_.popularity.push_back({i + 1, sum / static_cast<double>(profile_.invocations)});
      next = step++ % 3 == 1 ? next * 5 / 2 : next * 2;  // 1 2 5 10 20 50 …
    }
  }

  template <class Member>
  TwoSpreads spreads(Member member) const {
    std::vector<double> values, calls;
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      values.push_back(std::invoke(member, functions_[i]));
      calls.push_back(tallies_[i].gaps.count);
    }
    const std::vector<double> ones(values.size(), 1.0);
    return {weighted_spread(values, ones), weighted_spread(values, calls)};
  }

  void finish_recorded() {
    if (!profile_.has_recorded) return;
    const auto at = [&](double level) { return static_cast<double>(*durations_->quantile(level)) / 1000; };
    profile_.recorded_ms = {.mean = concurrency_.busy_ms / static_cast<double>(profile_.invocations),
                            .minimum = at(0),
                            .p5 = at(0.05),
                            .p25 = at(0.25),
                            .p50 = at(0.5),
                            .p75 = at(0.75),
                            .p95 = at(0.95),
                            .p99 = at(0.99),
                            .maximum = at(1)};
  }

  void finish_concurrency() {
    const double span = concurrency_.last_end - profile_.first_ms;
    profile_.peak_running = concurrency_.peak;
    profile_.peak_running_mb = concurrency_.peak_mb;
    profile_.mean_running = span > 0 ? concurrency_.busy_ms / span : 0;
    profile_.mean_running_mb = span > 0 ? concurrency_.busy_mb_ms / span : 0;
  }

  void finish_gaps() {
    profile_.iat_cv = gaps_.cv();
    profile_.iat_mean_ms = gaps_.mean();
    std::vector<double> cvs;
    for (const FunctionTally& tally : tallies_) {
      if (const double cv = tally.gaps.cv(); !std::isnan(cv)) cvs.push_back(cv);
    }
    profile_.function_iat_cv = weighted_spread(cvs, std::vector<double>(cvs.size(), 1.0));
  }

  const TraceFile& trace_;
  const std::vector<TraceFunction>& functions_;
  TraceProfile profile_;
  RateCurve rate_;
  WindowCounts minutes_{minute_ms, &rate_}, seconds_{second_ms};
  Concurrency concurrency_;
  Gaps gaps_;
  std::optional<Histogram> durations_;
  std::vector<FunctionTally> tallies_;
};

}  // namespace

Spread weighted_spread(std::span<const double> values, std::span<const double> weights) {
  std::vector<std::size_t> order;
  double total = 0, moment = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (weights[i] <= 0) continue;
    order.push_back(i);
    total += weights[i];
    moment += weights[i] * values[i];
  }
  if (order.empty()) return {};
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> cumulative;
  double sum = 0;
  for (const std::size_t i : order) cumulative.push_back(sum += weights[i]);
  const auto at = [&](double level) {
    const auto found = std::lower_bound(cumulative.begin(), cumulative.end(), level * total);
    const auto place = std::min<std::ptrdiff_t>(found - cumulative.begin(), std::ssize(order) - 1);
    return values[order[static_cast<std::size_t>(place)]];
  };
  return {.mean = moment / total,
          .minimum = values[order.front()],
          .p5 = at(0.05),
          .p25 = at(0.25),
          .p50 = at(0.5),
          .p75 = at(0.75),
          .p95 = at(0.95),
          .p99 = at(0.99),
          .maximum = values[order.back()]};
}

Result<TraceProfile> profile(const TraceFile& trace) { return Profiler(trace).run(); }

}  // namespace thaw
