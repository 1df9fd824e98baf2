#pragma once
// A policy that does what a test says, and tells what it was told.

#include <string>
#include <vector>

#include "keepalive/pool.h"
#include "keepalive/victim_order.h"

namespace thaw::testing {

constexpr Instant at_ms(std::int64_t ms) { return std::chrono::milliseconds(ms); }
constexpr Bytes mb(std::int64_t n) { return Bytes{n * 1'000'000}; }

/// Least recently used, but for the answers that a test has set.
class ScriptedPolicy final : public KeepAlivePolicy {
 public:
  Retention retention;           ///< For the next starts.
  bool waits = false;            ///< For a busy container.
  Instant tick = forever;        ///< The next one; forever after it.
  std::vector<FunctionId> wish;  ///< What the tick wants started.
  bool watches = false;          ///< Every container that starts.

  std::vector<ContainerId> idle;       ///< on_idle
  std::vector<FunctionId> arrivals;    ///< on_arrival
  std::vector<ContainerId> prewarmed;  ///< on_prewarmed
  std::vector<Instant> ticks;          ///< on_tick
  std::vector<Removal> removals;       ///< on_removed
  std::vector<Instant> removal_times;

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    order_.attach(pool);
  }
  Retention on_start(ContainerId id, bool, Instant) override {
    order_.use(id);
    if (watches) pool().watch(id);
    return retention;
  }
  void on_prewarmed(ContainerId id, Instant) override {
    order_.use(id);
    prewarmed.push_back(id);
  }
  void on_idle(ContainerId id, Instant) override {
    order_.idle(id);
    idle.push_back(id);
  }
  void on_removed(ContainerId id, Removal reason, Instant now) override {
    order_.remove(id);
    removals.push_back(reason);
    removal_times.push_back(now);
  }
  bool choose_victims(Bytes to_free, FunctionId, Instant now, std::vector<ContainerId>& victims) override {
    return order_.choose(to_free, now, victims);
  }
  [[nodiscard]] bool wants_arrivals() const override { return true; }
  void on_arrival(FunctionId function, Instant) override { arrivals.push_back(function); }
  [[nodiscard]] bool may_wait() const override { return true; }
  bool waits_for_busy(FunctionId, Instant) override { return waits; }
  [[nodiscard]] Instant next_tick() const override { return tick; }
  void on_tick(Instant now, std::vector<Prewarm>& prewarm) override {
    ticks.push_back(now);
    tick = forever;
    for (const FunctionId function : wish) prewarm.push_back({.function = function});
  }

 private:
  RecencyOrder order_;
};

/// A pool, its policy, and functions of 100 MB.
struct Server {
  explicit Server(Bytes capacity, std::size_t functions = 3) {
    auto made = std::make_unique<ScriptedPolicy>();
    policy = made.get();
    pool = std::make_unique<Pool>(capacity, std::move(made));
    for (std::size_t f = 0; f < functions; ++f) {
      pool->add_function(mb(100), std::chrono::milliseconds(500), std::chrono::milliseconds(100));
    }
  }

  /// An invocation that runs for so many ms.
  Placement run(FunctionId function, std::int64_t from_ms, std::int64_t for_ms) {
    const Placement placement = start(function, from_ms);
    if (placement.outcome != Outcome::dropped)
      pool->runs_until(placement.container, placement.starts_at + at_ms(for_ms));
    return placement;
  }
  /// An invocation that ends when the test says so.
  Placement start(FunctionId function, std::int64_t from_ms) {
    pool->advance(at_ms(from_ms));
    return pool->place(function, at_ms(from_ms));
  }

  ScriptedPolicy* policy = nullptr;
  std::unique_ptr<Pool> pool;
};

}  // namespace thaw::testing
