#pragma once
// Reuse distance: how much memory the other functions need that were invoked between two invocations of the same
// function. A cache that evicts by recency keeps a function alive when the distance and the function itself fit,
// so the distances of one pass give the hit ratio at every memory size (Mattson, Gecsei, Slutz & Traiger, IBM
// Systems Journal 1970).

#include <cstdint>
#include <vector>

#include "trace/trace.h"

namespace thaw {

/// Exact reuse distances of a stream of invocations.
///
/// All sums are of whole bytes, and exact. Every function owns the slot of its last use on a line of slots; slots grow with time. The distance is the memory
/// in the slots after a function's own, kept in a Fenwick tree (Fenwick, Software: Practice and Experience 1994).
/// When the line is full the slots in use are renumbered, so memory grows with the functions, not with the stream.
///
/// Cost: O(log functions) for each invocation; two slots of 12 bytes for each of `most_live` functions.
class ReuseDistances {
 public:
  /// Distance of a function that was not used before, or that was forgotten.
  static constexpr std::int64_t first_use = -1;

  /// At most `most_live` functions are in use at once (forget() ends a use).
  ReuseDistances(std::vector<std::int64_t> memory_bytes, std::size_t most_live);
  explicit ReuseDistances(std::vector<std::int64_t> memory_bytes)
      : ReuseDistances(memory_bytes, memory_bytes.size()) {}

  /// The function is invoked: the summed memory of the unique other functions since its previous invocation, in
  /// bytes, or first_use.
  std::int64_t touch(FunctionIndex function);

  /// Takes a function out, as if it had never been invoked.
  void forget(FunctionIndex function);

  /// Functions in use.
  [[nodiscard]] std::size_t live() const { return live_; }

 private:
  [[nodiscard]] std::int64_t sum_after(std::uint32_t slot) const;
  void clear(std::uint32_t slot, std::int64_t memory);
  void append(FunctionIndex function);
  void renumber();

  std::vector<std::int64_t> memory_;
  std::vector<std::uint32_t> slot_of_;      ///< By function; 0: not in use.
  std::vector<FunctionIndex> function_at_;  ///< By slot, valid where slot_of_ agrees.
  std::vector<std::int64_t> tree_;          ///< By slot, from 1; nodes up to end_ are valid.
  std::uint32_t end_ = 0;                   ///< The newest slot.
  std::size_t live_ = 0;
};

inline std::int64_t ReuseDistances::sum_after(std::uint32_t slot) const {
  std::int64_t sum = 0;
  std::uint32_t high = end_, low = slot;
  // Both walks end at the nearest common ancestor, so a recently used function costs few steps.
  while (high > low) {
    sum += tree_[high];
    high &= high - 1;
  }
  while (low > high) {
    sum -= tree_[low];
    low &= low - 1;
  }
  return sum;
}

inline void ReuseDistances::clear(std::uint32_t slot, std::int64_t memory) {
  for (std::uint32_t node = slot; node <= end_; node += node & -node) tree_[node] -= memory;
}

inline void ReuseDistances::append(FunctionIndex function) {
  if (end_ + 1 == tree_.size()) renumber();
  const std::uint32_t slot = ++end_;
  // A new last node is the sum of its children: one on average.
  std::int64_t sum = memory_[function];
  const std::uint32_t first = slot & (slot - 1);
  for (std::uint32_t child = slot - 1; child > first; child &= child - 1) sum += tree_[child];
  tree_[slot] = sum;
  function_at_[slot] = function;
  slot_of_[function] = slot;
}

inline std::int64_t ReuseDistances::touch(FunctionIndex function) {
  const std::uint32_t slot = slot_of_[function];
  if (slot == 0) {
    ++live_;
    append(function);
    return first_use;
  }
  if (slot == end_) return 0;
  const std::int64_t distance = sum_after(slot);
  clear(slot, memory_[function]);
  slot_of_[function] = 0;
  append(function);
  return distance;
}

}  // namespace thaw
