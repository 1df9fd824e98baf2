#include "sim/faascache/heapq_array.h"

#include <algorithm>
#include <array>

namespace thaw::faascache {

HeapqArray::HeapqArray(Ties ties) : ties_are_broken_(ties == Ties::oldest) { grow(); }

void HeapqArray::grow() {
  const std::size_t capacity = std::max<std::size_t>(64, 2 * turns_.size());
  turns_.resize(capacity);
  places_.resize(2 * capacity + 2, {infinity, 0});
  broken_.reserve(capacity);
}

void HeapqArray::turn_over(std::size_t head) {
  constexpr std::size_t deepest = 64;
  std::array<std::size_t, deepest> path;
  std::size_t length = 0;
  const Turn turn = turns_[head] ^ 1;
  for (std::size_t i = head; i != none; i = tied_child(i)) {
    turns_[i] = turn;
    path[length++] = i;
  }
  for (std::size_t i = 0, j = length - 1; i < j; ++i, --j) {
    const Id upper = places_[path[i]].id, lower = places_[path[j]].id;
    places_[path[i]].id = lower;
    places_[path[j]].id = upper;
    positions_[lower] = static_cast<std::uint32_t>(path[i]);
    positions_[upper] = static_cast<std::uint32_t>(path[j]);
  }
}

void HeapqArray::settle() {
  // The head of a path has its smallest place.
  const std::size_t inner = size_ / 2;
  for (std::size_t begin = 0; begin < inner; begin += 4) {
    if (!(is_tied(begin) | is_tied(begin + 1) | is_tied(begin + 2) | is_tied(begin + 3))) continue;
    for (std::size_t i = begin; i < std::min(begin + 4, inner); ++i) {
      if (turns_[i] != turn_ && is_tied(i)) turn_over(i);
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
  const Element root = places_[0];
  const std::size_t last = --size_;
  if (last > 0) {
    catch_up(last, turn_);
    catch_up(parent_of(last), turn_);
  }
  const Element moved = places_[last];
  places_[last].key = infinity;
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
  for (std::size_t i = position; i < size_; ++i) place(i, places_[i + 1]);
  places_[size_].key = infinity;
  refresh_all();
}

void HeapqArray::refresh_all() {
  broken_.assign(size_ / 2, [this](std::size_t i) { return is_broken(i); });
}

void HeapqArray::change_key(std::size_t position, Key key) {
  catch_up(position, turn_);
  if (position > 0) catch_up(parent_of(position), turn_);
  places_[position].key = key;
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
  sink(position, Element(places_[position]));
  broken_.put(position, false);
  if (position == 0) return;
  refresh(parent_of(position));
  join(parent_of(position));
}

/// Moves the smaller children up, beginning at a hole, until the element is less than them.
void HeapqArray::sink(std::size_t hole, const Element& moved) {
  const Element* const places = places_.data();
  bool equals_sibling = false;  ///< What went into the hole's parent.
  std::size_t child = smaller_child_of(hole);
  while (moved.key >= places[child].key) {
    const Element up = places[child];
    const std::size_t below = smaller_child_of(child);
    if (turns_[child] != turn_ && up.key == places[below].key) {
      turn_over(child);
      place(hole, places[child]);
    } else {
      place(hole, up);
    }
    if (equals_sibling) join(parent_of(hole));
    equals_sibling = places[((child - 1) ^ 1) + 1].key == up.key;
    hole = child;
    child = below;
  }
  place(hole, moved);
  if (equals_sibling) join(parent_of(hole));
}

void HeapqArray::sift_up_by_age(std::size_t position) {
  const Element moved = places_[position];
  std::size_t hole = position;
  for (std::size_t child; (child = 2 * hole + 1) < size_; hole = child) {
    if (child + 1 < size_ && is_less(child + 1, child)) ++child;
    const Key key = places_[child].key;
    const bool is_older = moved.key == key && ages_[moved.id] < ages_[places_[child].id];
    if (moved.key < key || is_older) break;
    place(hole, places_[child]);
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
    const Element& above = places_[parent];
    const bool is_older = ties_are_broken_ && moved.key == above.key && ages_[moved.id] < ages_[above.id];
    if (moved.key >= above.key && !is_older) break;
    end = parent;
  }
  for (std::size_t hole = position; hole > end; hole = parent_of(hole)) place(hole, places_[parent_of(hole)]);
  place(end, moved);
  for (std::size_t i = position; i > 0 && i >= end; i = parent_of(i)) join(parent_of(i));
}

HeapqArray::Element HeapqArray::pop_settled() {
  if (ties_are_broken_) return pop();
  Element* const places = places_.data();
  std::uint32_t* const positions = positions_.data();
  const Element root = places[0];
  const Element moved = places[--size_];
  places[size_].key = infinity;
  if (size_ == 0) return root;
  std::size_t hole = 0;
  for (;;) {
    const std::size_t child = smaller_child_of(hole);
    const Element up = places[child];
    if (moved.key < up.key) break;
    places[hole] = up;
    positions[up.id] = static_cast<std::uint32_t>(hole);
    hole = child;
  }
  places[hole] = moved;
  positions[moved.id] = static_cast<std::uint32_t>(hole);
  return root;
}

void HeapqArray::push_settled(const Element& element) {
  if (ties_are_broken_) {
    push_back_in(element);
    return;
  }
  Element* const places = places_.data();
  std::uint32_t* const positions = positions_.data();
  std::size_t hole = size_++;
  for (; hole > 0; hole = parent_of(hole)) {
    const Element above = places[parent_of(hole)];
    if (element.key >= above.key) break;
    places[hole] = above;
    positions[above.id] = static_cast<std::uint32_t>(hole);
  }
  places[hole] = element;
  positions[element.id] = static_cast<std::uint32_t>(hole);
}

}  // namespace thaw::faascache
