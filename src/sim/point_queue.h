#pragma once
// The points of a sweep that are still to be handed out. Workers stay with the trace that they hold as long as it has
// points, so that a trace is read as rarely as possible.

#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "sim/sweep.h"

namespace thaw {

/// How many points a worker gets at once.
enum class BatchSize {
  one,     ///< Asking costs nothing: the fairest.
  guided,  ///< Asking costs a message: a part of what is left, down to one point.
  share,   ///< A pass over the trace costs as much as the points: the worker's share of them.
};

class PointQueue {
 public:
  /// Where a worker stands. One for each worker, made empty.
  class Place {
    friend class PointQueue;
    static constexpr std::size_t nowhere = ~std::size_t{0};
    std::size_t group_ = nowhere;
  };

  /// `workers` is how many will ask, wherever they are.
  PointQueue(const SweepConfiguration& configuration, std::span<const std::uint64_t> todo,
             std::size_t workers, std::size_t most_per_pass);

  /// The next points for a worker, all of one trace; empty when nothing is left. A worker that comes to another trace
  /// gets one point, because it does not know yet whether the trace fits into memory. Any thread may call.
  std::vector<std::uint64_t> next(Place& place, BatchSize size);
  /// Further points of the trace where the worker stands, to make up its share. Any thread may call.
  std::vector<std::uint64_t> fill_up(const Place& place);

 private:
  /// Points that read the same functions of the same trace.
  struct Group {
    std::vector<std::uint64_t> points;
    std::size_t handed_out = 0;
    [[nodiscard]] std::size_t left() const { return points.size() - handed_out; }
  };

  std::vector<std::uint64_t> take(Group& group, std::size_t count);
  [[nodiscard]] std::size_t share_of(const Group& group) const;

  std::mutex mutex_;
  std::vector<Group> groups_;  ///< In the order of their first points.
  std::size_t workers_;
  std::size_t most_per_pass_;
};

}  // namespace thaw
