#pragma once
// The array of Python's heapq, move for move. The research simulator reads its containers in the order of
// this array and breaks ties by it, so counts are equal only if every element is where CPython would put it.
//
// heapq compares with `<` only, and its siftup(i) moves the smaller child up (the right one unless the left
// is strictly smaller) until a leaf, then lifts the element from there. On a valid subtree that is the same
// as sinking the element past every child on the path that is not greater. So siftup(i) changes nothing if
// element i is strictly smaller than both children; heapify runs it on every inner place from the last to the first.
//
// An element that equals its smaller child is *tied* to that child. Ties form paths that go down, no two of which meet.
// Heapify rotates each path from every place of it on, the lowest first, which makes it run backwards; priorities stay
// where they are. So a heapify of a heap turns every path over, and the next one turns it back again. Here a heapify flips
// one bit, and a path is turned over when somebody looks at it or changes it. Only elements greater than a child, called
// *broken*, are sifted.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "sim/faascache/heap_keys.h"
#include "sim/faascache/heap_scans.h"
#include "sim/faascache/ordered_bits.h"

namespace thaw::faascache {

/// What `<` says of two elements of equal priority.
enum class Ties {
  heap,    ///< Neither is less, as in the original.
  oldest,  ///< The one that was pushed first is less.
};

class HeapqArray {
 public:
  using Id = std::uint32_t;
  /// A priority as an integer of the same order, which is quicker to compare.
  using Key = HeapKeys::Key;
  static Key key_of(double priority) {
    // Adding zero makes the negative zero positive.
    const auto bits = std::bit_cast<Key>(priority + 0.0);
    return bits ^ ((bits >> 63) & std::numeric_limits<Key>::max());
  }
  static double priority_of(Key key) {
    return std::bit_cast<double>(key ^ ((key >> 63) & std::numeric_limits<Key>::max()));
  }

  struct Element {
    Key key;
    Id id;
    [[nodiscard]] double priority() const { return priority_of(key); }
  };

  explicit HeapqArray(Ties ties = Ties::heap);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// REQUIRES: settle().
  [[nodiscard]] Id id_at(std::size_t position) const { return ids_[position]; }
  [[nodiscard]] double priority_at(std::size_t position) const { return priority_of(keys_[position]); }
  /// REQUIRES: the id is in the array.
  [[nodiscard]] std::size_t position_of(Id id) {
    catch_up(positions_[id], turn_);
    return positions_[id];
  }

  /// heappush of a new element. REQUIRES: priority is finite; the id is not in the array. Ids should be
  /// small.
  void push(Id id, double priority);
  /// heappush of an element that was popped before and keeps its age.
  void push_back_in(const Element& element);

  /// heappop. REQUIRES: not empty.
  Element pop();
  /// heappop and heappush of what was popped, without a look at ties. Cheaper where many are done in a row.
  /// REQUIRES: settle() and heapify() since anything else has changed; pop: not empty. The original breaks ties.
  Element pop_settled();
  void push_settled(const Element& element);

  /// list.remove: closes the gap by moving everything behind it, which breaks the heap until heapify.
  /// Cost: O(size).
  void erase(std::size_t position);

  /// Assigns a priority where the element is, which may break the heap until heapify. REQUIRES: the id is in the array.
  void set_priority(Id id, double priority) {
    // All along a path of ties the priority is the same, so nothing need be turned over to look at it.
    const Key key = key_of(priority);
    if (keys_[positions_[id]] != key) change_key(position_of(id), key);
  }

  /// Assigns revise(id, priority) to every element in array order. Cost: O(size).
  template <class Revise>
  void revise_all(Revise&& revise) {
    settle();
    for (std::size_t i = 0; i < size_; ++i) {
      keys_[i] = key_of(revise(ids_[i], priority_of(keys_[i])));
    }
    refresh_from(0);
  }

