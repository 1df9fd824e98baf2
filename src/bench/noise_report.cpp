#include "bench/noise_report.h"

#include "bench/noise.h"
#include "core/clock.h"
#include "core/process.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// context[part][group][key]…, or null wherever the path ends.
const Json& at(const Json& context, std::initializer_list<const char*> path) {
  static const Json null;
  const Json* here = &context;
  for (const char* key : path) {
    const auto found = here->find(key);
    if (found == here->end()) return null;
    here = &*found;
  }
  return *here;
}

std::optional<double> number(const Json& value) {
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::optional<double> difference(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b ? std::optional(*a - *b) : std::nullopt;
}

void add_machine(const Json& context, NoiseFacts& facts) {
  const Json& host = at(context, {"host"});
  if (const Json& governor = at(host, {"cpu", "scaling_governor"}); governor.is_string()) {
    facts.governor = governor.get<std::string>();
  }
  if (const Json& turbo = at(host, {"frequency", "turbo_enabled"}); turbo.is_boolean()) {
    facts.has_turbo = turbo.get<bool>();
  }
  facts.load = number(at(host, {"load_average", "one_minute"}));
  facts.cores = number(at(host, {"cpu", "processor_count"}));
  const auto swap_kib =
      difference(number(at(host, {"memory", "swap_total_kb"})), number(at(host, {"memory", "swap_free_kb"})));
  if (swap_kib) facts.swap_used_bytes = *swap_kib * 1024;

  const Json& disturbance = at(context, {"disturbance"});
  const auto steal = number(at(disturbance, {"steal_s"}));
  const auto busy = number(at(disturbance, {"busy_s"}));
  if (steal && busy && *busy > 0) facts.steal_share = *steal / *busy;
  facts.throttle_events = number(at(disturbance, {"thermal_throttles"}));
  facts.quota_throttled_seconds = number(at(disturbance, {"quota_throttled_s"}));
}

/// What was done about noise.
NoiseFacts facts_of(const BenchOptions& options) {
  NoiseFacts facts;
  facts.has_warm_up = options.start == StartMode::warm || options.warmup > 0;
  facts.is_cold = options.start == StartMode::cold;
  facts.is_pinned = !options.pin.empty();
  const bool is_comparison = options.commands.size() > 1 || !options.sweep.empty();
  facts.is_interleaved = !is_comparison || options.order != SweepOrder::in_turn;
  return facts;
}

/// What starting a program that does nothing took, in seconds.
std::optional<double> start_cost() {
  const auto output = run_tool({{"true"}, {}});
  if (!output || !output->succeeded()) return std::nullopt;
  return to_seconds(output->report.wall);
}

std::vector<std::string> lines_of(NoiseFacts facts, const std::string& label) {
  std::vector<std::string> lines;
  const std::string name = label.empty() ? "" : label + ": ";
  for (const NoiseWarning& warning : find_noise(std::move(facts))) {
    lines.push_back(fmt::format("{}{} ({})", name, warning.text, warning.advice));
  }
  return lines;
}

}  // namespace

std::vector<std::string> noise_warnings(const CellResult& cell, const BenchOptions& options) {
  NoiseFacts facts = facts_of(options);
  if (const MeasuredSeries* times = cell.find_series("outer_time")) facts.seconds = times->values;
  // Only a warning about short commands tells it, and only enough repetitions are worth the time.
  if (facts.seconds.size() >= 10 && median(facts.seconds) < 0.005) facts.spawn_seconds = start_cost();
  facts.repetitions = cell.repetitions;
  facts.failed = cell.failed;
  facts.clock_resolution = clock_resolution();
  return lines_of(std::move(facts), cell.label);
}

std::vector<std::string> machine_warnings(const BenchOptions& options, const Json& context) {
  NoiseFacts facts = facts_of(options);
  add_machine(context, facts);
  return lines_of(std::move(facts), {});
}

}  // namespace thaw
