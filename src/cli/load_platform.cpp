#include "cli/load_platform.h"

#include <spdlog/spdlog.h>

#include "cli/serve_request.h"

namespace thaw::cli {
namespace {

/// Distinct for loads that run at the same time or after each other on the same platform.
std::string new_run() {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().wall().time_since_epoch());
  return fmt::format("{:x}", ms.count());
}

}  // namespace

bool names_platform(std::string_view target) {
  const std::string_view name = target.substr(0, target.find(':'));
  const bool is_url =
      target.find("://") != std::string_view::npos && target.substr(name.size()).starts_with("://");
  return !target.empty() && target != "embedded" && !is_url;
}

Result<DeployedPlatform> DeployedPlatform::create(std::string_view target, const PlanRequest& plan) {
  const std::size_t colon = target.find(':');
  auto spec = find_platform(target.substr(0, colon), platform_folders());
  if (!spec) {
    Error error = std::move(spec).error();
    if (error.where.empty()) {
      error.where = "--target";
      error.hint += "; a URL begins with http:// or https://";
    }
    return tl::unexpected(std::move(error));
  }
  const std::string_view settings = colon == std::string_view::npos ? "" : target.substr(colon + 1);
  auto deployment = Deployment::create(*std::move(spec), settings, new_run());
  if (!deployment) return tl::unexpected(std::move(deployment).error());
  return DeployedPlatform(*std::move(deployment), plan);
}

TargetStarter DeployedPlatform::starter() {
  return [this](const std::vector<TraceFunction>& functions, const Path&) { return start(functions); };
}

DeploymentObserver DeployedPlatform::observer() const {
  return {.on_deployed =
              [last = MonotonicTime()](std::size_t done, std::size_t all) mutable {
                const MonotonicTime now = system_clock().now();
                if (done < all && now - last < std::chrono::seconds(1)) return;
                last = now;
                spdlog::info("{} of {} functions are on the platform", done, all);
              },
          .on_warning = [](const std::string& text) { spdlog::warn("{}", text); }};
}

Result<StartedTarget> DeployedPlatform::start(const std::vector<TraceFunction>& functions) {
  THAW_CHECK(start_process_guard());
  FunctionSpec defaults;
  if (execution_.memory_mib > 0) defaults.memory = Bytes{std::int64_t{execution_.memory_mib} << 20};
  std::vector<FunctionSpec> specs;
  for (TraceFunction function : functions) {
    if (function.memory_mb <= 0) function.memory_mb = static_cast<double>(defaults.memory.count()) * 1e-6;
    if (function.warm_ms <= 0) function.warm_ms = execution_.runtime_ms * speedup_;
    specs.push_back(trace_function_spec(function, defaults, speedup_, "cpu"));
    // A platform says itself which names it takes.
    specs.back().name = function.name;
  }
  StartedTarget target;
  THAW_TRY(target.urls, deployment_->deploy(specs, observer()));
  target.headers = deployment_->headers();
  target.platform = deployment_->describe();
  return target;
}

void DeployedPlatform::stop() {
  if (deployment_) deployment_->remove(observer());
}

}  // namespace thaw::cli
