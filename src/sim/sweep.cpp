#include "sim/sweep.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/process.h"
#include "sim/shared_trace.h"

namespace thaw {
namespace {

/// A simulation on its way, and the time that it has taken so far.
struct RunningPoint {
  std::uint64_t index;
  SweepPoint point;
  std::unique_ptr<Simulation> simulation;
  Nanos taken{};
};

/// What all workers share.
class Sweep {
 public:
  Sweep(const SweepConfiguration& configuration, const SweepLimits& limits, Clock& clock,
        const PointSink& sink, const SweepProgress& progress)
      : configuration_(configuration),
        limits_(limits),
        clock_(clock),
        sink_(sink),
        progress_(progress),
        points_(span_points(configuration.axes)) {}

  Result<> run(std::span<const std::uint64_t> todo) {
    const unsigned workers =
        limits_.workers != 0 ? limits_.workers : std::max(1U, std::thread::hardware_concurrency());
    for (const auto& [key, indices] : by_trace(todo)) {
      if (interrupt_signal() != 0) break;
      const SweepPoint& first = points_[indices.front()];
      auto trace = SharedTrace::open(key.first, configuration_.read, limits_.most_in_memory, key.second,
                                     first.point.seed);
      if (!trace) return tl::unexpected(std::move(trace).error());
      THAW_CHECK(run_trace(**trace, indices, workers));
    }
    return {};
  }

 private:
  using TraceKey = std::pair<std::string, std::pair<std::uint64_t, std::uint64_t>>;

  /// Points of one trace and one choice of functions, in the order of their first point.
  std::vector<std::pair<std::pair<std::string, std::uint64_t>, std::vector<std::uint64_t>>> by_trace(
      std::span<const std::uint64_t> todo) const {
    std::vector<std::pair<std::pair<std::string, std::uint64_t>, std::vector<std::uint64_t>>> groups;
    std::map<TraceKey, std::size_t> places;
    for (const std::uint64_t index : todo) {
      const SweepPoint& point = points_[index];
      // A choice of functions depends on the seed; the whole trace does not.
      const TraceKey key{point.trace, {point.functions, point.functions == 0 ? 0 : point.point.seed}};
      const auto [place, is_new] = places.emplace(key, groups.size());
      if (is_new) groups.push_back({{point.trace, point.functions}, {}});
      groups[place->second].second.push_back(index);
    }
    return groups;
  }

  Result<> run_trace(const SharedTrace& trace, std::span<const std::uint64_t> indices, unsigned workers) {
    // In memory a pass is free, so points are handed out one by one; a streamed pass is shared by a worker's points.
    const std::size_t share = (indices.size() + workers - 1) / workers;
    const std::size_t batch = trace.is_in_memory() ? 1 : share;
    std::atomic<std::size_t> next{0};
    std::optional<Error> failure;
    const auto work = [&] {
      for (;;) {
        const std::size_t begin = next.fetch_add(batch);
        if (begin >= indices.size() || interrupt_signal() != 0 || is_stopped_) return;
        const auto done = run_batch(trace, indices.subspan(begin, std::min(batch, indices.size() - begin)));
        if (!done) {
          const std::lock_guard lock(mutex_);
          if (!failure) failure = done.error();
          is_stopped_ = true;
        }
      }
    };
    {
      std::vector<std::jthread> threads;
      const std::size_t batches = (indices.size() + batch - 1) / batch;
      for (std::size_t i = 1; i < std::min<std::size_t>(workers, batches); ++i) threads.emplace_back(work);
      work();
    }
    if (failure) return tl::unexpected(*std::move(failure));
    return {};
  }

  Result<> run_batch(const SharedTrace& trace, std::span<const std::uint64_t> indices) {
    std::vector<RunningPoint> running;
    for (const std::uint64_t index : indices) {
      THAW_TRY(auto simulation, make_simulation(points_[index].point, trace.functions()));
      running.push_back({index, points_[index], std::move(simulation)});
    }
    auto source = trace.pass();
    if (!source) return tl::unexpected(std::move(source).error());
    InvocationBlock own;
    for (;;) {
      if (interrupt_signal() != 0 || is_stopped_) return {};
      THAW_TRY(const InvocationBlock* block, (*source)->next_block(own));
      if (block->size() == 0) break;
      for (RunningPoint& point : running) {
        const MonotonicTime start = clock_.now();
        THAW_CHECK(point.simulation->take(*block));
        point.taken += clock_.now() - start;
      }
      if (progress_)
        progress_(simulated_.fetch_add(block->size() * running.size()) + block->size() * running.size());
    }
    for (RunningPoint& point : running) THAW_CHECK(hand_over(point, trace));
    return {};
  }

  Result<> hand_over(RunningPoint& point, const SharedTrace& trace) {
    OutcomeRow row{point.index, point.point, trace.functions().size(), point.simulation->finish(), {}};
    row.costs = costs_of(row.outcome, trace.functions());
    const double wall_s = to_seconds(point.taken);
    const double speed = static_cast<double>(row.outcome.invocations) / wall_s;
    FinishedPoint finished{.index = point.index};
    CsvLine line;
    add_fields(line, outcome_fields(), row);
    finished.row = line.finish();
    add_fields(line, timing_fields(), OutcomeTiming{point.index, wall_s, speed});
    finished.timing = line.finish();
    if (configuration_.per_function) {
      for (std::size_t f = 0; f < row.outcome.functions.size(); ++f) {
        add_fields(line, function_fields(),
                   FunctionRow{point.index, &row, &trace.functions()[f], row.outcome.functions[f]});
        finished.function_rows += line.finish();
      }
    }
    const std::lock_guard lock(mutex_);
    return sink_(finished);
  }

  const SweepConfiguration& configuration_;
  const SweepLimits& limits_;
  Clock& clock_;
  const PointSink& sink_;
  const SweepProgress& progress_;
  std::vector<SweepPoint> points_;
  std::mutex mutex_;
  std::atomic<bool> is_stopped_{false};
  std::atomic<std::uint64_t> simulated_{0};
};

}  // namespace

Result<> run_points(const SweepConfiguration& configuration, std::span<const std::uint64_t> todo,
                    const SweepLimits& limits, Clock& clock, const PointSink& sink,
                    const SweepProgress& progress) {
  return Sweep(configuration, limits, clock, sink, progress).run(todo);
}

}  // namespace thaw
