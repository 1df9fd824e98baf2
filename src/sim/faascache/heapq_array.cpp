#include "sim/faascache/heapq_array.h"

#include <algorithm>
#include <array>
#include <bit>

#include "sim/faascache/heap_scans.h"

namespace thaw::faascache {

HeapqArray::HeapqArray(Ties ties) : ties_are_broken_(ties == Ties::oldest) { grow(); }

void HeapqArray::grow() {
  const std::size_t capacity = std::max<std::size_t>(64, 2 * turns_.size());
  turns_.resize(capacity);
  ids_.resize(capacity);
  keys_.grow(2 * capacity + 1, infinity);
  ties_.resize(capacity / scanned_parents + 1);
  below_.resize(2 * ties_.size() + 1);
  heads_.resize(capacity);
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
  const Turn turn = turns_[head] ^ 1;
  for (std::size_t i = head; i != none; i = tied_child(i)) turns_[i] = turn;
  reverse_ids(head, [this](std::size_t i) { return tied_child(i); });
}

template <class Next>
void HeapqArray::reverse_ids(std::size_t head, Next&& next) {
  constexpr std::size_t deepest = 64;
  std::array<std::size_t, deepest> path;
  std::size_t length = 0;
  for (std::size_t i = head; i != none; i = next(i)) path[length++] = i;
  for (std::size_t i = 0, j = length - 1; i < j; ++i, --j) swap_ids(path[i], path[j]);
}

void HeapqArray::settle_from(std::size_t begin) {
  static const TieScan scan_ties = tie_scans().back();
  const std::size_t inner = size_ / 2;
  // A tie to a place is found at its parent.
  const std::size_t first = (begin == 0 ? 0 : parent_of(begin)) / scanned_parents * scanned_parents;
  const std::size_t heads = scan_ties({keys_.data(), turns_.data(), turn_, first, inner},
                                      {ties_.data(), below_.data(), heads_.data()});
  // Whoever asks for the tie of a leaf finds none.
  const std::size_t scanned = (inner + scanned_parents - 1) / scanned_parents;
  std::fill(ties_.begin() + static_cast<std::ptrdiff_t>(scanned),
            ties_.begin() + static_cast<std::ptrdiff_t>(size_ / scanned_parents + 1), TiedChildren{});
  for (std::size_t i = 0; i < heads; ++i) {
    const std::size_t head = heads_[i], second = found_child(head);
    if (head < begin) {
      // Its path may begin before `first`.
      turn_over(head_of(head));
    } else if (is_found_tied(second)) {
      reverse_ids(head, [this](std::size_t at) { return is_found_tied(at) ? found_child(at) : none; });
    } else {
      swap_ids(head, second);
    }
  }
  if (begin < size_) std::fill_n(turns_.begin() + static_cast<std::ptrdiff_t>(begin), size_ - begin, turn_);
}

void HeapqArray::push(Id id, double priority) {
  if (id >= positions_.size()) {
    positions_.resize((std::size_t{id} / gap_closing_step + 1) * gap_closing_step);
    ages_.resize(positions_.size());
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
  static const GapClosing close_gap = gap_closings().back();
  // The places before the gap's parent keep their children, and so their ties.
  const std::size_t first = position == 0 ? 0 : parent_of(position);
  settle_from(first);
  const std::size_t behind = --size_ - position;
  Key* const keys = keys_.data() + position;
  Id* const ids = ids_.data() + position;
  std::copy(keys + 1, keys + 1 + behind, keys);
  std::copy(ids + 1, ids + 1 + behind, ids);
  keys_[size_] = infinity;
  close_gap(positions_.data(), positions_.size(), static_cast<std::uint32_t>(position));
  refresh_from(first);
}

void HeapqArray::refresh_from(std::size_t begin) {
  static const BrokenScan scan_broken = broken_scans().back();
  may_be_broken_ = true;
  // One place more than has children now: it may have had one before.
  for (std::size_t w = begin / 64; w <= size_ / 2 / 64; ++w) {
    if (!ties_are_broken_) {
      broken_.put_word(w, scan_broken(keys_.data(), 64 * w));
      continue;
    }
    std::uint64_t word = 0;
    for (std::size_t i = 64 * w; i < std::min(size_ / 2, 64 * w + 64); ++i) {
      word |= std::uint64_t{is_broken(i)} << (i % 64);
    }
    broken_.put_word(w, word);
  }
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
