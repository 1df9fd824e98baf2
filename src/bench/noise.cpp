#include "bench/noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "stats/autocorrelation.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using Found = std::optional<NoiseWarning>;
using Facts = const NoiseFacts&;

std::string_view plural(std::size_t count) { return count == 1 ? "" : "s"; }

/// The values without their warm-up.
std::span<const double> settled(Facts facts) { return facts.seconds.subspan(facts.warm_up); }

double relative_change(double from, double to) { return from == 0 ? 0 : (to - from) / std::abs(from); }

// --- What happened to the repetitions ---------------------------------------------------------------

Found look_at_failures(Facts facts) {
  if (facts.failed == 0) return std::nullopt;
  return NoiseWarning{
      NoiseKind::failures,
      fmt::format("{} of {} repetition{} failed and {} left out of the statistics", facts.failed,
                  facts.repetitions, plural(facts.repetitions), facts.failed == 1 ? "is" : "are"),
      facts.failed == facts.repetitions ? "see the first failure in samples.csv"
                                        : "what fails sometimes may also be slow sometimes: find out why"};
}

Found look_at_count(Facts facts) {
  const std::size_t n = facts.seconds.size();
  if (n == 0 || n >= 10) return std::nullopt;
  return NoiseWarning{NoiseKind::few_repetitions,
                      fmt::format("only {} value{}: percentiles and intervals say little", n, plural(n)),
                      "repeat at least 10 times, or let a rule decide: --repeat precision"};
}

// --- Time scale --------------------------------------------------------------------------------------

Found look_at_duration(Facts facts) {
  if (facts.seconds.empty()) return std::nullopt;
  const double middle = median(facts.seconds);
  if (middle >= 0.005) return std::nullopt;
  const std::string spawn = facts.spawn_seconds ? fmt::format("; starting a program alone takes {}",
                                                              human_seconds(*facts.spawn_seconds))
                                                : "";
  return NoiseWarning{
      NoiseKind::too_short, fmt::format("the command takes {}, below 5 ms{}", human_seconds(middle), spawn),
      "do more work in one repetition, or read a time that the function measures itself (inner_time)"};
}

Found look_at_clock(Facts facts) {
  if (facts.seconds.empty() || !facts.clock_resolution) return std::nullopt;
  const double step = to_seconds(*facts.clock_resolution);
  const double middle = median(facts.seconds);
  if (step <= 0 || middle >= 100 * step) return std::nullopt;
  return NoiseWarning{NoiseKind::coarse_clock,
                      fmt::format("the command takes {}, but the clock moves in steps of {}",
                                  human_seconds(middle), human_seconds(step)),
                      "do more work in one repetition"};
}

// --- The series --------------------------------------------------------------------------------------

std::string advice_for_start(Facts facts) {
  if (facts.is_cold) return "each run was reset, so something outlives the reset: look at the layers' reset";
  if (facts.has_warm_up) return "the warm-up was too short: raise --warmup";
  return "discard first runs with --warm or --warmup N, or make all alike with --cold";
}

Found look_at_first_run(Facts facts) {
  const auto values = facts.seconds;
  if (values.size() < 5 || facts.warm_up > 0) return std::nullopt;
  const double rest = median(values.subspan(1));
  const double excess = relative_change(rest, values.front());
  if (modified_z_scores(values).front() <= 3.5 || excess <= 0.05) return std::nullopt;
  return NoiseWarning{NoiseKind::slow_first_run,
                      fmt::format("the first run took {}, {:.0f} % more than the others' median",
                                  human_seconds(values.front()), 100 * excess),
                      advice_for_start(facts)};
}

Found look_at_warm_up(Facts facts) {
  const std::size_t length = facts.warm_up;
  if (length == 0) return std::nullopt;
  return NoiseWarning{NoiseKind::warm_up,
                      fmt::format("the first {} runs differ from the rest (median {} against {})", length,
                                  human_seconds(median(facts.seconds.first(length))),
                                  human_seconds(median(facts.seconds.subspan(length)))),
                      advice_for_start(facts)};
}

