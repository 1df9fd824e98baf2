#pragma once
// Executions in progress, by the instant at which they end.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "trace/trace.h"

namespace thaw {

/// Executions by end; equal ends in the order in which they began.
class RunningExecutions {
 public:
  struct Execution {
    std::int64_t end = 0;
    std::uint64_t serial = 0;
    std::uint32_t container = 0;
    FunctionIndex function = 0;
  };

  void start(std::int64_t end, FunctionIndex function, std::uint32_t container = 0) {
    heap_.push_back({end, serial_++, container, function});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  /// Calls `finished(execution)` for every execution that ends at `now` or before, earliest first.
  template <class Callback>
  void finish_until(std::int64_t now, Callback&& finished) {
    while (!heap_.empty() && heap_.front().end <= now) {
      const Execution execution = heap_.front();
      std::pop_heap(heap_.begin(), heap_.end(), later);
      heap_.pop_back();
      finished(execution);
    }
  }

 private:
  static bool later(const Execution& a, const Execution& b) {
    return a.end != b.end ? a.end > b.end : a.serial > b.serial;
  }

  std::vector<Execution> heap_;
  std::uint64_t serial_ = 0;
};

}  // namespace thaw
