#pragma once
// The result of a load: the object that `thaw load --format json` prints (schema thaw.load/1), the table for people, and
// its verdict about the generator itself.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "record/load_totals.h"
#include "record/table.h"

namespace thaw {

/// How the generator itself fared.
struct SenderHealth {
  std::uint64_t connections_opened = 0;
  std::uint64_t most_in_flight = 0;
  std::uint64_t most_waiting = 0;     ///< For a connection.
  bool was_aborted = false;           ///< By the late policy "abort".
  double cpu_s = 0;                   ///< Processor time of the sending thread.
  std::optional<double> run_delay_s;  ///< The sending thread was ready and waited for a processor.
  std::uint64_t involuntary_switches = 0;
  std::uint64_t spans_sent = 0, spans_dropped = 0;

  void merge(const SenderHealth& other);
};

/// Whether the warm-up had come to rest before measuring began.
struct WarmupStability {
  std::optional<bool> is_stable;  ///< nullopt: too few answers to tell.
  std::string reason;             ///< In words, also when it is stable.
};

struct LoadSummary {
  LoadTotals measured;
  LoadTotals warmup;
  WarmupStability stability;
  std::vector<FunctionTotals> functions;  ///< Of the measured phase.
  SenderHealth sender;
  double duration_s = 0;  ///< From the begin of the plan to its end or the last answer.
  double measured_s = 0;  ///< The same without the warm-up.
  std::string verdict = "healthy";
  std::optional<std::string> out;
};

/// "healthy" only if lateness p99 < max(1 ms, 1 % of the mean inter-arrival time), nothing was dropped and the sender used
/// less than 80 % of its processor; else which limit was hit. `spins` leaves the processor out: spinning uses all of it.
std::string judge(const LoadTotals& totals, const SenderHealth& sender, double duration_s, bool spins);

/// Schema thaw.load/1.
nlohmann::ordered_json to_json(const LoadSummary& summary);

/// A row for everything, and with `by_function` one for each function.
Table to_table(const LoadSummary& summary, bool by_function);

/// What `run.json` keeps beside to_json: the totals from which summaries can be merged without loss.
nlohmann::ordered_json exact_parts(const LoadSummary& summary);

/// Reads a summary back from a run.json's `summary` (to_json and exact_parts together). Errors: bad_input.
Result<LoadSummary> load_summary_from(const nlohmann::ordered_json& json);

}  // namespace thaw
