#pragma once
// The research simulator in the plainest form: every step looks at every container, and the heap functions
// are those of Python's heapq written out. Slow and obvious, to compare the fast one with.

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/random.h"
#include "sim/faascache/policy.h"
#include "sim/outcome.h"

namespace thaw::naive {

using faascache::Policy;

struct Container {
  FunctionIndex function = 0;
  double priority = 0;
  double last_access = 0;
  double frequency = 0;
};
using Ref = std::shared_ptr<Container>;
using Heap = std::vector<Ref>;

inline bool less(const Ref& a, const Ref& b) { return a->priority < b->priority; }

inline void siftdown(Heap& heap, std::size_t start, std::size_t pos) {
  const Ref item = heap[pos];
  while (pos > start) {
    const std::size_t parent = (pos - 1) / 2;
    if (!less(item, heap[parent])) break;
    heap[pos] = heap[parent];
    pos = parent;
  }
  heap[pos] = item;
}

inline void siftup(Heap& heap, std::size_t pos) {
  const std::size_t start = pos;
  const Ref item = heap[pos];
  for (std::size_t child = 2 * pos + 1; child < heap.size(); child = 2 * pos + 1) {
    if (child + 1 < heap.size() && !less(heap[child], heap[child + 1])) ++child;
    heap[pos] = heap[child];
    pos = child;
  }
  heap[pos] = item;
  siftdown(heap, start, pos);
}

inline void heapify(Heap& heap) {
  for (std::size_t i = heap.size() / 2; i-- > 0;) siftup(heap, i);
}

inline void push(Heap& heap, const Ref& item) {
  heap.push_back(item);
  siftdown(heap, 0, heap.size() - 1);
}

inline Ref pop(Heap& heap) {
  Ref last = heap.back();
  heap.pop_back();
  if (heap.empty()) return last;
  std::swap(last, heap.front());
  siftup(heap, 0);
  return last;
}

class Simulator {
 public:
  Simulator(std::span<const TraceFunction> functions, Policy policy, double memory_mb, std::uint64_t seed)
      : functions_(functions),
        policy_(policy),
        capacity_(memory_mb),
        random_(seed, "sim.faascache.rand"),
        counts(functions.size()) {}

  void invoke(double t, FunctionIndex f) {
    now_ = t;
    cleanup();
    if (policy_ == Policy::histogram) {
      prewarm();
      track(f);
    }
    Ref c = find(f);
    const bool is_warm = c != nullptr;
    if (!is_warm) c = miss(f);
    if (c == nullptr) {
      ++counts[f].dropped;
      return;
    }
    ++(is_warm ? counts[f].warm : counts[f].cold);
    c->frequency += 1;
    running_.push_back({c, t + (is_warm ? functions_[f].warm_ms : functions_[f].cold_ms)});
    c->last_access = t;
    const double p = priority(c);
    for (const Ref& x : pool) {
      if (x->function == f) x->priority = p;
    }
    heapify(pool);
  }

 private:
  struct Running {
    Ref container;
    double finish;
  };
  struct History {
    double last_seen = 0, ttl = 7200000, prewarm = 0, count = 0, mean = 0, m2 = 0;
    std::vector<double> bins = std::vector<double>(240, 0.0);
  };

  double memory(const Ref& c) const { return functions_[c->function].memory_mb; }
  bool is_running(const Ref& c) const {
    return std::any_of(running_.begin(), running_.end(), [&](const Running& r) { return r.container == c; });
  }

  void cleanup() {
    std::vector<Running> still;
    std::vector<Ref> finished;
    for (const Running& r : running_) {
      if (now_ >= r.finish) {
        finished.push_back(r.container);
      } else {
        still.push_back(r);
      }
    }
    running_ = still;
    for (const Ref& c : finished) {
      const auto history = histories_.find(c->function);
      if (history != histories_.end() && history->second.prewarm != 0) remove(c);
    }
    heapify(pool);
  }

  void remove(const Ref& c) {
    pool.erase(std::find(pool.begin(), pool.end(), c));
    used_mb -= memory(c);
    heapify(pool);
  }

  void prewarm() {
    for (const FunctionIndex f : seen_) {
      const History& h = histories_[f];
      if (h.prewarm != 0 && h.prewarm + h.last_seen >= now_) {
        add(f, std::min(h.prewarm + h.last_seen, now_));
      }
    }
  }

