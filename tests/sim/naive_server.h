#pragma once
// The rules of the clean model once more, as plainly as they can be said: a list of containers that is searched from one
// end to the other for each invocation. Shares no code with the pool, so that each checks the other.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sim/outcome.h"

namespace thaw::testing {

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// Integers: nanoseconds and bytes.
struct NaiveFunction {
  std::int64_t memory = 0, init = 0, warm = 0;
  std::uint64_t uses = 0;  ///< Since it last had no container.
  FunctionOutcome counts;
};

struct NaiveContainer {
  std::size_t function = 0;
  std::int64_t born = 0, idle_from = 0;
  double rank = 0;
  std::uint64_t last_use = 0;
};

class NaiveServer {
 public:
  /// `policy`: lru, ttl, gd, freq, size or lnd; `keep` in ns, `never` for as long as there is room.
  NaiveServer(std::string policy, std::int64_t keep, double memory_mb,
              const std::vector<TraceFunction>& functions)
      : policy_(std::move(policy)), keep_(keep), capacity_(whole(memory_mb * 1e6)) {
    for (const TraceFunction& f : functions) {
      functions_.push_back(
          {whole(f.memory_mb * 1e6), whole(f.init_ms() * 1e6), whole(f.warm_ms * 1e6), 0, {}});
    }
  }

  /// From now on as the research simulator evicts: memory for the whole newcomer, whatever is free already, and also
  /// when that is not enough; a function's clones count as used together.
  void evict_like_the_reference() { is_reference_ = true; }

  /// What became of an invocation; ns.
  struct Run {
    bool is_served = false;
    std::int64_t init = 0, service = 0;
  };

  /// `duration_ms` below zero: the function's own.
  Run invoke(double time_ms, std::size_t f, double duration_ms = -1) {
    return invoke_at(whole(time_ms * 1e6), f, duration_ms);
  }
  Run invoke_at(std::int64_t now, std::size_t f, double duration_ms = -1) {
    now_ = now;
    ++outcome_.invocations;
    expire();
    NaiveFunction& function = functions_[f];
    const std::int64_t duration = duration_ms < 0 ? function.warm : whole(duration_ms * 1e6);
    if (NaiveContainer* warm = last_to_finish(f); warm != nullptr) {
      ++function.counts.warm;
      run(*warm, duration);
      return {true, 0, duration};
    }
    if (!evict_for(function.memory)) {
      ++function.counts.dropped;
      return {};
    }
    ++function.counts.cold;
    if (containers_of(f) == 0) function.uses = 0;
    containers_.push_back({f, now_, now_, 0, 0});
    run(containers_.back(), function.init + duration);
    outcome_.max_pool = std::max<std::uint64_t>(outcome_.max_pool, containers_.size());
    return {true, function.init, duration};
  }

  /// Ended at the last invocation, or later.
  SimulationOutcome finish(std::int64_t end = 0) {
    now_ = std::max(now_, end);
    expire();
    for (const NaiveContainer& left : containers_) bury(left, now_);
    for (const NaiveFunction& function : functions_) {
      outcome_.functions.push_back(function.counts);
      outcome_.cold += function.counts.cold;
      outcome_.warm += function.counts.warm;
      outcome_.dropped += function.counts.dropped;
      outcome_.evictions += function.counts.evictions;
    }
    // What is idle is what exists and does not run.
    double running = 0;
    for (const Busy& busy : busy_) {
      running += static_cast<double>(busy.memory) * static_cast<double>(std::min(busy.to, now_) - busy.from);
    }
    outcome_.end_pool = containers_.size();
    outcome_.end_used_mb = static_cast<double>(used()) / 1e6;
    outcome_.idle_gb_s = (existing_ - running) / 1e18;
    return outcome_;
  }

 private:
  struct Busy {
    std::int64_t memory = 0, from = 0, to = 0;
  };

  static std::int64_t whole(double x) { return static_cast<std::int64_t>(x + 0.5); }