Found look_at_drift(Facts facts) {
  const auto values = settled(facts);
  if (!has_drift(values)) return std::nullopt;
  return NoiseWarning{NoiseKind::drift,
                      fmt::format("times drift by {:+.1f} % during the run (p = {:.2g})",
                                  100 * change_over(values), trend_p_value(values)),
                      facts.is_interleaved
                          ? "let the machine settle (heat, other work) and measure again"
                          : "compare with --order random or interleaved, so that drift meets all alike"};
}

Found look_at_memory(Facts facts) {
  const auto values = settled(facts);
  if (values.size() < 20 || has_drift(values)) return std::nullopt;
  const double r = autocorrelations(values, 1).back();
  const double worth = effective_sample_size(values);
  const auto n = static_cast<double>(values.size());
  // Bartlett's limit for r_1 of independent values, at about one in a thousand.
  if (!(r > 3.3 / std::sqrt(n)) || worth > n / 2) return std::nullopt;
  return NoiseWarning{
      NoiseKind::autocorrelation,
      fmt::format("neighbouring values are alike (r = {:.2f}): {} values are worth about {:.0f}", r,
                  values.size(), worth),
      "intervals are too narrow: repeat longer, or use --repeat bb"};
}

Found look_at_modes(Facts facts) {
  const auto values = settled(facts);
  const auto modes = two_modes(values);
  if (!modes) return std::nullopt;
  return NoiseWarning{
      NoiseKind::bimodality,
      fmt::format("times form two groups, {:.0f} % near {} and {:.0f} % near {}", 100 * modes->low_share,
                  human_seconds(modes->low), 100 * (1 - modes->low_share), human_seconds(modes->high)),
      facts.is_pinned ? "one mean describes neither: look for a cache, a fast path or frequency steps"
                      : "one mean describes neither; if processors differ, try --pin"};
}

Found look_at_outliers(Facts facts) {
  const auto values = settled(facts);
  if (values.size() < 10 || two_modes(values)) return std::nullopt;
  const auto scores = modified_z_scores(values);
  const auto count =
      static_cast<std::size_t>(std::ranges::count_if(scores, [](double z) { return std::abs(z) > 3.5; }));
  const double worst = std::ranges::max(scores, {}, [](double z) { return std::abs(z); });
  // One in twenty is a heavy tail, not an accident, and worth a word; so is a single value far away.
  if (count == 0 || (count * 20 < values.size() && std::abs(worst) < 10)) return std::nullopt;
  return NoiseWarning{NoiseKind::outliers,
                      fmt::format("{} of {} values {} an outlier (modified z above 3.5, worst {:.1f})", count,
                                  values.size(), count == 1 ? "is" : "are each", worst),
                      facts.is_pinned
                          ? "look for other work on the machine; medians and percentiles bear it best"
                          : "stop other work on the machine or try --pin; medians bear it best"};
}

// --- The machine -------------------------------------------------------------------------------------

Found look_at_governor(Facts facts) {
  if (!facts.governor || facts.governor->empty() || *facts.governor == "performance") return std::nullopt;
  return NoiseWarning{NoiseKind::governor,
                      fmt::format("the frequency governor is '{}', not 'performance'", *facts.governor),
                      "cpupower frequency-set -g performance"};
}

Found look_at_turbo(Facts facts) {
  if (!facts.has_turbo.value_or(false)) return std::nullopt;
  return NoiseWarning{NoiseKind::turbo, "turbo is on: speed depends on heat and on what other cores do",
                      "switch it off (intel_pstate/no_turbo or cpufreq/boost) when small differences matter"};
}

Found look_at_load(Facts facts) {
  if (!facts.load || !facts.cores || *facts.load <= *facts.cores) return std::nullopt;
  return NoiseWarning{NoiseKind::load,
                      fmt::format("the load was {:.1f} on {:.0f} processor{} before the run", *facts.load,
                                  *facts.cores, plural(static_cast<std::size_t>(*facts.cores))),
                      facts.is_pinned
                          ? "stop other work; pinning alone does not keep it away"
                          : "stop other work, or keep it away with --pin and isolated processors"};
}

