#include "sim/farthest.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

#include "sim/running.h"
#include "sim/trace_units.h"

namespace thaw {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// All invocations of each function in order, and how many of them have been.
class Future {
 public:
  explicit Future(const Trace& trace) : next_(trace.functions.size() + 1), times_(trace.invocations.size()) {
    for (const FunctionIndex f : trace.invocations.function) ++next_[f + 1];
    for (std::size_t f = 1; f < next_.size(); ++f) next_[f] += next_[f - 1];
    end_.assign(next_.begin() + 1, next_.end());
    std::vector<std::size_t> place = next_;
    for (std::size_t i = 0; i < trace.invocations.size(); ++i)
      times_[place[trace.invocations.function[i]]++] = to_nanoseconds(trace.invocations.time_ms[i]);
  }

  void pass(FunctionIndex f) { ++next_[f]; }
  /// Instant of the j-th coming invocation, from 0.
  [[nodiscard]] double coming(FunctionIndex f, std::size_t j) const {
    const std::size_t at = next_[f] + j;
    return at < end_[f] ? static_cast<double>(times_[at]) : never;
  }

 private:
  std::vector<std::size_t> next_, end_;
  std::vector<std::int64_t> times_;
};

struct IdleContainer {
  std::int64_t since = 0;
  std::int64_t last_use = 0;
  std::uint32_t id = 0;
};

/// One server of the clean model that knows the future.
class FarsightedServer {
 public:
  FarsightedServer(const Trace& trace, double memory_mb, FarthestRule rule)
      : trace_(trace),
        rule_(rule),
        capacity_(to_bytes(memory_mb)),
        memory_(memory_bytes(trace.functions)),
        future_(trace),
        idle_(trace.functions.size()),
        version_(trace.functions.size()) {
    outcome_.point = {.policy = rule == FarthestRule::plain ? "farthest" : "farthest-cost",
                      .memory_mb = memory_mb};
    outcome_.functions.resize(trace.functions.size());
    outcome_.slowdown_p50 = outcome_.slowdown_p99 = std::numeric_limits<double>::quiet_NaN();
  }

  SimulationOutcome simulate() {
    const ExecutionTimes times(trace_.functions);
    const InvocationBlock& all = trace_.invocations;
    for (std::size_t i = 0; i < all.size(); ++i) {
      now_ = to_nanoseconds(all.time_ms[i]);
      running_.finish_until(now_, [this](const auto& execution) { rest(execution); });
      future_.pass(all.function[i]);
      serve(all.function[i], times.of(all, i));
    }
    for (FunctionIndex f = 0; f < idle_.size(); ++f)
      for (const IdleContainer& container : idle_[f]) count_idle(f, container);
    outcome_.invocations = all.size();
    outcome_.end_pool = pool_;
    outcome_.end_used_mb = static_cast<double>(used_) / 1e6;
    return std::move(outcome_);
  }

 private:
  struct Candidate {
    double rank = 0;  ///< At the instant of entry; it only falls until the function's idle containers change.
    std::int64_t last_use = 0;
    std::uint32_t id = 0;
    FunctionIndex function = 0;
    std::uint32_t version = 0;
  };
  static bool goes_later(const Candidate& a, const Candidate& b) {
    if (a.rank != b.rank) return a.rank < b.rank;
    return a.last_use != b.last_use ? a.last_use > b.last_use : a.id > b.id;
  }

  /// The execution is over and its container idle.
  void rest(const RunningExecutions::Execution& execution) {
    const FunctionIndex f = execution.function;
    idle_[f].push_back({execution.end, last_use_[execution.container], execution.container});
    running_bytes_ -= memory_[f];
    propose(f);
  }

