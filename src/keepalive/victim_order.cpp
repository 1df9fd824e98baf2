#include "keepalive/victim_order.h"

#include <algorithm>
#include <utility>

namespace thaw {

// --- RankHeap -----------------------------------------------------------------------------------------------------------

void RankHeap::push(const Entry& entry) {
  std::size_t position = entries_.size();
  entries_.push_back(entry);
  while (position > 0) {
    const std::size_t parent = (position - 1) / 4;
    if (!(entry < entries_[parent])) break;
    entries_[position] = entries_[parent];
    position = parent;
  }
  entries_[position] = entry;
}

void RankHeap::sift_down(std::size_t position, const Entry& entry) {
  const std::size_t count = entries_.size();
  for (;;) {
    const std::size_t first = 4 * position + 1;
    if (first >= count) break;
    std::size_t least = first;
    const std::size_t end = std::min(first + 4, count);
    for (std::size_t child = first + 1; child < end; ++child) {
      if (entries_[child] < entries_[least]) least = child;
    }
    if (!(entries_[least] < entry)) break;
    entries_[position] = entries_[least];
    position = least;
  }
  entries_[position] = entry;
}

RankHeap::Entry RankHeap::pop() {
  const Entry top = entries_.front();
  const Entry last = entries_.back();
  entries_.pop_back();
  if (!entries_.empty()) sift_down(0, last);
  return top;
}

void RankHeap::replace_top(const Entry& entry) { sift_down(0, entry); }

void RankHeap::restore() {
  for (std::size_t position = entries_.size() / 4 + 1; position-- > 0;) {
    if (position < entries_.size()) sift_down(position, Entry(entries_[position]));
  }
}

// --- RecencyOrder -------------------------------------------------------------------------------------------------------

void RecencyOrder::unlink(ContainerId id) {
  const Link link = links_[id];
  if (link.newer != no_container) {
    links_[link.newer].older = link.older;
  } else {
    newest_ = link.older;
  }
  if (link.older != no_container) {
    links_[link.older].newer = link.newer;
  } else {
    oldest_ = link.newer;
  }
}

void RecencyOrder::use(ContainerId id) {
  if (id == newest_) return;
  if (id >= links_.size()) {
    links_.resize(pool_->slots());
    places_.resize(pool_->slots(), Place::nowhere);
  }
  if (places_[id] == Place::listed) unlink(id);
  places_[id] = Place::listed;
  links_[id] = {no_container, newest_};
  if (newest_ != no_container) {
    links_[newest_].newer = id;
  } else {
    oldest_ = id;
  }
  newest_ = id;
}

void RecencyOrder::idle(ContainerId id) {
  if (places_[id] != Place::aside) return;
  places_[id] = Place::returned;
  returned_.push({0, pool_->container(id).last_use, id});
}

void RecencyOrder::remove(ContainerId id) {
  if (id >= places_.size()) return;
  if (places_[id] == Place::listed) unlink(id);
  places_[id] = Place::nowhere;
}

bool RecencyOrder::is_top_valid() const {
  const RankHeap::Entry& top = returned_.top();
  return places_[top.container] == Place::returned &&
         pool_->container(top.container).last_use == top.last_use;
}

ContainerId RecencyOrder::take(Instant now) {
  while (!returned_.empty() && !is_top_valid()) returned_.pop();
  // What was set aside was older than all of the list then, and the list has only become newer.
  if (!returned_.empty()) {
    const ContainerId id = returned_.pop().container;
    places_[id] = Place::nowhere;
    return id;
  }
  while (oldest_ != no_container) {
    const ContainerId id = oldest_;
    unlink(id);
    if (!pool_->is_busy(id, now)) {
      places_[id] = Place::nowhere;
      return id;
    }
    places_[id] = Place::aside;
    pool_->watch(id);
  }
  return no_container;
}

void RecencyOrder::put_back(ContainerId id) {
  places_[id] = Place::returned;
  returned_.push({0, pool_->container(id).last_use, id});
}

bool RecencyOrder::choose(Bytes to_free, Instant now, std::vector<ContainerId>& victims) {
  const std::size_t before = victims.size();
  while (to_free > Bytes{}) {
    const ContainerId id = take(now);
    if (id == no_container) {
      for (std::size_t i = before; i < victims.size(); ++i) put_back(victims[i]);
      victims.resize(before);
      return false;
    }
    victims.push_back(id);
    to_free -= pool_->function(pool_->container(id).function).memory;
  }
  return true;
}

// --- PriorityOrder ------------------------------------------------------------------------------------------------------

bool PriorityOrder::is_valid(const RankHeap::Entry& entry) const {
  const Queued& queued = queued_[entry.container];
  return queued.last_use == entry.last_use && queued.rank == entry.rank;
}

void PriorityOrder::push(ContainerId id) {
  const Container& container = pool_->container(id);
  if (queued_[id].last_use == 0) ++live_;
  queued_[id] = {container.priority, container.last_use};
  heap_.push({container.priority, container.last_use, id});
  drop_outdated();
}

void PriorityOrder::drop_outdated() {
  if (heap_.size() <= 2 * live_ + 64) return;
  heap_.keep_if([this](const RankHeap::Entry& entry) { return is_valid(entry); });
}

void PriorityOrder::use(ContainerId id) {
  if (id >= queued_.size()) {
    queued_.resize(pool_->slots());
    aside_.resize(pool_->slots());
  }
  aside_[id] = 0;
  const Queued& queued = queued_[id];
  // An entry with a rank that is too low comes up too early and is corrected then.
  if (queued.last_use != 0 && queued.rank <= pool_->container(id).priority) return;
  push(id);
}

void PriorityOrder::idle(ContainerId id) {
  if (aside_[id] == 0) return;
  aside_[id] = 0;
  push(id);
}

void PriorityOrder::remove(ContainerId id) {
  if (id >= queued_.size()) return;
  aside_[id] = 0;
  if (queued_[id].last_use == 0) return;
  queued_[id].last_use = 0;
  --live_;
}

bool PriorityOrder::choose(Bytes to_free, Instant now, std::vector<ContainerId>& victims) {
  const std::size_t before = victims.size();
  while (to_free > Bytes{}) {
    if (heap_.empty()) {
      for (std::size_t i = before; i < victims.size(); ++i) push(victims[i]);
      victims.resize(before);
      return false;
    }
    const RankHeap::Entry top = heap_.top();
    if (!is_valid(top)) {
      heap_.pop();
      continue;
    }
    const Container& container = pool_->container(top.container);
    if (container.last_use != top.last_use || container.priority != top.rank) {
      queued_[top.container] = {container.priority, container.last_use};
      heap_.replace_top({container.priority, container.last_use, top.container});
      continue;
    }
    heap_.pop();
    queued_[top.container].last_use = 0;
    --live_;
    if (pool_->is_busy(top.container, now)) {
      aside_[top.container] = 1;
      pool_->watch(top.container);
      continue;
    }
    victims.push_back(top.container);
    to_free -= pool_->function(container.function).memory;
  }
  return true;
}

}  // namespace thaw
