#pragma once
// A whole load: planned, sent, recorded, judged.

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "load/load_request.h"
#include "load/plan_choice.h"
#include "load/recorder.h"

namespace thaw {

/// Facts about this start of the program, for the record.
struct LoadLaunch {
  std::string version;
  std::vector<std::string> command_line;
  nlohmann::ordered_json configuration;  ///< As resolved; loadable again.
};

/// Who watches the run. All may be empty.
struct LoadObserver {
  /// Called ten times a second by another thread.
  std::function<void(const LiveCounters& live, double elapsed_s, double length_s)> on_progress;
  std::function<void(const std::string& text)> on_warning;
  /// Asked by the sender now and then.
  std::function<bool()> is_stopped;
};

struct LoadResult {
  LoadSummary summary;
  std::vector<std::string>
      broken;                ///< Conditions of --fail-if that hold, and of --abort-on that ended the run.
  bool was_stopped = false;  ///< From outside.
  bool was_aborted = false;  ///< By a condition or the late policy.
};

/// Runs it. Errors: bad_usage, bad_input, environment; a record that was begun says that it failed then.
Result<LoadResult> run_load(const LoadRequest& request, const LoadLaunch& launch, Clock& clock,
                            const LoadObserver& observer);

}  // namespace thaw
