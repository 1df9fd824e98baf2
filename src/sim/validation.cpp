#include "sim/validation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/simulation.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, reason_count> reason_names = {"arrival", "duration", "expiry",
                                                                     "failure", "other"};
constexpr std::array<std::string_view, reason_count> reason_meanings = {
    "arrived later, or in another order, than planned",
    "a container was busy or free at another time: start-up or execution took longer than configured",
    "a container expired within 10 ms of the arrival", "failed, or was never sent", "none of these"};

/// Which parts of the record replace the plan.
struct Replaced {
  bool arrivals = false, durations = false;
};

/// Notes how each invocation is served, in simulated order; what else is told goes on to another observer.
class ServedNotes final : public SimulationObserver {
 public:
  ServedNotes(std::vector<std::size_t> order, SimulationObserver* next)
      : order_(std::move(order)), served_(order_.size()), next_(next) {}

  void on_invocation(double time_ms, FunctionIndex function, Served served) override {
    if (told_ < order_.size()) served_[order_[told_++]] = served;
    if (next_ != nullptr) next_->on_invocation(time_ms, function, served);
  }
  void on_memory(double time_ms, std::string_view reason, double used_mb, double size_mb,
                 std::span<const EvictedContainer> victims) override {
    if (next_ != nullptr) next_->on_memory(time_ms, reason, used_mb, size_mb, victims);
  }
  void on_served(double time_ms, double used_mb, double running_mb) override {
    if (next_ != nullptr) next_->on_served(time_ms, used_mb, running_mb);
  }
  void on_container(FunctionIndex function, const ContainerEvent& event) override {
    if (next_ != nullptr) next_->on_container(function, event);
  }

  [[nodiscard]] const std::vector<Served>& served() const { return served_; }

 private:
  std::vector<std::size_t> order_;
  std::vector<Served> served_;  ///< By place in the plan.
  std::size_t told_ = 0;
  SimulationObserver* next_;
};

double time_of(const RecordedInvocation& invocation, Replaced replaced) {
  if (!replaced.arrivals) return invocation.intended_ms;
  return std::max(0.0, invocation.arrived_ms.value_or(invocation.intended_ms));
}

/// The execution in a warm container: what the simulation adds for a cold start is not part of it.
double duration_of(const RecordedInvocation& invocation, const TraceFunction& function) {
  if (!invocation.busy_ms) return function.warm_ms;
  const double init_ms = invocation.served == Served::cold ? function.init_ms() : 0;
  return std::max(0.0, *invocation.busy_ms - init_ms);
}

Result<std::vector<Served>> simulate_with(const RecordedRun& run, Replaced replaced,
                                          SimulationObserver* observer) {
  std::vector<std::size_t> order(run.invocations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return time_of(run.invocations[i], replaced); });
  InvocationBlock block;
  for (const std::size_t i : order) {
    const RecordedInvocation& invocation = run.invocations[i];
    block.time_ms.push_back(time_of(invocation, replaced));
    block.function.push_back(invocation.function);
    if (replaced.durations)
      block.duration_ms.push_back(duration_of(invocation, run.functions[invocation.function]));
  }
  ServedNotes notes(std::move(order), observer);
  THAW_TRY(const auto simulation, make_simulation(run.point, run.functions, &notes));
  THAW_CHECK(simulation->take(block));
  (void)simulation->finish();
  return notes.served();
}

ServedCounts count(const std::vector<Served>& served) {
  ServedCounts counts;
  for (const Served each : served) counts.add(each);
  return counts;
}

DifferenceReason reason_of(const RecordedInvocation& invocation, Served arrived, Served durations) {
  if (!invocation.served) return DifferenceReason::failure;
  if (*invocation.served == arrived) return DifferenceReason::arrival;
  if (*invocation.served == durations) return DifferenceReason::duration;
  return invocation.is_near_expiry ? DifferenceReason::expiry : DifferenceReason::other;
}

