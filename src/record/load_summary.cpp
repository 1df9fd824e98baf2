#include "record/load_summary.h"

#include <algorithm>
#include <cmath>

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json quantile(const Histogram& histogram, double p, double unit) {
  const auto value = histogram.quantile(p);
  return value ? Json(static_cast<double>(*value) / unit) : Json();
}

double quantile_ms(const Histogram& histogram, double p) {
  const auto value = histogram.quantile(p);
  return value ? static_cast<double>(*value) / 1e6 : std::nan("");
}

Json latencies(const Histogram& histogram) {
  constexpr double ms = 1e6;
  return {{"mean_ms", number(histogram.mean() / ms)},  {"p50_ms", quantile(histogram, 0.5, ms)},
          {"p90_ms", quantile(histogram, 0.9, ms)},    {"p99_ms", quantile(histogram, 0.99, ms)},
          {"p999_ms", quantile(histogram, 0.999, ms)}, {"max_ms", quantile(histogram, 1, ms)}};
}

Json slowdowns(const SlowdownTotals& totals) {
  if (totals.count() == 0) return {};
  return {{"harmonic_mean", number(totals.harmonic_mean())},
          {"mean", totals.sum / static_cast<double>(totals.count())},
          {"p50", quantile(totals.thousandths, 0.5, 1000)},
          {"p99", quantile(totals.thousandths, 0.99, 1000)}};
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
          {"dropped", totals.dropped()},
          {"in_flight", totals.in_flight},
          {"cold", totals.knows_cold > 0 ? Json(totals.cold) : Json()}};
}

Json sender_json(const SenderHealth& sender) {
  return {{"connections_opened", sender.connections_opened},
          {"most_in_flight", sender.most_in_flight},
          {"most_waiting", sender.most_waiting},
          {"cpu_s", sender.cpu_s},
          {"run_delay_s", sender.run_delay_s ? Json(*sender.run_delay_s) : Json()},
          {"involuntary_switches", sender.involuntary_switches},
          {"spans_sent", sender.spans_sent},
          {"spans_dropped", sender.spans_dropped}};
}

std::vector<Cell> table_row(const std::string& name, const LoadSummary& summary) {
  const LoadTotals& all = summary.measured;
  const double throughput =
      summary.measured_s > 0 ? static_cast<double>(all.ok) / summary.measured_s : std::nan("");
  const auto whole = [](std::uint64_t value) { return Cell(static_cast<std::int64_t>(value)); };
  const auto measured = [](double value) {
    return std::isfinite(value) ? Cell(value) : Cell(FieldValue(), "-");
  };
  return {name,
          whole(all.planned),
          whole(all.ok),
          whole(all.failed()),
          whole(all.dropped()),
          whole(all.in_flight),
          all.knows_cold > 0 ? whole(all.cold) : Cell(FieldValue(), "-"),
          measured(throughput),
          measured(quantile_ms(all.response, 0.5)),
          measured(quantile_ms(all.response, 0.9)),
          measured(quantile_ms(all.response, 0.99)),
          measured(quantile_ms(all.response, 1)),
          measured(quantile_ms(all.service, 0.99)),
          measured(all.slowdown.harmonic_mean())};
}

std::vector<Cell> function_row(const FunctionTotals& function, double seconds) {
  LoadSummary one;
  one.measured.planned = function.planned;
  one.measured.ok = function.ok;
  one.measured.by_cause[static_cast<std::size_t>(Cause::status)] = function.failed;
  one.measured.cold = function.cold;
  one.measured.knows_cold = function.knows_cold;
  if (function.response) (void)one.measured.response.merge(*function.response);
  one.measured_s = seconds;
  std::vector<Cell> row = table_row(function.name, one);
  if (function.slowdowns > 0)
    row.back() = Cell(static_cast<double>(function.slowdowns) / function.reciprocal_slowdown_sum);
  return row;
}

}  // namespace

void SenderHealth::merge(const SenderHealth& other) {
  connections_opened += other.connections_opened;
  most_in_flight += other.most_in_flight;
  most_waiting += other.most_waiting;
  was_aborted = was_aborted || other.was_aborted;
  cpu_s += other.cpu_s;
  if (other.run_delay_s) run_delay_s = run_delay_s.value_or(0) + *other.run_delay_s;
  involuntary_switches += other.involuntary_switches;
  spans_sent += other.spans_sent;
  spans_dropped += other.spans_dropped;
}

std::string judge(const LoadTotals& totals, const SenderHealth& sender, double duration_s, bool spins) {
  if (sender.was_aborted) return "aborted: an invocation was later than its limit";
  if (totals.dropped() > 0) {
    return fmt::format("late: {} invocations were dropped because their instant had passed",
                       totals.dropped());
  }
  const double mean_iat_ns = totals.planned > 1 ? duration_s * 1e9 / static_cast<double>(totals.planned) : 0;
  const double limit_ns = std::max(1e6, 0.01 * mean_iat_ns);
  if (const auto late = totals.lateness.quantile(0.99); late && static_cast<double>(*late) > limit_ns) {
    std::string text = fmt::format("late: lateness p99 is {:.3g} ms, the limit {:.3g} ms",
                                   static_cast<double>(*late) / 1e6, limit_ns / 1e6);
    if (sender.run_delay_s && *sender.run_delay_s > 0.01 * duration_s) {
      text +=
          fmt::format("; the sender waited {:.3g} s for a processor that others used", *sender.run_delay_s);
    }
    return text;
  }
  if (!spins && duration_s > 0 && sender.cpu_s / duration_s > 0.8) {
    return fmt::format("busy: the sender used {:.0f} % of a processor", 100 * sender.cpu_s / duration_s);
  }
  if (totals.by_cause[static_cast<std::size_t>(Cause::local)] > 0) {
    return fmt::format(
        "out of resources: {} invocations found no connection, descriptor or port on this machine",
        totals.by_cause[static_cast<std::size_t>(Cause::local)]);
  }
  return "healthy";
}

