#pragma once
// What a load came to: counts by cause, distributions of latencies, and the same for each function. Totals of several
// generators add up without loss, also after they were written to run.json and read back.

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "stats/histogram.h"

namespace thaw {

/// Why an invocation has no good answer.
enum class Cause : std::uint8_t {
  none,              ///< It has one.
  connect_refused,   ///< Nobody listens, or the network says no.
  connect_timeout,   ///< Connecting took longer than its limit.
  function_timeout,  ///< No whole answer within the function's limit.
  reset,             ///< The connection ended before the answer did.
  bad_answer,        ///< What came is not of the protocol.
  status,  ///< The answer says that it failed (HTTP status other than 2xx, gRPC status other than OK).
  platform_dropped,  ///< The platform had no container for it and no place to wait: it was never executed.
  tls,               ///< No secure connection: handshake or certificate.
  local,             ///< This machine could not send it: no descriptors, ports or connections left.
  dropped,  ///< Not sent: its instant had passed. The generator's own, and no failure of the platform.
};
inline constexpr std::size_t cause_count = 11;
/// "connect_refused", …; "none" for none.
std::string_view name_of(Cause cause);

/// Response over requested execution time, where a time was requested.
struct SlowdownTotals {
  SlowdownTotals();
  void add(double slowdown);
  void merge(const SlowdownTotals& other);
  [[nodiscard]] std::uint64_t count() const { return thousandths.count(); }
  /// n over the sum of reciprocals, as the predecessor plots it; NaN when empty.
  [[nodiscard]] double harmonic_mean() const;

  Histogram thousandths;  ///< Of slowdown, two digits.
  double sum = 0;
  double reciprocal_sum = 0;
};

/// Counts and distributions of a set of invocations. Latencies in nanoseconds.
struct LoadTotals {
  LoadTotals();
  /// Loses nothing.
  void merge(const LoadTotals& other);
  /// Without a good answer, the dropped ones left out.
  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] std::uint64_t dropped() const { return by_cause[static_cast<std::size_t>(Cause::dropped)]; }

  std::uint64_t planned = 0;  ///< Everything that came, sent or not.
  std::uint64_t sent = 0;     ///< Handed to the kernel.
  std::uint64_t ok = 0;
  std::uint64_t in_flight = 0;  ///< Without an end when the run ended: censored.
  std::uint64_t cold = 0;
  std::uint64_t knows_cold = 0;  ///< The platform said whether it was cold.
  std::uint64_t retried = 0;     ///< Sent again on another connection, see Invocation::attempt.
  std::array<std::uint64_t, cause_count> by_cause{};
  Histogram response;  ///< Intended start to end, of good answers.
  Histogram service;   ///< Sending to end, of good answers.
  Histogram lateness;  ///< Intended start to dispatch, of everything dispatched.
  SlowdownTotals slowdown;
  std::int64_t last_intended_ns = 0;
  std::int64_t last_done_ns = 0;
  std::int64_t oldest_in_flight_ns = 0;  ///< Age of the oldest one without an end.
};

/// One function's share. The histogram is made when it is needed.
struct FunctionTotals {
  void merge(const FunctionTotals& other);

  std::string name;
  std::uint64_t planned = 0, ok = 0, failed = 0, cold = 0, knows_cold = 0;
  double reciprocal_slowdown_sum = 0;
  std::uint64_t slowdowns = 0;
  std::optional<Histogram> response;  ///< Two digits, from 1 µs.
};
/// The range of FunctionTotals::response.
HistogramRange function_latency_range();

/// Everything, histograms as compressed HdrHistogram payloads in base64.
nlohmann::ordered_json to_exact_json(const LoadTotals& totals);
nlohmann::ordered_json to_exact_json(const FunctionTotals& totals);
/// Reads back what to_exact_json wrote. Errors: bad_input.
Result<LoadTotals> load_totals_from(const nlohmann::ordered_json& json);
Result<FunctionTotals> function_totals_from(const nlohmann::ordered_json& json);

}  // namespace thaw
