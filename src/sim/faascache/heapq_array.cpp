#include "sim/faascache/heapq_array.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace thaw::faascache {

HeapqArray::HeapqArray(Ties ties) : ties_are_broken_(ties == Ties::oldest) { grow(); }

void HeapqArray::grow() {
  const std::size_t capacity = std::max<std::size_t>(64, 2 * ids_.size());
  ids_.resize(capacity);
  priorities_.resize(2 * capacity + 2, std::numeric_limits<double>::infinity());
  turns_.resize(capacity);
  broken_.reserve(capacity);
}

void HeapqArray::turn_over(std::size_t head) {
  constexpr std::size_t deepest = 64;
  std::array<std::size_t, deepest> path;
  std::size_t length = 0;
  for (std::size_t i = head; i != none; i = tied_child(i)) {
    turns_[i] ^= 1;
    path[length++] = i;
  }
  for (std::size_t i = 0, j = length - 1; i < j; ++i, --j) {
    const Id upper = ids_[path[i]];
    put_id(path[i], ids_[path[j]]);
    put_id(path[j], upper);
  }
}

void HeapqArray::settle() {
  // The head of a path has its smallest place. Most places are tied to none, and nothing moves there.
  for (std::size_t i = 0; i < size_ / 2; ++i) {
    const double* p = priorities_.data();
    const bool is_tied = (p[i] == p[2 * i + 1]) | (p[i] == p[2 * i + 2]);
    if (is_tied && turns_[i] != turn_) turn_over(i);
  }
  std::fill_n(turns_.begin(), size_, turn_);
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
  sift_down(size_++, {id, priority});
}

HeapqArray::Element HeapqArray::pop() {
  catch_up(0, turn_);
  const Element root{ids_[0], priorities_[0]};
  const std::size_t last = size_ - 1;
  if (last > 0) {
    catch_up(last, turn_);
    catch_up(parent_of(last), turn_);
  }
  const Element moved{ids_[last], priorities_[last]};
  priorities_[last] = std::numeric_limits<double>::infinity();
  --size_;
  if (last == 0) return root;
  join(parent_of(last));
  place(0, moved.id, moved.priority);
  sift_up(0, turn_);
  return root;
}

void HeapqArray::erase(std::size_t position) {
  settle();
  --size_;
  for (std::size_t i = position; i < size_; ++i) place(i, ids_[i + 1], priorities_[i + 1]);
  priorities_[size_] = std::numeric_limits<double>::infinity();
  refresh_all();
}

void HeapqArray::refresh_all() {
  broken_.assign(size_ / 2, [this](std::size_t i) { return is_broken(i); });
}

void HeapqArray::change_priority(std::size_t position, double priority) {
  catch_up(position, turn_);
  if (position > 0) catch_up(parent_of(position), turn_);
  priorities_[position] = priority;
  refresh(position);
  join(position);
  if (position == 0) return;
  refresh(parent_of(position));
  join(parent_of(position));
}

// Below this place heapify is done, above it is not. A broken element is tied to none below it, so all paths below lie on
// one side. What has become tied to the parent counts as still to be turned over: it is turned back.
void HeapqArray::sift_up(std::size_t position, Turn above) {
  if (ties_are_broken_) {
    sift_up_by_age(position);
    return;
  }
  if (position > 0) catch_up(parent_of(position), above);
  const Element moved{ids_[position], priorities_[position]};
  std::size_t hole = position;
  bool equals_sibling = false;  ///< What went into the hole's parent.
  for (std::size_t child; (child = 2 * hole + 1) < size_; hole = child) {
    const double left = priorities_[child], right = priorities_[child + 1];
    child += static_cast<std::size_t>(!(left < right));
    const double smaller = left < right ? left : right;
    if (moved.priority < smaller) break;
    if (turns_[child] != turn_) turn_over(child);
    place(hole, ids_[child], smaller);
    if (equals_sibling) join(parent_of(hole));
    equals_sibling = left == right;
  }
  place(hole, moved.id, moved.priority);
  if (equals_sibling) join(parent_of(hole));
  if (position == 0) {
    if (broken_.has(0)) broken_.put(0, false);
    return;
  }
  broken_.put(position, false);
  refresh(parent_of(position));
  join(parent_of(position));
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
  broken_.put(position, false);
  if (position > 0) refresh(parent_of(position));
}

void HeapqArray::sift_down(std::size_t position, const Element& moved) {
  std::size_t end = position;
  while (end > 0) {
    const std::size_t parent = parent_of(end);
    catch_up(parent, turn_);
    const bool is_older =
        ties_are_broken_ && moved.priority == priorities_[parent] && ages_[moved.id] < ages_[ids_[parent]];
    if (!(moved.priority < priorities_[parent]) && !is_older) break;
    end = parent;
  }
  for (std::size_t hole = position; hole > end; hole = parent_of(hole)) {
    const std::size_t parent = parent_of(hole);
    place(hole, ids_[parent], priorities_[parent]);
  }
  place(end, moved.id, moved.priority);
  for (std::size_t i = position; i > 0 && i >= end; i = parent_of(i)) join(parent_of(i));
}

}  // namespace thaw::faascache
