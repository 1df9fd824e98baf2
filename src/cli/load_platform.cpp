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

/// A field of a form (application/x-www-form-urlencoded).
void add_field(std::string_view name, std::string_view value, std::string& form) {
  if (!form.empty()) form += '&';
  form += name;
  form += '=';
  for (const char c : value) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '.' || c == '_';
    form += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
}

/// An entry as the placeholders of a platform's file; what it does not say keeps the parameter.
PlatformValues values_of(const DirigentFunction& entry) {
  PlatformValues values;
  const auto set = [&values](const char* name, std::string value) {
    if (!value.empty() && value != "0") values[name] = std::move(value);
  };
  set("IMAGE", entry.image);
  set("PORT", std::to_string(entry.port));
  set("PROTOCOL", entry.protocol);
  set("UPPER_BOUND", std::to_string(entry.scaling_upper_bound));
  set("LOWER_BOUND", std::to_string(entry.scaling_lower_bound));
  set("MULTIPLIER", std::to_string(entry.iteration_multiplier));
  set("IO_PERCENTAGE", std::to_string(entry.io_percentage));
  std::string form;
  for (const std::string& variable : entry.environment) add_field("env_vars", variable, form);
  for (const std::string& argument : entry.arguments) add_field("program_args", argument, form);
  if (!entry.node_affinity.empty()) add_field("node_affinity", entry.node_affinity, form);
  for (const auto& [name, number] : {std::pair{"node_port", entry.node_port},
                                     {"num_args", entry.number_of_arguments},
                                     {"num_rets", entry.number_of_results}}) {
    if (number != 0) add_field(name, std::to_string(number), form);
  }
  set("FORM", std::move(form));
  return values;
}

}  // namespace

bool names_platform(std::string_view target) {
  const std::string_view name = target.substr(0, target.find(':'));
  const bool is_url =
      target.find("://") != std::string_view::npos && target.substr(name.size()).starts_with("://");
  return !target.empty() && target != "embedded" && !is_url;
}

Result<DeployedPlatform> DeployedPlatform::create(std::string_view target, const Path& functions,
                                                  const PlanRequest& plan) {
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
  DeployedPlatform platform(*std::move(deployment), plan);
  if (functions.empty()) return platform;
  THAW_TRY(const std::string text, read_file(functions));
  THAW_TRY(platform.settings_, parse_dirigent(text, functions.string()));
  platform.functions_file_ = functions;
  return platform;
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
  THAW_TRY(const std::vector<PlatformValues> own, own_values(functions));
  StartedTarget target;
  THAW_TRY(target.urls, deployment_->deploy(specs, observer(), own));
  target.headers = deployment_->headers();
  target.platform = deployment_->describe();
  return target;
}

Result<std::vector<PlatformValues>> DeployedPlatform::own_values(
    const std::vector<TraceFunction>& functions) const {
  std::vector<PlatformValues> own;
  if (functions_file_.empty()) return own;
  for (const TraceFunction& function : functions) {
    const DirigentFunction* const entry = find_dirigent(settings_, function.name);
    if (entry == nullptr) {
      return fail_at(ErrorKind::bad_input, fmt::format("there is no entry of the function {}", function.name),
                     functions_file_.string(), "each function of the trace needs one, by its HashFunction");
    }
    own.push_back(values_of(*entry));
  }
  return own;
}

void DeployedPlatform::stop() {
  if (deployment_) deployment_->remove(observer());
}

}  // namespace thaw::cli
