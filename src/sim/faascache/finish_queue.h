#pragma once
// The containers that run, by the time at which they finish. A binary heap of few bytes and few branches.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace thaw::faascache {

class FinishQueue {
 public:
  struct Entry {
    std::int64_t bits;  ///< Of the time, which is not negative: so they have its order.
    std::uint32_t container;
    [[nodiscard]] double finish_ms() const { return std::bit_cast<double>(bits); }
  };

  [[nodiscard]] std::size_t size() const { return size_; }
  /// Infinity when nothing runs.
  [[nodiscard]] double next_finish_ms() const { return heap_[0].finish_ms(); }
  /// All, in no order.
  [[nodiscard]] std::span<const Entry> entries() const { return {heap_.data(), size_}; }

  /// REQUIRES: finish_ms is not negative. Cost: O(log size).
  void push(double finish_ms, std::uint32_t container) {
    if (2 * size_ + 4 > heap_.size()) heap_.resize(2 * heap_.size(), nothing);
    // Adding zero makes the negative zero positive.
    const auto bits = std::bit_cast<std::int64_t>(finish_ms + 0.0);
    std::size_t hole = size_++;
    for (; hole > 0 && bits < heap_[(hole - 1) / 2].bits; hole = (hole - 1) / 2) {
      heap_[hole] = heap_[(hole - 1) / 2];
    }
    heap_[hole] = {bits, container};
  }

  /// Takes the container that finishes first. REQUIRES: size() > 0. Cost: O(log size).
  std::uint32_t pop() {
    const std::uint32_t first = heap_[0].container;
    const Entry moved = heap_[--size_];
    heap_[size_] = nothing;
    if (size_ == 0) return first;
    // Behind the end all is infinite, so nobody asks whether there is a child.
    std::size_t hole = 0;
    for (;;) {
      std::size_t child = 2 * hole + 1;
      child += static_cast<std::size_t>(heap_[child + 1].bits < heap_[child].bits);
      if (heap_[child].bits >= moved.bits) break;
      heap_[hole] = heap_[child];
      hole = child;
    }
    heap_[hole] = moved;
    return first;
  }

 private:
  static constexpr Entry nothing{std::bit_cast<std::int64_t>(std::numeric_limits<double>::infinity()), 0};

  std::size_t size_ = 0;
  std::vector<Entry> heap_ = std::vector<Entry>(16, nothing);
};

}  // namespace thaw::faascache
