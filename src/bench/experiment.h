#pragma once
// Running a plan: repetition after repetition, in the order asked for, each row written before the next begins, until
// every cell's stopping rule is content.

#include <functional>
#include <string>
#include <vector>

#include "bench/plan.h"
#include "bench/result.h"
#include "core/clock.h"

namespace thaw {

/// What a progress line can show after a repetition.
struct BenchProgress {
  std::string_view label;       ///< Of the cell; empty when there is only one.
  std::size_t repetitions = 0;  ///< Finished in this cell.
  std::size_t cells_done = 0;
  std::size_t cells = 1;
  double last = 0;          ///< Last value of the metric the rule looks at; NaN when missing.
  double progress = 0;      ///< The rule's own estimate, 0 … 1, or NaN.
  std::string_view reason;  ///< The rule's words.
};

/// How a run talks to whoever started it.
struct BenchObserver {
  std::function<void(const BenchProgress&)> on_progress = [](const BenchProgress&) {};
  std::function<void(const std::string&)> on_warning = [](const std::string&) {};
};

/// Where the record goes and how it came to be.
struct BenchLaunch {
  std::vector<std::string> command_line;  ///< As typed, for the record.
  std::string version;
  std::optional<Path> resume;  ///< Continue this run folder instead of making one.
};

/// Runs the plan and writes its record. A run that SIGINT or SIGTERM ended is a result too, with its signal.
/// Errors: environment (record cannot be written, a program or daemon is missing at the start), run_failed (a layer's
/// look-up failed before the first repetition). Rows that were finished are kept in any case.
Result<BenchResult> run_bench(const BenchPlan& plan, const BenchLaunch& launch, Clock& clock,
                              const BenchObserver& observer);

}  // namespace thaw
