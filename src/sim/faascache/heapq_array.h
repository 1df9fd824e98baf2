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

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

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

  explicit HeapqArray(Ties ties = Ties::heap);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// REQUIRES: settle().
  [[nodiscard]] Id id_at(std::size_t position) const { return ids_[position]; }
  [[nodiscard]] double priority_at(std::size_t position) const { return priorities_[position]; }
  /// REQUIRES: the id is in the array.
  [[nodiscard]] std::size_t position_of(Id id) {
    catch_up(positions_[id], turn_);
    return positions_[id];
  }

  /// heappush of a new element. REQUIRES: priority is finite; the id is not in the array. Ids should be
  /// small.
  void push(Id id, double priority);
  /// heappush of an element that was popped before and keeps its age.
  void push_back_in(Id id, double priority);

  struct Element {
    Id id;
    double priority;
  };
  /// heappop. REQUIRES: not empty.
  Element pop();

  /// list.remove: closes the gap by moving everything behind it, which breaks the heap until heapify.
  /// Cost: O(size).
  void erase(std::size_t position);

  /// Assigns a priority where the element is, which may break the heap until heapify. REQUIRES: the position comes from
  /// position_of.
  void set_priority(std::size_t position, double priority) {
    if (priorities_[position] != priority) change_priority(position, priority);
  }

  /// Assigns revise(id, priority) to every element in array order. Cost: O(size).
  template <class Revise>
  void revise_all(Revise&& revise) {
    settle();
    for (std::size_t i = 0; i < size_; ++i) priorities_[i] = revise(ids_[i], priorities_[i]);
    refresh_all();
  }

  /// heapify. Cost: O(log size) for every broken element, nothing when there is none.
  void heapify() {
    if (!ties_are_broken_) turn_ ^= 1;
    std::size_t end = size_ / 2;
    for (std::size_t i; (i = broken_.last_before(end)) != OrderedBits::none; end = i) sift_up(i, turn_ ^ 1);
  }

  /// Turns over what is still to be, for whoever wants to look at the whole array. Cost: O(size).
  void settle();

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  /// Turns over so far, even or odd.
  using Turn = std::uint8_t;

  static std::size_t parent_of(std::size_t position) { return (position - 1) / 2; }

  // --- paths of ties

  /// The child that the element is tied to, or none.
  [[nodiscard]] std::size_t tied_child(std::size_t position) const {
    const double* p = priorities_.data();
    std::size_t child = 2 * position + 1;
    child += static_cast<std::size_t>(!(p[child] < p[child + 1]));
    return p[child] == p[position] ? child : none;
  }
  /// Turns over the path that begins at `head`.
  void turn_over(std::size_t head);
  /// Turns over the path through a place unless it has that turn.
  void catch_up(std::size_t position, Turn turn) {
    if (turns_[position] != turn) turn_over(head_of(position));
  }
  [[nodiscard]] std::size_t head_of(std::size_t position) const {
    while (position > 0 && tied_child(parent_of(position)) == position) position = parent_of(position);
    return position;
  }
  /// Gives the element's turn to the path that it is tied to since a priority has changed.
  void join(std::size_t position) {
    const std::size_t child = tied_child(position);
    if (child != none && turns_[child] != turns_[position]) turn_over(child);
  }

  // --- the heap

  void change_priority(std::size_t position, double priority);
  /// siftup. `above` is the turn of the places before this one, to which heapify comes later.
  void sift_up(std::size_t position, Turn above);
  void sift_up_by_age(std::size_t position);
  void sift_down(std::size_t position, const Element& moved);
  void grow();
  void refresh_all();
  void place(std::size_t position, Id id, double priority) {
    priorities_[position] = priority;
    turns_[position] = turn_;
    put_id(position, id);
  }
  void put_id(std::size_t position, Id id) {
    ids_[position] = id;
    positions_[id] = static_cast<std::uint32_t>(position);
  }
  /// Behind the end the array holds infinities, so leaves never are.
  [[nodiscard]] bool is_broken(std::size_t position) const {
    const double* p = priorities_.data();
    if (!ties_are_broken_) return (p[position] > p[2 * position + 1]) | (p[position] > p[2 * position + 2]);
    return !is_less(position, 2 * position + 1) || !is_less(position, 2 * position + 2);
  }
  void refresh(std::size_t position) {
    const bool is_now_broken = is_broken(position);
    if (is_now_broken != broken_.has(position)) [[unlikely]]
      broken_.put(position, is_now_broken);
  }
  /// Ages decide between equal priorities. REQUIRES: ties_are_broken_.
  [[nodiscard]] bool is_less(std::size_t a, std::size_t b) const {
    if (priorities_[a] != priorities_[b]) return priorities_[a] < priorities_[b];
    return ages_[ids_[a]] < ages_[ids_[b]];
  }

  std::size_t size_ = 0;
  std::vector<double> priorities_;  ///< Infinity from size_ to the children of the last place.
  std::vector<Id> ids_;
  std::vector<std::uint32_t> positions_;  ///< By id.
  std::vector<Turn> turns_;               ///< By place, the same all along a path.
  Turn turn_ = 0;                         ///< Which all paths should have.
  OrderedBits broken_;
  bool ties_are_broken_;
  std::vector<std::uint64_t> ages_;  ///< By id: number of the push.
  std::uint64_t pushes_ = 0;
};

}  // namespace thaw::faascache
