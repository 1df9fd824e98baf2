#include "keepalive/container_queues.h"

namespace thaw {

ContainerQueues::Node& ContainerQueues::node(ContainerId id) {
  if (id >= nodes_.size()) nodes_.resize(pool_->slots());
  return nodes_[id];
}

void ContainerQueues::link(Queue queue, ContainerId id, ContainerId newer, ContainerId older) {
  Node& added = nodes_[id];
  List& list = lists_[queue];
  added.newer = newer;
  added.older = older;
  added.queue = queue;
  (newer != no_container ? nodes_[newer].older : list.newest) = id;
  (older != no_container ? nodes_[older].newer : list.oldest) = id;
  list.bytes += memory_of(id);
  present_ += memory_of(id);
}

void ContainerQueues::unlink(ContainerId id) {
  Node& gone = nodes_[id];
  List& list = lists_[gone.queue];
  (gone.newer != no_container ? nodes_[gone.newer].older : list.newest) = gone.older;
  (gone.older != no_container ? nodes_[gone.older].newer : list.oldest) = gone.newer;
  list.bytes -= memory_of(id);
  present_ -= memory_of(id);
  gone.queue = no_queue;
}

void ContainerQueues::push_newest(Queue queue, ContainerId id) {
  node(id);
  link(queue, id, no_container, lists_[queue].newest);
  if (is_recording_) changes_.push_back({.id = id, .act = Act::linked});
}

void ContainerQueues::push_oldest(Queue queue, ContainerId id) {
  node(id);
  link(queue, id, lists_[queue].oldest, no_container);
  if (is_recording_) changes_.push_back({.id = id, .act = Act::linked});
}

void ContainerQueues::take_out(ContainerId id) {
  Node& taken = node(id);
  if (taken.is_aside) {
    lists_[taken.queue].bytes -= memory_of(id);
    taken.is_aside = false;
    taken.queue = no_queue;
    return;
  }
  if (taken.queue == no_queue) return;
  if (is_recording_) changes_.push_back({id, taken.newer, taken.older, Act::unlinked, taken.queue, 0});
  unlink(id);
}

void ContainerQueues::set_mark(ContainerId id, std::uint8_t mark) {
  Node& marked = node(id);
  if (is_recording_) changes_.push_back({.id = id, .act = Act::marked, .mark = marked.mark});
  marked.mark = mark;
}

ContainerId ContainerQueues::oldest_idle(Queue queue, Instant now) {
  for (;;) {
    const ContainerId id = lists_[queue].oldest;
    if (id == no_container || !pool_->is_busy(id, now)) return id;
    step_aside(id);
  }
}

void ContainerQueues::step_aside(ContainerId id) {
  const Queue queue = nodes_[id].queue;
  take_out(id);
  nodes_[id].queue = queue;
  nodes_[id].is_aside = true;
  lists_[queue].bytes += memory_of(id);
  pool_->watch(id);
  if (is_recording_) stepped_aside_.push_back(id);
}

void ContainerQueues::come_back(ContainerId id) {
  if (!is_aside(id)) return;
  const Queue queue = nodes_[id].queue;
  take_out(id);
  push_oldest(queue, id);
}

void ContainerQueues::come_back_behind(ContainerId id, ContainerId neighbour) {
  if (!is_aside(id)) return;
  const Queue queue = nodes_[id].queue;
  take_out(id);
  link(queue, id, neighbour, neighbour != no_container ? nodes_[neighbour].older : lists_[queue].newest);
}

void ContainerQueues::begin_choice() {
  changes_.clear();
  stepped_aside_.clear();
  is_recording_ = true;
}

void ContainerQueues::take_back_choice() {
  is_recording_ = false;
  // Whoever stepped aside is put between its neighbours first, like the others, and leaves again at the end.
  for (const ContainerId id : stepped_aside_) {
    lists_[nodes_[id].queue].bytes -= memory_of(id);
    nodes_[id].is_aside = false;
    nodes_[id].queue = no_queue;
  }
  for (std::size_t i = changes_.size(); i-- > 0;) {
    const Change& change = changes_[i];
    switch (change.act) {
      case Act::linked:
        unlink(change.id);
        break;
      case Act::unlinked:
        link(change.queue, change.id, change.newer, change.older);
        break;
      case Act::marked:
        nodes_[change.id].mark = change.mark;
        break;
    }
  }
  for (const ContainerId id : stepped_aside_) {
    const Queue queue = nodes_[id].queue;
    unlink(id);
    nodes_[id].queue = queue;
    nodes_[id].is_aside = true;
    lists_[queue].bytes += memory_of(id);
  }
}

}  // namespace thaw
