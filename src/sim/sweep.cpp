#include "sim/sweep.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "sim/crew.h"
#include "sim/results_gate.h"

namespace thaw {
namespace {

class LocalDesk final : public WorkDesk {
 public:
  LocalDesk(PointQueue& queue, ResultsGate& gate) : queue_(queue), gate_(gate) {}
  std::vector<std::uint64_t> next(bool is_streamed) override {
    return queue_.next(place_, is_streamed ? BatchSize::share : BatchSize::one);
  }
  std::vector<std::uint64_t> fill_up() override { return queue_.fill_up(place_); }
  Result<> hand_in(FinishedPoint point) override { return gate_.pass(point); }
  void add_progress(std::uint64_t invocations) override { gate_.add_progress(invocations); }

 private:
  PointQueue& queue_;
  ResultsGate& gate_;
  PointQueue::Place place_;
};

}  // namespace

std::unique_ptr<WorkDesk> make_local_desk(PointQueue& queue, ResultsGate& gate) {
  return std::make_unique<LocalDesk>(queue, gate);
}

Result<> run_points(const SweepConfiguration& configuration, std::span<const std::uint64_t> todo,
                    const SweepLimits& limits, Clock& clock, const PointSink& sink,
                    const SweepProgress& progress) {
  if (todo.empty()) return {};
  const unsigned wanted =
      limits.workers != 0 ? limits.workers : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t workers = std::min<std::size_t>(wanted, todo.size());
  PointQueue queue(configuration, todo, workers, limits.most_per_pass);
  ResultsGate gate(sink, progress);
  Crew crew(configuration, limits, clock);
  std::vector<std::unique_ptr<WorkDesk>> desks;
  for (std::size_t i = 0; i < workers; ++i) desks.push_back(make_local_desk(queue, gate));
  crew.start(std::move(desks));
  return crew.join();
}

}  // namespace thaw
