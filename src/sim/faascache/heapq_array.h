#pragma once
// The array of Python's heapq, move for move. The research simulator reads its containers in the order of
// this array and breaks ties by it, so counts are equal only if every element is where CPython would put it.
//
// heapq compares with `<` only, and its siftup(i) moves the smaller child up (the right one unless the left
// is strictly smaller) until a leaf, then lifts the element from there. On a valid subtree that is the same
// as sinking the element past every child on the path that is not greater. So siftup(i) changes nothing if
// and only if element i is strictly smaller than both children. Elements that are not are called *loose*
// here. heapify() runs siftup on every inner position from the last to the first; here it runs on the loose
// ones only, in the same order, which gives the same array. A valid heap has loose elements too: the ones
// that tie with a child, which every heapify turns over.

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
  [[nodiscard]] Id id_at(std::size_t position) const { return ids_[position]; }
  [[nodiscard]] double priority_at(std::size_t position) const { return priorities_[position]; }
  /// REQUIRES: the id is in the array.
  [[nodiscard]] std::size_t position_of(Id id) const { return positions_[id]; }

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

  /// Assigns a priority where the element is, which may break the heap until heapify.
  void set_priority(std::size_t position, double priority) {
    if (priorities_[position] == priority) return;
    priorities_[position] = priority;
    refresh(position);
    if (position > 0) refresh((position - 1) / 2);
  }

  /// Assigns revise(id, priority) to every element in array order. Cost: O(size).
  template <class Revise>
  void revise_all(Revise&& revise) {
    for (std::size_t i = 0; i < size_; ++i) priorities_[i] = revise(ids_[i], priorities_[i]);
    refresh_all();
  }

  /// heapify, and the one that is owed before it. Cost: O(log size) for every loose element, nothing when there is none.
  void heapify() {
    if (is_owed_ && !ties_are_broken_) {
      is_owed_ = false;
      heapify_twice();
      return;
    }
    settle();
    heapify_once();
  }

  /// heapify, together with the next one, which must be called before anything else is: two in a row turn a lone pair of
  /// equal elements over and back again, so that most of the work of both can be left undone.
  void heapify_with_the_next() { is_owed_ = true; }
  /// Does the heapify that is owed, for whoever wants to look at the array.
  void settle() {
    if (!is_owed_) return;
    is_owed_ = false;
    heapify_once();
  }

 private:
  [[nodiscard]] double smaller_child(std::size_t position) const {
    return std::min(priorities_[2 * position + 1], priorities_[2 * position + 2]);
  }
  void heapify_once() {
    std::size_t end = size_ / 2;
    for (std::size_t i; (i = loose_.last_before(end)) != OrderedBits::none; end = i) put_in_order(i);
  }
  void heapify_twice();
  /// What heapify does with a loose element.
  void put_in_order(std::size_t position) {
    if (smaller_child(position) == priorities_[position] && !ties_are_broken_) {
      turn_over(position);
    } else {
      sift_up(position);
    }
  }
  /// Whether the element equals one child and nobody else around: turning it over changes these two only.
  [[nodiscard]] bool is_lone_pair(std::size_t position) const {
    const double* p = priorities_.data();
    const std::size_t left = 2 * position + 1;
    if (p[left] == p[left + 1]) return false;
    const std::size_t equal = left + static_cast<std::size_t>(p[left + 1] < p[left]);
    return !loose_.has(equal) && (position == 0 || p[(position - 1) / 2] < p[position]);
  }
  /// Turns over what was passed by, as an element is about to be sifted through it.
  void catch_up(std::size_t position) {
    if (passed_by_[position] != round_) return;
    passed_by_[position] = 0;
    turn_over(position);
  }
  void sift_up(std::size_t position);
  /// sift_up of an element that equals its smaller child: among equal elements nothing but their places
  /// changes, and they stay loose. This is most of the work, as every heapify turns every tie over.
  void turn_over(std::size_t position) {
    const Id moved = ids_[position];
    const double* p = priorities_.data();
    const double priority = p[position];
    std::size_t hole = position;
    for (;;) {
      std::size_t child = 2 * hole + 1;
      child += static_cast<std::size_t>(!(p[child] < p[child + 1]));
      if (p[child] != priority) break;
      put_id(hole, ids_[child]);
      hole = child;
    }
    put_id(hole, moved);
  }
  void sift_up_by_age(std::size_t position);
  void sift_down(std::size_t position);
  void grow();
  void refresh_all();
  void place(std::size_t position, Id id, double priority) {
    priorities_[position] = priority;
    put_id(position, id);
  }
  void put_id(std::size_t position, Id id) {
    ids_[position] = id;
    positions_[id] = static_cast<std::uint32_t>(position);
  }
  /// Whether the element is not loose. Behind the end the array holds infinities, so leaves never are.
  [[nodiscard]] bool is_tight(std::size_t position) const {
    const double* p = priorities_.data();
    const bool is_smallest = (p[position] < p[2 * position + 1]) & (p[position] < p[2 * position + 2]);
    if (is_smallest || !ties_are_broken_) return is_smallest;
    return is_less(position, 2 * position + 1) && is_less(position, 2 * position + 2);
  }
  void refresh(std::size_t position) { note_loose(position, !is_tight(position)); }
  void note_loose(std::size_t position, bool is_loose) {
    if (is_loose != loose_.has(position)) [[unlikely]]
      loose_.put(position, is_loose);
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
  OrderedBits loose_;
  std::vector<std::uint32_t> passed_by_;  ///< By place: the round in which its pair was not turned over.
  std::uint32_t round_ = 1;
  bool is_owed_ = false;
  bool ties_are_broken_;
  std::vector<std::uint64_t> ages_;  ///< By id: number of the push.
  std::uint64_t pushes_ = 0;
};

}  // namespace thaw::faascache