Json to_json(const LoadSummary& summary) {
  const LoadTotals& totals = summary.measured;
  Json json = {{"schema", "thaw.load/1"}};
  json.update(counts(totals));
  json["duration_s"] = summary.duration_s;
  json["throughput_per_s"] =
      summary.measured_s > 0 ? Json(static_cast<double>(totals.ok) / summary.measured_s) : Json();
  json["response"] = latencies(totals.response);
  json["service"] = latencies(totals.service);
  constexpr double us = 1e3;
  json["lateness"] = {{"p50_us", quantile(totals.lateness, 0.5, us)},
                      {"p99_us", quantile(totals.lateness, 0.99, us)},
                      {"max_us", quantile(totals.lateness, 1, us)}};
  json["slowdown"] = slowdowns(totals.slowdown);
  Json phases = Json::object();
  if (summary.warmup.planned > 0) {
    phases["warmup"] = counts(summary.warmup);
    phases["warmup"]["response"] = latencies(summary.warmup.response);
    phases["warmup"]["stable"] = summary.stability.is_stable ? Json(*summary.stability.is_stable) : Json();
    phases["warmup"]["stability"] = summary.stability.reason;
  }
  phases["measured"] = counts(totals);
  phases["measured"]["response"] = latencies(totals.response);
  json["phases"] = std::move(phases);
  json["sender"] = sender_json(summary.sender);
  json["verdict"] = summary.verdict;
  json["out"] = summary.out ? Json(*summary.out) : Json();
  return json;
}

Table to_table(const LoadSummary& summary, bool by_function) {
  Table table;
  table.columns = {{.key = "function", .align = Align::left},
                   {.key = "planned"},
                   {.key = "ok"},
                   {.key = "failed"},
                   {.key = "dropped"},
                   {.key = "in_flight"},
                   {.key = "cold"},
                   {.key = "throughput_per_s"},
                   {.key = "p50_ms"},
                   {.key = "p90_ms"},
                   {.key = "p99_ms"},
                   {.key = "max_ms"},
                   {.key = "service_p99_ms"},
                   {.key = "slowdown"}};
  table.add(table_row("all", summary));
  if (!by_function) return table;
  for (const FunctionTotals& function : summary.functions) {
    table.add(function_row(function, summary.measured_s));
  }
  return table;
}

Json exact_parts(const LoadSummary& summary) {
  Json functions = Json::array();
  for (const FunctionTotals& function : summary.functions) functions.push_back(to_exact_json(function));
  return {
      {"measured_s", summary.measured_s},
      {"exact", {{"measured", to_exact_json(summary.measured)}, {"warmup", to_exact_json(summary.warmup)}}},
      {"functions", std::move(functions)}};
}

Result<LoadSummary> load_summary_from(const Json& json) {
  const auto exact = json.is_object() ? json.find("exact") : json.end();
  if (exact == json.end() || json.value("schema", "") != "thaw.load/1") {
    return fail(ErrorKind::bad_input, "the record holds no totals of a load");
  }
  LoadSummary summary;
  THAW_TRY(summary.measured, load_totals_from(exact->value("measured", Json())));
  THAW_TRY(summary.warmup, load_totals_from(exact->value("warmup", Json())));
  for (const Json& function : json.value("functions", Json::array())) {
    THAW_TRY(FunctionTotals totals, function_totals_from(function));
    summary.functions.push_back(std::move(totals));
  }
  summary.duration_s = json.value("duration_s", 0.0);
  summary.measured_s = json.value("measured_s", 0.0);
  summary.verdict = json.value("verdict", "healthy");
  const Json sender = json.value("sender", Json::object());
  summary.sender.connections_opened = sender.value("connections_opened", std::uint64_t{});
  summary.sender.most_in_flight = sender.value("most_in_flight", std::uint64_t{});
  summary.sender.most_waiting = sender.value("most_waiting", std::uint64_t{});
  summary.sender.cpu_s = sender.value("cpu_s", 0.0);
  if (const auto delay = sender.find("run_delay_s"); delay != sender.end() && delay->is_number())
    summary.sender.run_delay_s = delay->get<double>();
  summary.sender.involuntary_switches = sender.value("involuntary_switches", std::uint64_t{});
  summary.sender.spans_sent = sender.value("spans_sent", std::uint64_t{});
  summary.sender.spans_dropped = sender.value("spans_dropped", std::uint64_t{});
  return summary;
}

}  // namespace thaw
