#pragma once
// The record of a load: run.json from the first moment on, samples.csv beside it.

#include <optional>

#include "load/run.h"
#include "record/run_folder.h"

namespace thaw {

class LoadRecord {
 public:
  /// Creates the folder and writes run.json with the status "running". Errors: environment, bad_usage (folder in use).
  static Result<LoadRecord> create(const LoadRequest& request, const LoadLaunch& launch, const LoadPlan& plan,
                                   Clock& clock);

  [[nodiscard]] const Path& folder() const { return folder_.path(); }
  [[nodiscard]] Path samples() const { return folder_.path() / "samples.csv"; }
  /// Notes who is called. Errors: environment.
  Result<> note_platform(const nlohmann::ordered_json& platform);
  void warn(const std::string& text) { document_.warnings.push_back(text); }

  /// Writes the final run.json. Errors: environment.
  Result<> finish(const LoadSummary& summary, RunStatus status, Clock& clock);

 private:
  explicit LoadRecord(RunFolder folder) : folder_(std::move(folder)) {}

  RunFolder folder_;
  RunDocument document_;
};

}  // namespace thaw
