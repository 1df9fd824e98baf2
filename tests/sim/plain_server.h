#pragma once
// The clean model written down as plainly as possible, with every decision handed in: what tests compare bounds and
// clever implementations with.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "trace/trace.h"

namespace thaw::testing {

struct PlainContainer {
  std::uint32_t id = 0;
  FunctionIndex function = 0;
  std::int64_t last_use = 0;
  std::int64_t end = 0;  ///< Of its last execution.
};

class PlainServer {
 public:
  /// Whether container a goes before container b. Asked at `now`, before the invocation `index` is served.
  using GoesFirst = std::function<bool(const PlainServer&, const PlainContainer& a, const PlainContainer& b)>;
  /// Called before each invocation is served; may remove and start containers.
  using BeforeArrival = std::function<void(PlainServer&)>;

  PlainServer(const Trace& trace, double memory_mb) : trace_(trace), capacity_(bytes(memory_mb)) {}

  void simulate(const GoesFirst& goes_first, const BeforeArrival& before = {}) {
    for (index = 0; index < trace_.invocations.size(); ++index) {
      now = nanoseconds(trace_.invocations.time_ms[index]);
      if (before) before(*this);
      serve(trace_.invocations.function[index], goes_first);
    }
  }

  [[nodiscard]] bool is_idle(const PlainContainer& container) const { return container.end <= now; }
  [[nodiscard]] std::int64_t memory(FunctionIndex f) const { return bytes(trace_.functions[f].memory_mb); }
  [[nodiscard]] std::int64_t used() const {
    std::int64_t sum = 0;
    for (const PlainContainer& each : pool) sum += memory(each.function);
    return sum;
  }

  /// Starts a container ahead of time if there is room.
  void prewarm(FunctionIndex f) {
    if (used() + memory(f) > capacity_) return;
    pool.push_back({next_id_++, f, now, now});
    ++prewarms;
    cost_ms += trace_.functions[f].init_ms();
  }

  std::vector<PlainContainer> pool;
  std::size_t index = 0;
  std::int64_t now = 0;
  std::uint64_t cold = 0, warm = 0, dropped = 0, evictions = 0, prewarms = 0;
  double cost_ms = 0;  ///< Σ init over cold, dropped and pre-warmed.
  std::int64_t most_used = 0;

  static std::int64_t bytes(double memory_mb) { return std::llround(memory_mb * 1e6); }
  static std::int64_t nanoseconds(double ms) { return std::llround(ms * 1e6); }

 private:
  void serve(FunctionIndex f, const GoesFirst& goes_first) {
    const TraceFunction& function = trace_.functions[f];
    PlainContainer* chosen = nullptr;
    std::int64_t running = 0;
    for (PlainContainer& each : pool) {
      if (!is_idle(each)) running += memory(each.function);
      if (each.function == f && is_idle(each) && (chosen == nullptr || each.end >= chosen->end))
        chosen = &each;
    }
    if (chosen != nullptr) {
      chosen->last_use = now;
      chosen->end = now + nanoseconds(function.warm_ms);
      ++warm;
      return;
    }
    cost_ms += function.init_ms();
    if (running + memory(f) > capacity_) {
      ++dropped;
      return;
    }
    while (used() + memory(f) > capacity_) evict(goes_first);
    pool.push_back({next_id_++, f, now, now + nanoseconds(function.cold_ms)});
    ++cold;
    most_used = std::max(most_used, used());
  }

  void evict(const GoesFirst& goes_first) {
    auto victim = pool.end();
    for (auto each = pool.begin(); each != pool.end(); ++each) {
      if (is_idle(*each) && (victim == pool.end() || goes_first(*this, *each, *victim))) victim = each;
    }
    pool.erase(victim);
    ++evictions;
  }

  const Trace& trace_;
  std::int64_t capacity_;
  std::uint32_t next_id_ = 0;
};

inline bool least_recently_used(const PlainServer&, const PlainContainer& a, const PlainContainer& b) {
  return a.last_use != b.last_use ? a.last_use < b.last_use : a.id < b.id;
}

}  // namespace thaw::testing
