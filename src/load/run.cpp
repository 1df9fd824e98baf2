#include "load/run.h"

#include <algorithm>
#include <cmath>

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json quantile(const Histogram& histogram, double p, double unit_ns) {
  const auto value = histogram.quantile(p);
  return value ? Json(static_cast<double>(*value) / unit_ns) : Json();
}

Json latencies(const Histogram& histogram) {
  constexpr double ms = 1e6;
  return {{"mean_ms", number(histogram.mean() / ms)},  {"p50_ms", quantile(histogram, 0.5, ms)},
          {"p90_ms", quantile(histogram, 0.9, ms)},    {"p99_ms", quantile(histogram, 0.99, ms)},
          {"p999_ms", quantile(histogram, 0.999, ms)}, {"max_ms", quantile(histogram, 1, ms)}};
}

Json counts(const LoadTotals& totals) {
  Json failed = Json::object();
  for (std::size_t i = 1; i < cause_count; ++i) {
    const auto cause = static_cast<Cause>(i);
    if (cause != Cause::dropped && totals.by_cause[i] > 0)
      failed[std::string(name_of(cause))] = totals.by_cause[i];
  }
  return {{"planned", totals.planned},
          {"sent", totals.sent},
          {"ok", totals.ok},
          {"failed", std::move(failed)},
          {"dropped", totals.by_cause[static_cast<std::size_t>(Cause::dropped)]},
          {"in_flight", totals.in_flight},
          {"cold", totals.knows_cold > 0 ? Json(totals.cold) : Json()}};
}

}  // namespace

PlannedInvocations::PlannedInvocations(ArrivalPlan& plan, double speedup, WallTime anchor)
    : plan_(plan),
      speedup_(speedup),
      anchor_epoch_us_(
          std::chrono::duration_cast<std::chrono::microseconds>(anchor.time_since_epoch()).count()) {}

Result<const Invocation*> PlannedInvocations::next() {
  if (next_ == block_.size()) {
    THAW_CHECK(plan_.source->next(block_));
    next_ = 0;
    if (block_.empty()) return nullptr;
  }
  const PlannedInvocation& planned = block_[next_++];
  invocation_ = Invocation{};
  invocation_.function = planned.function;
  invocation_.column = planned.column;
  invocation_.number = planned.number;
  invocation_.runtime_ms = planned.runtime_ms;
  invocation_.memory_mib = planned.memory_mib;
  invocation_.phase = planned.column < plan_.warmup_columns ? 1 : 2;
  invocation_.intended_ns = static_cast<std::int64_t>(planned.time_ms * 1e6 / speedup_ + 0.5);
  invocation_.start_epoch_us = static_cast<std::uint64_t>(anchor_epoch_us_ + invocation_.intended_ns / 1000);
  return &invocation_;
}

LoadVerdict judge(const LoadTotals& totals, const SenderHealth& health, double duration_s, double cpu_s) {
  if (health.was_aborted) return {"aborted: an invocation was later than its limit"};
  const std::uint64_t dropped = totals.by_cause[static_cast<std::size_t>(Cause::dropped)];
  if (dropped > 0)
    return {fmt::format("late: {} invocations were dropped because their instant had passed", dropped)};
  const double mean_iat_ns = totals.planned > 1 ? duration_s * 1e9 / static_cast<double>(totals.planned) : 0;
  const double limit_ns = std::max(1e6, 0.01 * mean_iat_ns);
  if (const auto late = totals.lateness.quantile(0.99); late && static_cast<double>(*late) > limit_ns) {
    return {fmt::format("late: lateness p99 is {:.3g} ms, the limit {:.3g} ms",
                        static_cast<double>(*late) / 1e6, limit_ns / 1e6)};
  }
  if (duration_s > 0 && cpu_s / duration_s > 0.8) {
    return {fmt::format("busy: the sender used {:.0f} % of a processor", 100 * cpu_s / duration_s)};
  }
  return {};
}

Json to_json(const LoadSummary& summary) {
  const LoadTotals& totals = summary.measured;
  Json json = {{"schema", "thaw.load/1"}};
  json.update(counts(totals));
  json["duration_s"] = summary.duration_s;
  json["throughput_per_s"] =
      summary.duration_s > 0 ? Json(static_cast<double>(totals.ok) / summary.duration_s) : Json();
  json["response"] = latencies(totals.response);
  json["service"] = latencies(totals.service);
  constexpr double us = 1e3;
  json["lateness"] = {{"p50_us", quantile(totals.lateness, 0.5, us)},
                      {"p99_us", quantile(totals.lateness, 0.99, us)},
                      {"max_us", quantile(totals.lateness, 1, us)}};
  Json phases = Json::object();
  if (summary.warmup.planned > 0) {
    phases["warmup"] = counts(summary.warmup);
    phases["warmup"]["response"] = latencies(summary.warmup.response);
  }
  phases["measured"] = counts(totals);
  json["phases"] = std::move(phases);
  json["sender"] = {{"connections_opened", summary.health.connections_opened},
                    {"most_in_flight", summary.health.most_in_flight},
                    {"most_waiting", summary.health.most_waiting},
                    {"cpu_s", summary.cpu_s}};
  json["verdict"] = summary.verdict.text;
  json["out"] = summary.out;
  return json;
}

}  // namespace thaw
