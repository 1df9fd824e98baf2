#pragma once
// The running containers of one function, the first to finish first; of equal ends, the one used first.
//
// The executions of a function take nearly equally long, warm ones and cold ones for themselves, so most finish in the
// order in which they start. Two lists in order of their ends take those in constant time; what fits behind neither is
// in a pairing heap (Fredman, Sedgewick, Sleator & Tarjan 1986). The links are in the containers themselves.

#include <array>
#include <span>

#include "keepalive/container.h"

namespace thaw {

class RunningContainers {
 public:
  [[nodiscard]] bool empty() const { return first() == no_container; }
  /// The first to finish; no_container when nothing runs.
  [[nodiscard]] ContainerId first() const { return lists_[0].first; }
  /// The one started last, of those in order; no_container when nothing runs. For prefetching.
  [[nodiscard]] ContainerId last() const { return lists_[0].last; }

  /// Adds a container whose end is known. Cost: constant.
  void push(std::span<Container> containers, ContainerId id) {
    List& front = lists_[0];
    if (front.first == no_container || is_before(containers, id, front.first)) {
      prepend(containers, front, id);
      return;
    }
    // Behind the later of the two ends that it does not precede, so that the other stays open for earlier ones.
    List& side = lists_[1];
    const bool fits_front = !is_before(containers, id, front.last);
    const bool fits_side = side.first == no_container || !is_before(containers, id, side.last);
    if (fits_front && fits_side && side.first != no_container) {
      append(containers, is_before(containers, front.last, side.last) ? side : front, id);
    } else if (fits_front || fits_side) {
      append(containers, fits_front ? front : side, id);
    } else {
      push_out_of_order(containers, id);
    }
  }

  /// Takes the first to finish out. Cost: constant for those in order, else amortised O(log n). REQUIRES: not empty.
  ContainerId pop(std::span<Container> containers) {
    const ContainerId id = lists_[0].first;
    drop_first(containers, lists_[0]);
    // Whoever is first now has to be on the first list.
    if (lists_[1].first != no_container || heap_ != no_container) bring_first_to_front(containers);
    return id;
  }

 private:
  struct List {
    ContainerId first = no_container;
    ContainerId last = no_container;
  };

  static bool is_before(std::span<const Container> containers, ContainerId a, ContainerId b) {
    const Container& left = containers[a];
    const Container& right = containers[b];
    return left.busy_until != right.busy_until ? left.busy_until < right.busy_until
                                               : left.last_use < right.last_use;
  }
  static void prepend(std::span<Container> containers, List& list, ContainerId id) {
    containers[id].next = list.first;
    if (list.first == no_container) list.last = id;
    list.first = id;
  }
  static void append(std::span<Container> containers, List& list, ContainerId id) {
    containers[id].next = no_container;
    (list.first == no_container ? list.first : containers[list.last].next) = id;
    list.last = id;
  }
  static void drop_first(std::span<const Container> containers, List& list) {
    list.first = containers[list.first].next;
    if (list.first == no_container) list.last = no_container;
  }

  void bring_first_to_front(std::span<Container> containers);
  void push_out_of_order(std::span<Container> containers, ContainerId id);

  std::array<List, 2> lists_;        ///< The first of the first list is the first of all.
  ContainerId heap_ = no_container;  ///< Root of the heap.
};

}  // namespace thaw
