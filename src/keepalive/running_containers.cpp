#include "keepalive/running_containers.h"

#include <utility>

namespace thaw {
namespace {

/// The root of two heaps made one: `other` is the first child, `next` the next sibling. `before` orders ids.
template <class Before>
ContainerId merge(std::span<Container> containers, ContainerId a, ContainerId b, Before before) {
  if (!before(a, b)) std::swap(a, b);
  containers[b].next = containers[a].other;
  containers[a].other = b;
  return a;
}

/// The root of what is left of a heap without its root.
template <class Before>
ContainerId without_root(std::span<Container> containers, ContainerId root, Before before) {
  // Two passes: pairs from left to right, then all from the last.
  ContainerId pairs = no_container;
  for (ContainerId child = containers[root].other; child != no_container;) {
    const ContainerId partner = containers[child].next;
    ContainerId merged = child;
    child = no_container;
    if (partner != no_container) {
      child = containers[partner].next;
      merged = merge(containers, merged, partner, before);
    }
    containers[merged].next = pairs;
    pairs = merged;
  }
  ContainerId rest = no_container;
  while (pairs != no_container) {
    const ContainerId following = containers[pairs].next;
    rest = rest == no_container ? pairs : merge(containers, rest, pairs, before);
    pairs = following;
  }
  return rest;
}

}  // namespace

void RunningContainers::push_out_of_order(std::span<Container> containers, ContainerId id) {
  const auto before = [=](ContainerId a, ContainerId b) { return is_before(containers, a, b); };
  containers[id].next = no_container;
  containers[id].other = no_container;
  heap_ = heap_ == no_container ? id : merge(containers, heap_, id, before);
}

void RunningContainers::bring_first_to_front(std::span<Container> containers) {
  const auto before = [=](ContainerId a, ContainerId b) { return is_before(containers, a, b); };
  List& front = lists_[0];
  List& side = lists_[1];
  if (front.first == no_container) std::swap(front, side);
  if (side.first != no_container && before(side.first, front.first)) {
    const ContainerId id = side.first;
    drop_first(containers, side);
    prepend(containers, front, id);
  }
  if (heap_ != no_container && (front.first == no_container || before(heap_, front.first))) {
    const ContainerId id = heap_;
    heap_ = without_root(containers, id, before);
    prepend(containers, front, id);
  }
}

}  // namespace thaw
