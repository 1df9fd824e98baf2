#include "sim/faascache/heapq_array.h"

#include <algorithm>
#include <limits>

namespace thaw::faascache {

HeapqArray::HeapqArray() { grow(); }

void HeapqArray::grow() {
  const std::size_t capacity = std::max<std::size_t>(64, 2 * ids_.size());
  ids_.resize(capacity);
  priorities_.resize(2 * capacity + 2, std::numeric_limits<double>::infinity());
  loose_.reserve(capacity);
}

void HeapqArray::push(Id id, double priority) {
  if (size_ == ids_.size()) grow();
  if (id >= positions_.size()) positions_.resize(std::size_t{id} + 1);
  place(size_, id, priority);
  sift_down(size_++);
}

HeapqArray::Element HeapqArray::pop() {
  const Element root{ids_[0], priorities_[0]};
  const std::size_t last = --size_;
  const Element moved{ids_[last], priorities_[last]};
  priorities_[last] = std::numeric_limits<double>::infinity();
  if (last == 0) return root;
  refresh((last - 1) / 2);
  place(0, moved.id, moved.priority);
  sift_up(0);
  return root;
}

void HeapqArray::erase(std::size_t position) {
  --size_;
  for (std::size_t i = position; i < size_; ++i) place(i, ids_[i + 1], priorities_[i + 1]);
  priorities_[size_] = std::numeric_limits<double>::infinity();
  refresh_before(std::min(size_, size_ / 2 + 1));
}

void HeapqArray::refresh_before(std::size_t end) {
  for (std::size_t i = 0; i < end; ++i) refresh(i);
}

void HeapqArray::sift_up(std::size_t position) {
  const Element moved{ids_[position], priorities_[position]};
  std::size_t hole = position;
  for (std::size_t child; (child = 2 * hole + 1) < size_; hole = child) {
    child += static_cast<std::size_t>(!(priorities_[child] < priorities_[child + 1]));
    if (moved.priority < priorities_[child]) break;
    place(hole, ids_[child], priorities_[child]);
  }
  place(hole, moved.id, moved.priority);
  for (; hole > position; hole = (hole - 1) / 2) refresh(hole);
  refresh(position);
  if (position > 0) refresh((position - 1) / 2);
}

void HeapqArray::sift_down(std::size_t position) {
  const Element moved{ids_[position], priorities_[position]};
  std::size_t hole = position;
  while (hole > 0) {
    const std::size_t parent = (hole - 1) / 2;
    if (!(moved.priority < priorities_[parent])) break;
    place(hole, ids_[parent], priorities_[parent]);
    hole = parent;
  }
  place(hole, moved.id, moved.priority);
  for (std::size_t i = position; i > hole; i = (i - 1) / 2) refresh(i);
  refresh(hole);
  if (hole > 0) refresh((hole - 1) / 2);
}

}  // namespace thaw::faascache