  /// heapify. Cost: O(log size) for every broken element, nothing when there is none.
  void heapify() {
    if (!ties_are_broken_) turn_ ^= 1;
    if (!may_be_broken_) return;
    std::size_t end = size_ / 2;
    for (std::size_t i; (i = broken_.last_before(end)) != OrderedBits::none; end = i) sift_up(i, turn_ ^ 1);
    may_be_broken_ = false;
  }

  /// Turns over what is still to be, for whoever wants to look at the whole array. Cost: O(size).
  void settle() { settle_from(0); }

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  /// Turns over so far, even or odd.
  using Turn = std::uint8_t;
  static constexpr Key infinity = std::numeric_limits<Key>::max();

  [[nodiscard]] Element at(std::size_t position) const { return {keys_[position], ids_[position]}; }
  static std::size_t parent_of(std::size_t position) { return (position - 1) / 2; }
  /// Whom siftup moves up: the right child unless the left is less.
  [[nodiscard]] std::size_t smaller_child_of(std::size_t position) const {
    const Key* left = &keys_[2 * position + 1];
    return 2 * position + 1 + static_cast<std::size_t>(left[0] >= left[1]);
  }

  // --- paths of ties

  [[nodiscard]] bool is_tied(std::size_t position) const {
    const Key* left = &keys_[2 * position + 1];
    const Key key = keys_[position];
    return (left[0] == key) | (left[1] == key);
  }
  /// The child that the element is tied to, or none.
  [[nodiscard]] std::size_t tied_child(std::size_t position) const {
    const std::size_t child = smaller_child_of(position);
    return keys_[child] == keys_[position] ? child : none;
  }
  /// Turns over the path that begins at `head`. REQUIRES: is_tied(head).
  void turn_over(std::size_t head);
  void turn_over_long(std::size_t head);
  /// Turns over all paths that touch `begin` or a place behind it.
  void settle_from(std::size_t begin);
  template <class Next>
  void reverse_ids(std::size_t head, Next&& next);
  [[nodiscard]] bool is_found_tied(std::size_t position) const {
    const TiedChildren& ties = ties_[position / scanned_parents];
    return ((ties.left | ties.right) >> position % scanned_parents & 1) != 0;
  }
  /// REQUIRES: is_found_tied(position).
  [[nodiscard]] std::size_t found_child(std::size_t position) const {
    return 2 * position + 1 + (ties_[position / scanned_parents].right >> position % scanned_parents & 1);
  }
  void swap_ids(std::size_t a, std::size_t b) {
    std::swap(ids_[a], ids_[b]);
    positions_[ids_[a]] = static_cast<std::uint32_t>(a);
    positions_[ids_[b]] = static_cast<std::uint32_t>(b);
  }
  /// Turns over the path that begins at `head` unless it has that turn.
  void catch_up_head(std::size_t head, Turn turn) {
    if (turns_[head] == turn) return;
    if (is_tied(head)) {
      turn_over(head);
    } else {
      turns_[head] = turn;
    }
  }
  /// The same for the path through a place.
  void catch_up(std::size_t position, Turn turn) {
    if (turns_[position] != turn) catch_up_head(head_of(position), turn);
  }
  [[nodiscard]] std::size_t head_of(std::size_t position) const {
    while (position > 0 && tied_child(parent_of(position)) == position) position = parent_of(position);
    return position;
  }
  /// Gives the element's turn to the path that it is tied to since a priority has changed.
  void join(std::size_t position) {
    const std::size_t child = tied_child(position);
    if (child != none) catch_up_head(child, turns_[position]);
  }

  // --- the heap