  [[nodiscard]] bool is_idle(const NaiveContainer& c) const { return c.idle_from <= now_; }

  [[nodiscard]] std::int64_t used() const {
    std::int64_t sum = 0;
    for (const NaiveContainer& c : containers_) sum += functions_[c.function].memory;
    return sum;
  }

  [[nodiscard]] std::int64_t containers_of(std::size_t f) const {
    return std::count_if(containers_.begin(), containers_.end(),
                         [f](const NaiveContainer& c) { return c.function == f; });
  }

  void bury(const NaiveContainer& c, std::int64_t at) {
    existing_ += static_cast<double>(functions_[c.function].memory) * static_cast<double>(at - c.born);
  }

  void expire() {
    if (keep_ == never) return;
    std::erase_if(containers_, [this](const NaiveContainer& c) {
      if (c.idle_from + keep_ >= now_) return false;
      bury(c, c.idle_from + keep_);
      ++outcome_.expirations;
      return true;
    });
  }

  NaiveContainer* last_to_finish(std::size_t f) {
    NaiveContainer* best = nullptr;
    for (NaiveContainer& c : containers_) {
      if (c.function != f || !is_idle(c)) continue;
      const bool is_later = best == nullptr || c.idle_from > best->idle_from ||
                            (c.idle_from == best->idle_from && c.last_use > best->last_use);
      if (is_later) best = &c;
    }
    return best;
  }

  [[nodiscard]] double value(const NaiveFunction& f) const {
    const double init = static_cast<double>(f.init) / 1e6, memory = static_cast<double>(f.memory) / 1e6;
    const auto uses = static_cast<double>(f.uses);
    if (policy_ == "gd") return uses * (init / memory);
    if (policy_ == "freq") return uses * init;
    if (policy_ == "size") return uses / memory;
    if (policy_ == "lnd") return init / memory;
    return 0;  // by last use alone
  }

  void run(NaiveContainer& c, std::int64_t duration) {
    NaiveFunction& function = functions_[c.function];
    ++function.uses;
    c.last_use = ++serial_;
    c.rank = clock_ + value(function);
    for (NaiveContainer& clone : containers_) {
      if (is_reference_ && clone.function == c.function) clone.last_use = serial_, clone.rank = c.rank;
    }
    c.idle_from = now_ + duration;
    busy_.push_back({function.memory, now_, c.idle_from});
  }

  bool evict_for(std::int64_t memory) {
    if (used() + memory <= capacity_) return true;
    std::int64_t idle = 0;
    for (const NaiveContainer& c : containers_) idle += is_idle(c) ? functions_[c.function].memory : 0;
    if (!is_reference_ && used() - idle + memory > capacity_) return false;
    const std::int64_t to_free = is_reference_ ? memory : used() + memory - capacity_;
    for (std::int64_t freed = 0; freed < to_free && freed < idle;) {
      auto victim = containers_.end();
      for (auto c = containers_.begin(); c != containers_.end(); ++c) {
        if (!is_idle(*c)) continue;
        const bool is_lower = victim == containers_.end() || c->rank < victim->rank ||
                              (c->rank == victim->rank && c->last_use < victim->last_use);
        if (is_lower) victim = c;
      }
      clock_ = victim->rank;
      freed += functions_[victim->function].memory;
      ++functions_[victim->function].counts.evictions;
      bury(*victim, now_);
      containers_.erase(victim);
    }
    return used() + memory <= capacity_;
  }

  std::string policy_;
  std::int64_t keep_;
  std::int64_t capacity_;
  bool is_reference_ = false;
  std::int64_t now_ = 0;
  double clock_ = 0;
  double existing_ = 0;  ///< Byte-nanoseconds of containers that are gone.
  std::uint64_t serial_ = 0;
  std::vector<NaiveFunction> functions_;
  std::vector<NaiveContainer> containers_;
  std::vector<Busy> busy_;
  SimulationOutcome outcome_;
};

}  // namespace thaw::testing
