#pragma once
// A queue of things that come due: the earliest first, equal instants in the order of insertion.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "keepalive/policy.h"

namespace thaw {

class InstantQueue {
 public:
  struct Entry {
    Instant at{};
    std::uint32_t id = 0;     ///< Container or function.
    std::uint32_t stamp = 0;  ///< Tells a valid entry from an outdated one.
    std::uint64_t serial = 0;
  };

  [[nodiscard]] bool empty() const { return heap_.empty(); }
  /// When the first is due; `forever` when there is none.
  [[nodiscard]] Instant first() const { return heap_.empty() ? forever : heap_.front().at; }

  void push(Instant at, std::uint32_t id, std::uint32_t stamp) {
    heap_.push_back({at, id, stamp, serial_++});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  Entry pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Entry entry = heap_.back();
    heap_.pop_back();
    return entry;
  }

 private:
  static bool later(const Entry& a, const Entry& b) {
    return a.at != b.at ? a.at > b.at : a.serial > b.serial;
  }

  std::vector<Entry> heap_;
  std::uint64_t serial_ = 0;
};

}  // namespace thaw
