#include "cli/load_embedded.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>

#include "cli/serve_request.h"
#include "core/process.h"
#include "core/text.h"
#include "keepalive/policy.h"

namespace thaw::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Warnings come from several threads.
void warn(const std::string& text) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  spdlog::warn("platform: {}", text);
}

double milliseconds(Nanos time) { return static_cast<double>(time.count()) * 1e-6; }

Json describe(const FunctionSpec& spec) {
  return {{"name", spec.name},
          {"memory_mb", static_cast<double>(spec.memory.count()) * 1e-6},
          {"init_ms", milliseconds(spec.init)},
          {"execution_ms", milliseconds(spec.execution)}};
}

}  // namespace

Result<EmbeddedPlatform> EmbeddedPlatform::create(const EmbeddedOptions& options, const PlanRequest& plan) {
  EmbeddedPlatform platform;
  platform.options_ = options;
  platform.speedup_ = plan.speedup;
  platform.execution_ = plan.execution;
  constexpr std::string_view works[] = {"sleep", "wall", "cpu"};
  if (std::find(std::begin(works), std::end(works), options.work) == std::end(works))
    return fail_at(ErrorKind::bad_usage, fmt::format("must be sleep, wall or cpu, got \"{}\"", options.work),
                   "--work");
  auto memory = parse_bytes(options.memory);
  if (!memory) return tl::unexpected(std::move(memory).error().in("--platform-memory"));
  auto policy = make_policy(options.policy, plan.seed);
  if (!policy) return tl::unexpected(std::move(policy).error().in("--policy"));
  const auto program = find_companion("thaw-fn");
  if (!program)
    return fail_at(ErrorKind::environment, "the program thaw-fn, which plays the functions, is not there",
                   "--target embedded", "it is installed with thaw");
  GatewayOptions& gateway = platform.gateway_options_;
  gateway.listen = "127.0.0.1:0";
  gateway.memory = *memory;
  gateway.policy = options.policy;
  gateway.seed = plan.seed;
  gateway.warn = warn;
  gateway.defaults.command = {program->string()};
  return platform;
}

TargetStarter EmbeddedPlatform::starter() {
  return [this](const std::vector<TraceFunction>& functions, const Path& record) {
    return start(functions, record);
  };
}

void EmbeddedPlatform::stop() {
  if (gateway_) gateway_->stop();
}

Result<FunctionSpec> EmbeddedPlatform::spec_of(const TraceFunction& function) const {
  TraceFunction played = function;
  const FunctionSpec& defaults = gateway_options_.defaults;
  // What no trace says is what the command line asks for.
  if (played.memory_mb <= 0) {
    played.memory_mb = execution_.memory_mib > 0 ? execution_.memory_mib * 1.048576
                                                 : static_cast<double>(defaults.memory.count()) * 1e-6;
  }
  if (played.warm_ms <= 0) played.warm_ms = execution_.runtime_ms * speedup_;
  FunctionSpec spec = trace_function_spec(played, defaults, speedup_, options_.work);
  if (spec.name != function.name) {
    return fail_at(ErrorKind::bad_input,
                   "the embedded platform serves functions whose names are letters, digits, '.', '_' and '-'",
                   function.name);
  }
  return spec;
}

Result<StartedTarget> EmbeddedPlatform::start(const std::vector<TraceFunction>& functions,
                                              const Path& record) {
  THAW_CHECK(start_process_guard());
  std::vector<FunctionSpec> specs;
  std::vector<Nanos> executions;
  Json described = Json::array();
  for (const TraceFunction& function : functions) {
    THAW_TRY(FunctionSpec spec, spec_of(function));
    described.push_back(describe(spec));
    executions.push_back(spec.execution);
    specs.push_back(std::move(spec));
  }
  if (!record.empty()) gateway_options_.events = record / "events.ndjson";
  THAW_TRY(gateway_, Gateway::start(gateway_options_, specs, system_clock()));
  return StartedTarget{gateway_->url() + "/function/{function}",
                       {},
                       {},
                       {{"kind", "embedded"},
                        {"policy", gateway_options_.policy},
                        {"memory_mb", static_cast<double>(gateway_options_.memory.count()) * 1e-6},
                        {"seed", gateway_options_.seed},
                        {"speedup", speedup_},
                        {"work", options_.work},
                        {"functions", std::move(described)}},
                       std::move(executions)};
}

}  // namespace thaw::cli
