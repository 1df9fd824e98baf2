#pragma once
// Simulation against reality: the plan of a recorded load is simulated with the policy and the memory of the platform
// that served it, and each invocation is compared. What differs is explained by simulating again with what really
// happened in place of what was planned, one thing after the other:
//
//   planned    intended instants, durations as configured
//   arrived    the instants at which the platform got the invocations
//   measured   and the time that each really kept its container

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/observer.h"
#include "sim/outcome.h"

namespace thaw {

/// An invocation of a recorded load.
struct RecordedInvocation {
  FunctionIndex function = 0;
  double intended_ms = 0;
  std::optional<double> arrived_ms;  ///< At the platform; absent: it never did, or nobody noted it.
  std::optional<double> busy_ms;     ///< How long it kept its container, a cold start included.
  std::optional<Served> served;      ///< Absent: it failed otherwise, or was never sent.
  bool is_near_expiry = false;       ///< A container of its function expired about when it arrived.
};

/// A recorded load and who served it. Times are those of the run.
struct RecordedRun {
  SimulationPoint point;
  std::vector<TraceFunction> functions;
  std::vector<RecordedInvocation> invocations;  ///< In the order of the plan.
};

/// Counts of how invocations were served.
struct ServedCounts {
  std::uint64_t cold = 0, warm = 0, dropped = 0;
  std::uint64_t failed = 0;  ///< Only measured ones.
  void add(const std::optional<Served>& served);
  [[nodiscard]] std::uint64_t total() const { return cold + warm + dropped + failed; }
};

/// Why an invocation was served otherwise than the simulation of the plan has it.
enum class DifferenceReason : std::uint8_t {
  arrival,   ///< As soon as the real instants of arrival are simulated, it is not.
  duration,  ///< As soon as real durations are: a container was busy or free at another time.
  expiry,    ///< It is even then, and a container of its function expired within 10 ms of its arrival.
  failure,   ///< It failed, or was never sent.
  other,     ///< None of these.
};
inline constexpr std::size_t reason_count = 5;
std::string_view name_of(DifferenceReason reason);
/// A sentence for people.
std::string_view meaning_of(DifferenceReason reason);

struct DifferenceCount {
  std::uint64_t invocations = 0;  ///< Served otherwise than simulated.
  std::int64_t cold = 0;          ///< Cold starts measured more than simulated, among them.
};

struct FunctionValidation {
  ServedCounts measured, simulated;
};

/// How late invocations arrived, and how much longer they took than configured. NaN where there was none.
struct Deviations {
  double arrival_p50_ms = 0, arrival_p99_ms = 0;
  std::uint64_t swapped = 0;  ///< Arrived after one that was planned after them.
  double cold_excess_ms = 0;  ///< Mean of cold executions over init + duration as configured.
  double warm_excess_ms = 0;  ///< Mean of warm executions over the duration as configured.
};

struct Validation {
  SimulationPoint point;
  ServedCounts measured;
  ServedCounts planned, arrived, durations;   ///< Simulated, by what was taken from the record.
  std::vector<FunctionValidation> functions;  ///< By RecordedRun::functions; simulated as planned.
  std::array<DifferenceCount, reason_count> reasons{};
  Deviations deviations;

  /// Invocations that were served otherwise than the plan's simulation has it.
  [[nodiscard]] std::uint64_t differing() const;
  /// |measured - simulated| cold starts, in percent of all invocations; NaN for none.
  [[nodiscard]] double difference_pct() const;
  /// The same of dropped ones.
  [[nodiscard]] double dropped_difference_pct() const;
  /// differing(), in percent.
  [[nodiscard]] double differing_pct() const;
};

/// Simulates and compares. `observer` hears the simulation of the plan. Errors: bad_usage (the policy), bad_input.
Result<Validation> validate(const RecordedRun& run, SimulationObserver* observer = nullptr);

}  // namespace thaw