  void serve(FunctionIndex f, const ExecutionTime& time) {
    FunctionOutcome& counts = outcome_.functions[f];
    if (!idle_[f].empty()) {
      const IdleContainer container = idle_[f].back();
      idle_[f].pop_back();
      count_idle(f, container);
      run(f, container.id, time.warm);
      ++counts.warm;
      ++outcome_.warm;
    } else if (running_bytes_ + memory_[f] > capacity_) {
      ++counts.dropped;
      ++outcome_.dropped;
    } else {
      while (used_ + memory_[f] > capacity_) evict();
      used_ += memory_[f];
      outcome_.max_pool = std::max(outcome_.max_pool, ++pool_);
      last_use_.push_back(now_);
      run(f, static_cast<std::uint32_t>(last_use_.size() - 1), time.cold);
      ++counts.cold;
      ++outcome_.cold;
    }
  }

  void run(FunctionIndex f, std::uint32_t container, std::int64_t duration) {
    last_use_[container] = now_;
    running_bytes_ += memory_[f];
    running_.start(now_ + duration, f, container);
  }

  /// How much the deepest idle container of a function wants to go.
  [[nodiscard]] double rank_of(FunctionIndex f) const {
    const double next_use = future_.coming(f, idle_[f].size() - 1);
    if (rule_ == FarthestRule::plain || next_use == never) return next_use;
    const double init = trace_.functions[f].init_ms();
    return init > 0 ? (next_use - static_cast<double>(now_)) * static_cast<double>(memory_[f]) / init : never;
  }

  void propose(FunctionIndex f) {
    const IdleContainer& deepest = idle_[f].front();
    if (candidates_.size() > 4 * idle_.size() + 1024) forget_outdated();
    candidates_.push_back({rank_of(f), deepest.last_use, deepest.id, f, ++version_[f]});
    std::push_heap(candidates_.begin(), candidates_.end(), goes_later);
  }

  [[nodiscard]] bool is_outdated(const Candidate& candidate) const {
    return candidate.version != version_[candidate.function] || idle_[candidate.function].empty();
  }

  void forget_outdated() {
    std::erase_if(candidates_, [this](const Candidate& each) { return is_outdated(each); });
    std::make_heap(candidates_.begin(), candidates_.end(), goes_later);
  }

  /// Evicts the container that wants to go most. Ranks fall with time, so an entry on top whose rank has fallen is put
  /// back at its present rank; one that keeps it is the largest of all.
  void evict() {
    while (true) {
      std::pop_heap(candidates_.begin(), candidates_.end(), goes_later);
      Candidate& top = candidates_.back();
      if (is_outdated(top)) {
        candidates_.pop_back();
        continue;
      }
      const double rank = rank_of(top.function);
      if (rank < top.rank) {
        top.rank = rank;
        std::push_heap(candidates_.begin(), candidates_.end(), goes_later);
        continue;
      }
      const FunctionIndex f = top.function;
      candidates_.pop_back();
      remove_deepest(f);
      return;
    }
  }

  void remove_deepest(FunctionIndex f) {
    count_idle(f, idle_[f].front());
    idle_[f].pop_front();
    used_ -= memory_[f];
    --pool_;
    ++outcome_.evictions;
    ++outcome_.functions[f].evictions;
    if (!idle_[f].empty()) propose(f);
  }

  void count_idle(FunctionIndex f, const IdleContainer& container) {
    outcome_.idle_gb_s +=
        static_cast<double>(memory_[f]) * 1e-9 * static_cast<double>(now_ - container.since) * 1e-9;
  }

  const Trace& trace_;
  FarthestRule rule_;
  std::int64_t capacity_;
  std::vector<std::int64_t> memory_;
  Future future_;
  std::vector<std::deque<IdleContainer>> idle_;  ///< By function, the one that finished last at the back.
  std::vector<std::uint32_t> version_;           ///< By function: of its one valid candidate.
  std::vector<Candidate> candidates_;            ///< Heap.
  std::vector<std::int64_t> last_use_;           ///< By container.
  RunningExecutions running_;
  std::int64_t now_ = 0;
  std::int64_t used_ = 0;
  std::int64_t running_bytes_ = 0;
  std::uint64_t pool_ = 0;
  SimulationOutcome outcome_;
};

}  // namespace

SimulationOutcome simulate_farthest(const Trace& trace, double memory_mb, FarthestRule rule) {
  return FarsightedServer(trace, memory_mb, rule).simulate();
}

}  // namespace thaw
