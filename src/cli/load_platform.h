#pragma once
// `thaw load --target PLATFORM:SETTINGS`: the functions of the plan on a platform of the room deploy, for as long as the load
// takes.

#include <optional>
#include <string>

#include "deploy/deployment.h"
#include "load/load_request.h"
#include "trace/deployment.h"

namespace thaw::cli {

/// Whether a target names a platform and is no URL: "docker:image=thaw-fn".
bool names_platform(std::string_view target);

class DeployedPlatform {
 public:
  /// `functions` is a file with settings of single functions (dirigent.json); empty: none.
  /// Errors: bad_usage (unknown platform, settings), bad_input (the file), environment (its program is not there).
  static Result<DeployedPlatform> create(std::string_view target, const Path& functions,
                                         const PlanRequest& plan);
  DeployedPlatform(DeployedPlatform&&) = default;
  DeployedPlatform& operator=(DeployedPlatform&&) = delete;
  /// Takes off what is still there.
  ~DeployedPlatform() { stop(); }

  /// For LoadRequest::start_target. REQUIRES: this object stays where it is.
  [[nodiscard]] TargetStarter starter();
  void stop();

 private:
  DeployedPlatform(Deployment deployment, const PlanRequest& plan)
      : deployment_(std::move(deployment)), speedup_(plan.speedup), execution_(plan.execution) {}
  Result<StartedTarget> start(const std::vector<TraceFunction>& functions);
  /// What the file says of each function, as values of the platform's placeholders. Errors: bad_input for a function that the
  /// file does not have.
  [[nodiscard]] Result<std::vector<PlatformValues>> own_values(
      const std::vector<TraceFunction>& functions) const;
  [[nodiscard]] DeploymentObserver observer() const;

  std::optional<Deployment> deployment_;
  Path functions_file_;
  std::vector<DirigentFunction> settings_;  ///< Of the file.
  double speedup_;
  Execution execution_;  ///< Of functions that are not of a trace.
};

}  // namespace thaw::cli
