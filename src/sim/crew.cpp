#include "sim/crew.h"

#include <utility>

#include "core/process.h"
#include "sim/outcome_fields.h"
#include "sim/point_observers.h"

namespace thaw {
namespace {

/// A simulation on its way, and the time that it has taken so far.
struct RunningPoint {
  std::uint64_t index;
  std::unique_ptr<PointObservers> observers;  ///< Null for most.
  std::unique_ptr<Simulation> simulation;
  Nanos taken{};
};

FinishedPoint finished_point(RunningPoint& running, const SweepPoint& point, const SharedTrace& trace,
                             bool has_function_rows) {
  OutcomeRow row{running.index, point, trace.functions().size(), running.simulation->finish(), {}};
  row.costs = costs_of(row.outcome, trace.functions());
  const double wall_s = to_seconds(running.taken);
  const double speed = static_cast<double>(row.outcome.invocations) / wall_s;
  FinishedPoint finished{.index = running.index};
  CsvLine line;
  add_fields(line, outcome_fields(), row);
  finished.row = line.finish();
  add_fields(line, timing_fields(), OutcomeTiming{running.index, wall_s, speed});
  finished.timing = line.finish();
  for (std::size_t i = 0; i < row.outcome.servers.size(); ++i) {
    add_fields(line, server_fields(), ServerRow{running.index, &row, i, &row.outcome.servers[i]});
    finished.server_rows += line.finish();
  }
  if (!has_function_rows) return finished;
  for (std::size_t f = 0; f < row.outcome.functions.size(); ++f) {
    add_fields(line, function_fields(),
               FunctionRow{running.index, &row, &trace.functions()[f], row.outcome.functions[f]});
    finished.function_rows += line.finish();
  }
  return finished;
}

}  // namespace

Crew::Crew(const SweepConfiguration& configuration, const SweepLimits& limits, Clock& clock)
    : configuration_(configuration),
      clock_(clock),
      points_(span_points(configuration.axes)),
      traces_(configuration, limits.most_in_memory) {}

Crew::~Crew() {
  stop();
  threads_.clear();
}

void Crew::start(std::vector<std::unique_ptr<WorkDesk>> desks) {
  desks_ = std::move(desks);
  working_ = desks_.size();
  for (const auto& desk : desks_) {
    threads_.emplace_back([this, &desk = *desk] {
      if (auto done = work(desk); !done) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::move(done).error();
        stop();
      }
      --working_;
    });
  }
}

Result<> Crew::join() {
  threads_.clear();
  if (failure_) return tl::unexpected(*failure_);
  return {};
}

bool Crew::must_stop() const { return stop_.stop_requested() || interrupt_signal() != 0; }

Result<> Crew::work(WorkDesk& desk) {
  std::shared_ptr<const SharedTrace> trace;
  std::optional<TraceKey> held;
  while (!must_stop()) {
    std::vector<std::uint64_t> batch = desk.next(trace && !trace->is_in_memory());
    if (batch.empty()) return {};
    if (const TraceKey key = trace_key_of(points_[batch.front()]); held != key) {
      trace.reset();
      THAW_TRY(trace, traces_.get(points_[batch.front()]));
      held = key;
      if (!trace->is_in_memory()) {
        const std::vector<std::uint64_t> more = desk.fill_up();
        batch.insert(batch.end(), more.begin(), more.end());
      }
    }
    // In memory a pass costs nothing, so points end one by one and are safe as soon as they do.
    const std::size_t together = trace->is_in_memory() ? 1 : batch.size();
    for (std::size_t i = 0; i < batch.size() && !must_stop(); i += together) {
      THAW_CHECK(simulate_batch(*trace, std::span(batch).subspan(i, together), desk));
    }
  }
  return {};
}

Result<> Crew::simulate_batch(const SharedTrace& trace, std::span<const std::uint64_t> batch,
                              WorkDesk& desk) {
  std::vector<RunningPoint> running;
  for (const std::uint64_t index : batch) {
    THAW_TRY(auto observers, PointObservers::create(configuration_, points_[index], trace.functions()));
    THAW_TRY(auto simulation, make_simulation(points_[index].point, trace.functions(), observers.get(),
                                              configuration_.cluster));
    running.push_back({index, std::move(observers), std::move(simulation)});
  }
  THAW_TRY(auto pass, trace.pass());
  InvocationBlock own;
  for (;;) {
    if (must_stop()) return {};
    THAW_TRY(const InvocationBlock* block, pass->next_block(own));
    if (block->size() == 0) break;
    for (RunningPoint& point : running) {
      const MonotonicTime start = clock_.now();
      THAW_CHECK(point.simulation->take(*block));
      point.taken += clock_.now() - start;
    }
    desk.add_progress(block->size() * running.size());
  }
  for (RunningPoint& point : running) {
    FinishedPoint finished = finished_point(point, points_[point.index], trace, configuration_.per_function);
    if (point.observers) {
      THAW_TRY(finished.timeline, point.observers->finish(point.index, points_[point.index].point));
    }
    THAW_CHECK(desk.hand_in(std::move(finished)));
  }
  return {};
}

}  // namespace thaw