Found look_at_steal(Facts facts) {
  if (facts.steal_share.value_or(0) <= 0.01) return std::nullopt;
  return NoiseWarning{
      NoiseKind::steal,
      fmt::format("the hypervisor took {:.1f} % of the processor time", 100 * *facts.steal_share),
      "the host is shared: measure on a dedicated machine, or compare with --order interleaved"};
}

Found look_at_throttling(Facts facts) {
  if (facts.throttle_events.value_or(0) <= 0) return std::nullopt;
  return NoiseWarning{
      NoiseKind::throttling,
      fmt::format("heat slowed processors down {:.0f} times during the run", *facts.throttle_events),
      "improve cooling, pause between repetitions (--prepare 'sleep 1'), or lower the frequency"};
}

Found look_at_quota(Facts facts) {
  if (facts.quota_throttled_seconds.value_or(0) <= 0) return std::nullopt;
  return NoiseWarning{NoiseKind::quota,
                      fmt::format("the control group's quota stopped its tasks for {}",
                                  human_seconds(*facts.quota_throttled_seconds)),
                      "raise the processor quota of this container, or use fewer copies"};
}

Found look_at_swap(Facts facts) {
  constexpr double worth_a_word = 64.0 * 1024 * 1024;
  if (facts.swap_used_bytes.value_or(0) < worth_a_word) return std::nullopt;
  return NoiseWarning{NoiseKind::swap,
                      fmt::format("{} of swap are in use", human_bytes(*facts.swap_used_bytes)),
                      "free memory, then swapoff -a && swapon -a"};
}

constexpr std::array<NoiseCheck, 17> checks = {{
    {NoiseKind::failures, "failures", "a repetition failed", look_at_failures},
    {NoiseKind::few_repetitions, "few-repetitions", "fewer than 10 values", look_at_count},
    {NoiseKind::too_short, "too-short", "the median is below 5 ms", look_at_duration},
    {NoiseKind::coarse_clock, "coarse-clock", "the median is below 100 steps of the clock", look_at_clock},
    {NoiseKind::slow_first_run, "slow-first-run",
     "the first value's modified z-score is above 3.5 and it exceeds the median by 5 % (Iglewicz & Hoaglin "
     "1993)",
     look_at_first_run},
    {NoiseKind::warm_up, "warm-up", "a change point in the first 30 % (Killick, Fearnhead & Eckley 2012)",
     look_at_warm_up},
    {NoiseKind::drift, "drift", "a trend over time (Mann 1945, p < 0.01) of more than 2 %", look_at_drift},
    {NoiseKind::autocorrelation, "autocorrelation",
     "values are worth less than half their number (Geyer 1992)", look_at_memory},
    {NoiseKind::bimodality, "bimodality", "two groups explain 85 % of the variance (Fisher 1958)",
     look_at_modes},
    {NoiseKind::outliers, "outliers", "modified z-scores above 3.5: one in twenty, or one above 10",
     look_at_outliers},
    {NoiseKind::governor, "governor", "the frequency governor is not 'performance'", look_at_governor},
    {NoiseKind::turbo, "turbo", "turbo is on", look_at_turbo},
    {NoiseKind::load, "load", "more tasks than processors before the run", look_at_load},
    {NoiseKind::steal, "steal", "a hypervisor took more than 1 %", look_at_steal},
    {NoiseKind::throttling, "throttling", "a thermal counter grew", look_at_throttling},
    {NoiseKind::quota, "quota", "a control group's quota stopped its tasks", look_at_quota},
    {NoiseKind::swap, "swap", "64 MiB of swap or more are in use", look_at_swap},
}};

}  // namespace

std::span<const NoiseCheck> noise_checks() { return checks; }

std::vector<NoiseWarning> find_noise(NoiseFacts facts) {
  facts.warm_up = warm_up_length(facts.seconds);
  std::vector<NoiseWarning> warnings;
  for (const NoiseCheck& check : checks) {
    if (auto warning = check.look(facts)) warnings.push_back(*std::move(warning));
  }
  return warnings;
}

}  // namespace thaw
