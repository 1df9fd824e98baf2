#include "sim/reuse_distance.h"

#include <utility>

namespace thaw {

ReuseDistances::ReuseDistances(std::vector<std::int64_t> memory_bytes, std::size_t most_live)
    : memory_(std::move(memory_bytes)),
      slot_of_(memory_.size()),
      function_at_(2 * most_live + 64),
      tree_(2 * most_live + 64) {}

void ReuseDistances::forget(FunctionIndex function) {
  const std::uint32_t slot = slot_of_[function];
  if (slot == 0) return;
  clear(slot, memory_[function]);
  slot_of_[function] = 0;
  --live_;
}

void ReuseDistances::renumber() {
  std::uint32_t used = 0;
  for (std::uint32_t slot = 1; slot <= end_; ++slot) {
    const FunctionIndex function = function_at_[slot];
    if (slot_of_[function] != slot) continue;
    slot_of_[function] = ++used;
    function_at_[used] = function;
    tree_[used] = memory_[function];
  }
  end_ = used;
  for (std::uint32_t node = 1; node <= used; ++node) {
    const std::uint32_t parent = node + (node & -node);
    if (parent <= used) tree_[parent] += tree_[node];
  }
}

}  // namespace thaw