  void track(FunctionIndex f) {
    const bool is_new = histories_.count(f) == 0;
    History& h = histories_[f];
    const double interval = now_ - h.last_seen;
    h.last_seen = now_;
    if (is_new) {
      seen_.push_back(f);
      return;
    }
    const double minute = std::floor(interval / 60000);
    if (minute >= 240) return;
    h.count += 1;
    const double delta = minute - h.mean;
    h.mean += delta / h.count;
    h.m2 += delta * (minute - h.mean);
    h.bins[static_cast<std::size_t>(minute)] += 1;
    h.ttl = 7200000;
    h.prewarm = 0;
    if (h.count < 2 || !(h.mean == 0 || h.m2 / h.count / h.mean <= 2)) return;
    const std::size_t head = first_above(h, 0.05);
    h.prewarm = static_cast<double>((head > 0 ? head - 1 : 0) * 60000) * 0.9;
    h.ttl = static_cast<double>(std::min<std::size_t>(first_above(h, 0.99) + 1, 240) * 60000) * 1.1;
  }

  static std::size_t first_above(const History& h, double share) {
    double cumulative = 0;
    for (std::size_t i = 0; i < h.bins.size(); ++i) {
      cumulative += h.bins[i] / h.count;
      if (share < cumulative) return i;
    }
    return h.bins.size();
  }

  Ref find(FunctionIndex f) {
    std::vector<Ref> own;
    for (const Ref& c : pool) {
      if (c->function == f && !is_running(c)) own.push_back(c);
    }
    const bool has_ttl =
        policy_ == Policy::ttl || policy_ == Policy::long_ttl || policy_ == Policy::histogram;
    if (!own.empty() && has_ttl) {
      const double ttl = policy_ == Policy::ttl        ? 600000
                         : policy_ == Policy::long_ttl ? 7200000
                                                       : histories_[f].ttl;
      std::vector<Ref> fresh;
      for (const Ref& c : own) {
        if (c->last_access + ttl < now_) {
          remove(c);
          ++counts[f].evictions;
        } else {
          fresh.push_back(c);
        }
      }
      own = fresh;
      if (policy_ != Policy::histogram) heapify(pool);
    }
    return own.empty() ? nullptr : own.front();
  }

  Ref miss(FunctionIndex f) {
    if (functions_[f].memory_mb + used_mb > capacity_) evict(functions_[f].memory_mb);
    const Ref c = add(f, now_);
    if (c != nullptr) heapify(pool);
    return c;
  }

  void evict(double to_free) {
    if (running_.size() == pool.size()) return;
    if (policy_ == Policy::landlord) {
      double delta = std::numeric_limits<double>::infinity();
      for (const Ref& c : pool) delta = std::min(delta, c->priority / memory(c));
      for (const Ref& c : pool) c->priority -= delta * memory(c);
      heapify(pool);
    }
    std::vector<Ref> saved, victims;
    while (to_free > 0 && !pool.empty()) {
      const Ref c = pop(pool);
      (is_running(c) ? saved : victims).push_back(c);
      if (!is_running(c)) to_free -= memory(c);
    }
    for (const Ref& c : victims) {
      used_mb -= memory(c);
      ++counts[c->function].evictions;
    }
    for (const Ref& c : saved) push(pool, c);
    if (!victims.empty()) clock_ = victims.back()->priority;
  }

  Ref add(FunctionIndex f, double at) {
    if (functions_[f].memory_mb + used_mb > capacity_) return nullptr;
    used_mb += functions_[f].memory_mb;
    auto c = std::make_shared<Container>(Container{.function = f, .last_access = at});
    c->priority = priority(c);
    push(pool, c);
    return c;
  }

  double priority(const Ref& c) {
    double frequency = 0;
    for (const Ref& x : pool) frequency += x->function == c->function ? x->frequency : 0;
    const TraceFunction& f = functions_[c->function];
    const double init = f.cold_ms - f.warm_ms;
    switch (policy_) {
      case Policy::greedy_dual:
        return clock_ + frequency * (init / f.memory_mb);
      case Policy::frequency:
        return clock_ + frequency * init;
      case Policy::size:
        return clock_ + frequency / f.memory_mb;
      case Policy::landlord:
        return f.warm_ms;
      case Policy::random:
        return static_cast<double>(random_.below(10));
      default:
        return c->last_access;
    }
  }

  std::span<const TraceFunction> functions_;
  Policy policy_;
  double capacity_;
  RandomStream random_;
  double now_ = 0;
  double clock_ = 0;
  std::vector<Running> running_;
  std::map<FunctionIndex, History> histories_;
  std::vector<FunctionIndex> seen_;

 public:
  Heap pool;
  double used_mb = 0;
  std::vector<FunctionOutcome> counts;
};

}  // namespace thaw::naive
