#pragma once
// `thaw load --target embedded`: a platform of its own, inside the load generator's process, with the functions of the plan.

#include <memory>
#include <string>

#include "load/load_request.h"
#include "platform/gateway.h"

namespace thaw::cli {

/// What the command line says of the platform.
struct EmbeddedOptions {
  std::string policy = "ttl:10m";  ///< In the time of the platform, which is the sped-up one.
  std::string memory = "4GiB";
  std::string work = "sleep";  ///< How the functions spend their time: sleep, wall or cpu.
};

/// Starts a gateway when the load asks for its target, and keeps it until it is stopped or destroyed.
class EmbeddedPlatform {
 public:
  /// Errors: bad_usage (memory, policy, work), environment (thaw-fn is not there).
  static Result<EmbeddedPlatform> create(const EmbeddedOptions& options, const PlanRequest& plan);

  /// For LoadRequest::start_target. REQUIRES: this object stays where it is.
  [[nodiscard]] TargetStarter starter();
  /// Waits for running invocations and ends all instances; the event log is complete then.
  void stop();

 private:
  Result<StartedTarget> start(const std::vector<TraceFunction>& functions, const Path& record);
  Result<FunctionSpec> spec_of(const TraceFunction& function) const;

  EmbeddedOptions options_;
  double speedup_ = 1;
  Execution execution_{0, 0};  ///< Of functions that are not of a trace.
  GatewayOptions gateway_options_;
  std::unique_ptr<Gateway> gateway_;
};

}  // namespace thaw::cli
