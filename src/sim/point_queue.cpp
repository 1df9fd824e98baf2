#include "sim/point_queue.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/trace_cache.h"

namespace thaw {

PointQueue::PointQueue(const SweepConfiguration& configuration, std::span<const std::uint64_t> todo,
                       std::size_t workers, std::size_t most_per_pass)
    : workers_(std::max<std::size_t>(workers, 1)), most_per_pass_(std::max<std::size_t>(most_per_pass, 1)) {
  const std::vector<SweepPoint> points = span_points(configuration.axes);
  std::map<TraceKey, std::size_t> places;
  for (const std::uint64_t index : todo) {
    const auto [place, is_new] = places.emplace(trace_key_of(points[index]), groups_.size());
    if (is_new) groups_.emplace_back();
    groups_[place->second].points.push_back(index);
  }
}

std::vector<std::uint64_t> PointQueue::next(Place& place, BatchSize size) {
  const std::lock_guard lock(mutex_);
  if (place.group_ != Place::nowhere && groups_[place.group_].left() > 0) {
    Group& group = groups_[place.group_];
    if (size == BatchSize::share) return take(group, share_of(group));
    // A quarter of an even share: large at first, and small enough at the end that nobody waits long for the last.
    const std::size_t guided = std::min<std::size_t>(group.left() / (4 * workers_), 64);
    return take(group, size == BatchSize::guided ? std::max<std::size_t>(guided, 1) : 1);
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].left() == 0) continue;
    place.group_ = i;
    return take(groups_[i], 1);
  }
  return {};
}

std::vector<std::uint64_t> PointQueue::fill_up(const Place& place) {
  const std::lock_guard lock(mutex_);
  if (place.group_ == Place::nowhere) return {};
  Group& group = groups_[place.group_];
  return take(group, share_of(group) - 1);
}

std::vector<std::uint64_t> PointQueue::take(Group& group, std::size_t count) {
  const auto begin = group.points.begin() + static_cast<std::ptrdiff_t>(group.handed_out);
  group.handed_out += std::min(count, group.left());
  return {begin, group.points.begin() + static_cast<std::ptrdiff_t>(group.handed_out)};
}

std::size_t PointQueue::share_of(const Group& group) const {
  return std::min((group.points.size() + workers_ - 1) / workers_, most_per_pass_);
}

}  // namespace thaw