double mean(const std::vector<double>& values) {
  if (values.empty()) return NAN;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The value that at least this share of all is not above.
double quantile(std::vector<double>& values, double share) {
  if (values.empty()) return NAN;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

Deviations deviations_of(const RecordedRun& run) {
  Deviations deviations;
  std::vector<double> lateness, cold, warm;
  // From the back, so that an arrival is compared with the earliest of those planned after it.
  double earliest_later = INFINITY;
  for (auto i = run.invocations.rbegin(); i != run.invocations.rend(); ++i) {
    if (!i->arrived_ms) continue;
    if (*i->arrived_ms > earliest_later) ++deviations.swapped;
    earliest_later = std::min(earliest_later, *i->arrived_ms);
    lateness.push_back(*i->arrived_ms - i->intended_ms);
    if (!i->busy_ms || !i->served) continue;
    const TraceFunction& function = run.functions[i->function];
    const bool is_cold = *i->served == Served::cold;
    (is_cold ? cold : warm).push_back(*i->busy_ms - function.warm_ms - (is_cold ? function.init_ms() : 0));
  }
  deviations.arrival_p50_ms = quantile(lateness, 0.5);
  deviations.arrival_p99_ms = quantile(lateness, 0.99);
  deviations.cold_excess_ms = mean(cold);
  deviations.warm_excess_ms = mean(warm);
  return deviations;
}

double percent(double part, std::uint64_t whole) {
  return whole == 0 ? NAN : 100 * part / static_cast<double>(whole);
}

double distance(std::uint64_t a, std::uint64_t b) { return static_cast<double>(a > b ? a - b : b - a); }

}  // namespace

std::string_view name_of(DifferenceReason reason) {
  return reason_names.at(static_cast<std::size_t>(reason));
}
std::string_view meaning_of(DifferenceReason reason) {
  return reason_meanings.at(static_cast<std::size_t>(reason));
}

void ServedCounts::add(const std::optional<Served>& served) {
  if (!served) {
    ++failed;
  } else if (*served == Served::cold) {
    ++cold;
  } else {
    ++(*served == Served::warm ? warm : dropped);
  }
}

std::uint64_t Validation::differing() const {
  std::uint64_t sum = 0;
  for (const DifferenceCount& reason : reasons) sum += reason.invocations;
  return sum;
}

double Validation::difference_pct() const {
  return percent(distance(measured.cold, planned.cold), measured.total());
}

double Validation::dropped_difference_pct() const {
  return percent(distance(measured.dropped, planned.dropped), measured.total());
}

double Validation::differing_pct() const {
  return percent(static_cast<double>(differing()), measured.total());
}

Result<Validation> validate(const RecordedRun& run, SimulationObserver* observer) {
  for (const RecordedInvocation& invocation : run.invocations) {
    if (invocation.function >= run.functions.size())
      return fail(ErrorKind::bad_input, "an invocation names function {}, there are {}", invocation.function,
                  run.functions.size());
  }
  THAW_TRY(const auto planned, simulate_with(run, {}, observer));
  THAW_TRY(const auto arrived, simulate_with(run, {.arrivals = true}, nullptr));
  THAW_TRY(const auto durations, simulate_with(run, {.arrivals = true, .durations = true}, nullptr));
  Validation validation;
  validation.point = run.point;
  validation.planned = count(planned);
  validation.arrived = count(arrived);
  validation.durations = count(durations);
  validation.functions.resize(run.functions.size());
  for (std::size_t i = 0; i < run.invocations.size(); ++i) {
    const RecordedInvocation& invocation = run.invocations[i];
    FunctionValidation& function = validation.functions[invocation.function];
    validation.measured.add(invocation.served);
    function.measured.add(invocation.served);
    function.simulated.add(planned[i]);
    if (invocation.served == planned[i]) continue;
    const DifferenceReason why = reason_of(invocation, arrived[i], durations[i]);
    DifferenceCount& reason = validation.reasons.at(static_cast<std::size_t>(why));
    ++reason.invocations;
    reason.cold += (invocation.served == Served::cold ? 1 : 0) - (planned[i] == Served::cold ? 1 : 0);
  }
  validation.deviations = deviations_of(run);
  return validation;
}

}  // namespace thaw
