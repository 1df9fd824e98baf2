#include "sim/faascache/heapq_array.h"

#include <algorithm>
#include <limits>

namespace thaw::faascache {

HeapqArray::HeapqArray(Ties ties) : ties_are_broken_(ties == Ties::oldest) { grow(); }

void HeapqArray::grow() {
  const std::size_t capacity = std::max<std::size_t>(64, 2 * ids_.size());
  ids_.resize(capacity);
  priorities_.resize(2 * capacity + 2, std::numeric_limits<double>::infinity());
  loose_.reserve(capacity);
  passed_by_.resize(capacity + 1);
}

void HeapqArray::push(Id id, double priority) {
  if (id >= positions_.size()) {
    positions_.resize(std::size_t{id} + 1);
    ages_.resize(std::size_t{id} + 1);
  }
  ages_[id] = pushes_++;
  push_back_in(id, priority);
}

void HeapqArray::push_back_in(Id id, double priority) {
  if (size_ == ids_.size()) grow();
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
  refresh(0);
  sift_up(0);
  return root;
}

void HeapqArray::erase(std::size_t position) {
  --size_;
  for (std::size_t i = position; i < size_; ++i) place(i, ids_[i + 1], priorities_[i + 1]);
  priorities_[size_] = std::numeric_limits<double>::infinity();
  refresh_all();
}

void HeapqArray::refresh_all() {
  loose_.assign(size_ / 2, [this](std::size_t i) { return !is_tight(i); });
}

// A pair that nothing else is equal to is left alone by both rounds, unless an element is sifted through it in the first
// one: that has to find it turned over.
void HeapqArray::heapify_twice() {
  std::size_t end = size_ / 2;
  bool is_any_left = false;
  for (std::size_t i; (i = loose_.last_before(end)) != OrderedBits::none; end = i) {
    if (smaller_child(i) == priorities_[i] && is_lone_pair(i)) {
      passed_by_[i] = round_;
    } else {
      put_in_order(i);
      is_any_left = true;
    }
  }
  end = is_any_left ? size_ / 2 : 0;
  for (std::size_t i; (i = loose_.last_before(end)) != OrderedBits::none; end = i) {
    if (passed_by_[i] != round_) put_in_order(i);
  }
  // Nothing is passed by outside of these rounds.
  if (++round_ == 0) {
    std::fill(passed_by_.begin(), passed_by_.end(), 0);
    round_ = 1;
  }
}

// An element moved up by one place has its old place's new element and its old sibling as children. It is not
// greater than either, so it is loose when it equals one of them.
void HeapqArray::sift_up(std::size_t position) {
  if (ties_are_broken_) {
    sift_up_by_age(position);
    return;
  }
  const Element moved{ids_[position], priorities_[position]};
  std::size_t hole = position;
  bool equals_sibling = false;
  double raised = 0;  ///< What went into the hole's parent.
  for (std::size_t child; (child = 2 * hole + 1) < size_; hole = child) {
    const double left = priorities_[child], right = priorities_[child + 1];
    child += static_cast<std::size_t>(!(left < right));
    const double smaller = left < right ? left : right;
    if (moved.priority < smaller) break;
    catch_up(child);
    if (hole != position) note_loose((hole - 1) / 2, equals_sibling | (raised == smaller));
    place(hole, ids_[child], smaller);
    equals_sibling = left == right;
    raised = smaller;
  }
  note_loose(hole, false);
  if (hole != position) {
    note_loose((hole - 1) / 2, equals_sibling | (raised == moved.priority));
    place(hole, moved.id, moved.priority);
    if (position > 0) refresh((position - 1) / 2);
  }
}

void HeapqArray::sift_up_by_age(std::size_t position) {
  const Element moved{ids_[position], priorities_[position]};
  std::size_t hole = position;
  for (std::size_t child; (child = 2 * hole + 1) < size_; hole = child) {
    if (child + 1 < size_ && is_less(child + 1, child)) ++child;
    const bool is_older = moved.priority == priorities_[child] && ages_[moved.id] < ages_[ids_[child]];
    if (moved.priority < priorities_[child] || is_older) break;
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
    const bool is_older =
        ties_are_broken_ && moved.priority == priorities_[parent] && ages_[moved.id] < ages_[ids_[parent]];
    if (!(moved.priority < priorities_[parent]) && !is_older) break;
    place(hole, ids_[parent], priorities_[parent]);
    hole = parent;
  }
  place(hole, moved.id, moved.priority);
  for (std::size_t i = position; i > hole; i = (i - 1) / 2) refresh(i);
  refresh(hole);
  if (hole > 0) refresh((hole - 1) / 2);
}

}  // namespace thaw::faascache