  void change_key(std::size_t position, Key key);
  /// siftup. `above` is the turn of the places before this one, to which heapify comes later.
  void sift_up(std::size_t position, Turn above);
  void sift_up_by_age(std::size_t position);
  void sink(std::size_t hole, const Element& moved);
  void sift_down(std::size_t position, const Element& moved);
  void grow();
  /// Looks at the places from `begin` on for broken ones.
  void refresh_from(std::size_t begin);
  void place(std::size_t position, const Element& element) {
    keys_[position] = element.key;
    ids_[position] = element.id;
    turns_[position] = turn_;
    positions_[element.id] = static_cast<std::uint32_t>(position);
  }
  /// Behind the end the array holds infinities, so leaves never are.
  [[nodiscard]] bool is_broken(std::size_t position) const {
    if (ties_are_broken_) return !is_less(position, 2 * position + 1) || !is_less(position, 2 * position + 2);
    const Key* left = &keys_[2 * position + 1];
    const Key key = keys_[position];
    return (key > left[0]) | (key > left[1]);
  }
  void refresh(std::size_t position) {
    const bool is_now_broken = is_broken(position);
    if (is_now_broken != broken_.has(position)) [[unlikely]] {
      broken_.put(position, is_now_broken);
      may_be_broken_ |= is_now_broken;
    }
  }
  /// Ages decide between equal priorities. REQUIRES: ties_are_broken_.
  [[nodiscard]] bool is_less(std::size_t a, std::size_t b) const {
    if (keys_[a] != keys_[b]) return keys_[a] < keys_[b];
    return ages_[ids_[a]] < ages_[ids_[b]];
  }

  std::size_t size_ = 0;
  HeapKeys keys_;  ///< Infinity from size_ to the children of the last place.
  std::vector<Id> ids_;
  std::vector<std::uint32_t> positions_;  ///< By id; a multiple of gap_closing_step.
  std::vector<Turn> turns_;  ///< By place: the same all along a path, and of no meaning without ties.
  Turn turn_ = 0;            ///< Which all paths should have.
  // What settle_from() has found, as TieScanOutput says.
  std::vector<TiedChildren> ties_;
  std::vector<std::uint64_t> below_;
  std::vector<std::uint32_t> heads_;
  OrderedBits broken_;
  bool may_be_broken_ = false;  ///< Whether broken_ may have any.
  bool ties_are_broken_;
  std::vector<std::uint64_t> ages_;  ///< By id: number of the push.
  std::uint64_t pushes_ = 0;
};

inline HeapqArray::Element HeapqArray::pop_settled() {
  if (ties_are_broken_) return pop();
  Key* const keys = keys_.data();
  Id* const ids = ids_.data();
  std::uint32_t* const positions = positions_.data();
  const Element root = at(0);
  const Element moved = at(--size_);
  keys[size_] = infinity;
  if (size_ == 0) return root;
  std::size_t hole = 0;
  for (;;) {
    const std::size_t left = 2 * hole + 1;
    const std::size_t child = left + static_cast<std::size_t>(keys[left] >= keys[left + 1]);
    const Key key = keys[child];
    if (moved.key < key) break;
    keys[hole] = key;
    ids[hole] = ids[child];
    positions[ids[hole]] = static_cast<std::uint32_t>(hole);
    hole = child;
  }
  keys[hole] = moved.key;
  ids[hole] = moved.id;
  positions[moved.id] = static_cast<std::uint32_t>(hole);
  return root;
}

inline void HeapqArray::push_settled(const Element& element) {
  if (ties_are_broken_) {
    push_back_in(element);
    return;
  }
  Key* const keys = keys_.data();
  Id* const ids = ids_.data();
  std::uint32_t* const positions = positions_.data();
  std::size_t hole = size_++;
  for (; hole > 0; hole = parent_of(hole)) {
    const Key above = keys[parent_of(hole)];
    if (element.key >= above) break;
    keys[hole] = above;
    ids[hole] = ids[parent_of(hole)];
    positions[ids[hole]] = static_cast<std::uint32_t>(hole);
  }
  keys[hole] = element.key;
  ids[hole] = element.id;
  positions[element.id] = static_cast<std::uint32_t>(hole);
}

}  // namespace thaw::faascache
