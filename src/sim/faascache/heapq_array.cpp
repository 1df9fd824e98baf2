#include "sim/faascache/heapq_array.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/faascache/tie_scan.h"

namespace thaw::faascache {

HeapqArray::HeapqArray(Ties ties) : ties_are_broken_(ties == Ties::oldest) { grow(); }

void HeapqArray::grow() {
  const std::size_t capacity = std::max<std::size_t>(64, 2 * turns_.size());
  turns_.resize(capacity);
  ids_.resize(capacity);
  keys_.resize(2 * capacity + 1 + 2 * tie_scan_parents, infinity);
  broken_.reserve(capacity);
}

void HeapqArray::turn_over(std::size_t head) {
  const std::size_t second = smaller_child_of(head);
  if (tied_child(second) != none) {
    turn_over_long(head);
    return;
  }
  turns_[second] = turns_[head] ^= 1;
  swap_ids(head, second);
}

void HeapqArray::turn_over_long(std::size_t head) {
  constexpr std::size_t deepest = 64;
  std::array<std::size_t, deepest> path;
  std::size_t length = 0;
  const Turn turn = turns_[head] ^ 1;
  for (std::size_t i = head; i != none; i = tied_child(i)) {
    turns_[i] = turn;
    path[length++] = i;
  }
  for (std::size_t i = 0, j = length - 1; i < j; ++i, --j) swap_ids(path[i], path[j]);
}

void HeapqArray::settle() {
  static const TieScan scan_ties = tie_scans().back();
  const std::size_t inner = size_ / 2;
  for (std::size_t begin = 0; begin < inner; begin += tie_scan_parents) {
    std::uint64_t ties = scan_ties(keys_.data(), begin);
    if (inner - begin < tie_scan_parents) ties &= (std::uint64_t{1} << (2 * (inner - begin))) - 1;
    for (; ties != 0; ties &= ties - 1) {
      // The head of a path has its smallest place.
      const std::size_t head = begin + static_cast<std::size_t>(std::countr_zero(ties)) / 2;
      if (turns_[head] != turn_) turn_over(head);
    }
  }
  std::fill_n(turns_.begin(), size_, turn_);
}

void HeapqArray::push(Id id, double priority) {
  if (id >= positions_.size()) {
    positions_.resize(std::size_t{id} + 1);
    ages_.resize(std::size_t{id} + 1);
  }
  ages_[id] = pushes_++;
  push_back_in({key_of(priority), id});
}

void HeapqArray::push_back_in(const Element& element) {
  if (size_ == turns_.size()) grow();
  sift_down(size_++, element);
}

HeapqArray::Element HeapqArray::pop() {
  catch_up_head(0, turn_);
  const Element root = at(0);
  const std::size_t last = --size_;
  if (last > 0) {
    catch_up(last, turn_);
    catch_up(parent_of(last), turn_);
  }
  const Element moved = at(last);
  keys_[last] = infinity;
  if (last == 0) return root;
  join(parent_of(last));
  if (ties_are_broken_) {
    place(0, moved);
    sift_up_by_age(0);
    return root;
  }
  sink(0, moved);
  if (broken_.has(0)) [[unlikely]]
    broken_.put(0, false);
  return root;
}

void HeapqArray::erase(std::size_t position) {
  settle();
  --size_;
  for (std::size_t i = position; i < size_; ++i) place(i, at(i + 1));
  keys_[size_] = infinity;
  refresh_all();
}

void HeapqArray::refresh_all() {
  may_be_broken_ = true;
  broken_.assign(size_ / 2, [this](std::size_t i) { return is_broken(i); });
}

void HeapqArray::change_key(std::size_t position, Key key) {
  catch_up(position, turn_);
  if (position > 0) catch_up(parent_of(position), turn_);
  keys_[position] = key;
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
  sink(position, Element(at(position)));
  broken_.put(position, false);
  if (position == 0) return;
  refresh(parent_of(position));
  join(parent_of(position));
}

/// Moves the smaller children up, beginning at a hole, until the element is less than them.
void HeapqArray::sink(std::size_t hole, const Element& moved) {
  const Key* const keys = keys_.data();
  bool equals_sibling = false;  ///< What went into the hole's parent.
  std::size_t child = smaller_child_of(hole);
  while (moved.key >= keys[child]) {
    const Key key = keys[child];
    const std::size_t below = smaller_child_of(child);
    if (turns_[child] != turn_ && key == keys[below]) turn_over(child);
    place(hole, {key, ids_[child]});
    if (equals_sibling) join(parent_of(hole));
    equals_sibling = keys[((child - 1) ^ 1) + 1] == key;
    hole = child;
    child = below;
  }
  place(hole, moved);
  if (equals_sibling) join(parent_of(hole));
}

void HeapqArray::sift_up_by_age(std::size_t position) {
  const Element moved = at(position);
  std::size_t hole = position;
  for (std::size_t child; (child = 2 * hole + 1) < size_; hole = child) {
    if (child + 1 < size_ && is_less(child + 1, child)) ++child;
    const Key key = keys_[child];
    const bool is_older = moved.key == key && ages_[moved.id] < ages_[ids_[child]];
    if (moved.key < key || is_older) break;
    place(hole, at(child));
  }
  place(hole, moved);
  broken_.put(position, false);
  if (position > 0) refresh(parent_of(position));
}

void HeapqArray::sift_down(std::size_t position, const Element& moved) {
  std::size_t end = position;
  while (end > 0) {
    const std::size_t parent = parent_of(end);
    catch_up(parent, turn_);
    const Element above = at(parent);
    const bool is_older = ties_are_broken_ && moved.key == above.key && ages_[moved.id] < ages_[above.id];
    if (moved.key >= above.key && !is_older) break;
    end = parent;
  }
  for (std::size_t hole = position; hole > end; hole = parent_of(hole)) place(hole, at(parent_of(hole)));
  place(end, moved);
  for (std::size_t i = position; i > 0 && i >= end; i = parent_of(i)) join(parent_of(i));
}

}  // namespace thaw::faascache
