#include "sim/sizing_text.h"

#include "core/text.h"
#include "sim/simulation.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// The document with the rows of the table as its last field, or the table alone.
std::string render_with(Json document, const char* rows, const Table& table, TableFormat format) {
  if (format != TableFormat::json) return render(table, format);
  document[rows] = to_json(table);
  return document.dump(2) + "\n";
}

Json number(double value) { return to_json(FieldValue(value)); }

Json json_of(std::span<const TargetSize> targets) {
  Json list = Json::array();
  for (const TargetSize& each : targets) {
    list.push_back({{"hit_ratio", each.hit_ratio},
                    {"memory_mb", to_json(maybe(each.memory_mb))},
                    {"legacy_memory_mb", number(each.legacy_memory_mb)}});
  }
  return list;
}

std::string sentence_of(const TargetSize& target) {
  const std::string size = target.memory_mb ? fmt::format("{} MB", format_significant(*target.memory_mb, 6))
                                            : std::string("no memory is enough (first uses are cold)");
  return fmt::format("hit ratio {:g}: {}; by the predecessor's curve {} MB", target.hit_ratio, size,
                     format_significant(target.legacy_memory_mb, 6));
}

}  // namespace

std::vector<TargetSize> sizes_for(const HitRatioCurve& curve, std::span<const double> hit_ratios) {
  std::vector<TargetSize> sizes;
  for (const double ratio : hit_ratios)
    sizes.push_back({ratio, curve.size_for(ratio), curve.legacy().size_for(ratio)});
  return sizes;
}

std::string render_curve(const HitRatioCurve& curve, const CurveText& text, TableFormat format) {
  const CurveBasis& basis = curve.basis();
  const bool is_sampled = basis.rate < 1;
  Table table;
  table.columns = {{.key = "memory_mb", .label = "memory", .unit = "MB", .digits = 6},
                   {.key = "hit_ratio", .label = "hit ratio", .digits = 4},
                   {.key = "cold", .digits = 6},
                   {.key = "cold_ms", .label = "init of cold starts", .unit = "ms", .digits = 6},
                   {.key = "legacy_hit_ratio", .label = "predecessor's hit ratio", .digits = 4}};
  for (const CurvePoint& point : text.points)
    table.add({point.memory_mb, point.hit_ratio, point.cold, point.cold_ms, point.legacy_hit_ratio});
  table.title =
      fmt::format("{}: {} invocations of {} functions", text.trace, basis.invocations, text.functions);
  if (is_sampled) {
    table.notes.push_back(fmt::format("estimated by SHARDS: rate {:.4g}, {} functions, {} invocations",
                                      basis.rate, basis.sampled_functions, basis.sampled_invocations));
  }
  table.notes.push_back(fmt::format("most: {:.4g} with {} MB", curve.largest_hit_ratio(),
                                    format_significant(curve.largest_size(), 6)));
  for (const TargetSize& target : text.targets) table.notes.push_back(sentence_of(target));
  return render_with({{"schema", "thaw.curve/1"},
                      {"trace", text.trace},
                      {"method", is_sampled ? "shards" : "exact"},
                      {"functions", text.functions},
                      {"invocations", basis.invocations},
                      {"init_ms", number(basis.init_ms)},
                      {"rate", basis.rate},
                      {"sampled_functions", basis.sampled_functions},
                      {"sampled_invocations", basis.sampled_invocations},
                      {"largest_hit_ratio", number(curve.largest_hit_ratio())},
                      {"largest_size_mb", curve.largest_size()},
                      {"targets", json_of(text.targets)}},
                     "points", table, format);
}

std::string render_provision(const ProvisionPlan& plan, const ProvisionText& text, TableFormat format) {
  Table table;
  table.columns = {{.key = "index", .digits = 9},
                   {.key = "time_ms", .label = "time", .unit = "ms", .digits = 9},
                   {.key = "memory_mb", .label = "memory", .unit = "MB", .digits = 6},
                   {.key = "hit_ratio", .label = "hit ratio", .digits = 4},
                   {.key = "relative_error", .label = "relative error", .digits = 3}};
  for (const Resize& each : plan.sizes) {
    table.add({static_cast<std::size_t>(each.index), each.time_ms, each.memory_mb, each.hit_ratio,
               each.index == 0 ? Cell() : Cell(each.relative_error)});
  }
  table.title = fmt::format("{}: memory over time, {} checks, {} MB on average", text.trace, plan.checks,
                            format_significant(plan.mean_mb, 6));
  for (const TargetSize& target : text.targets) table.notes.push_back(sentence_of(target));
  table.notes.push_back(fmt::format("running at once: at most {} MB when all is warm, {} MB when all is cold",
                                    format_significant(text.peak_running_mb, 6),
                                    format_significant(text.peak_running_cold_mb, 6)));
  return render_with({{"schema", "thaw.provision/1"},
                      {"trace", text.trace},
                      {"targets", json_of(text.targets)},
                      {"peak_running_mb", text.peak_running_mb},
                      {"peak_running_cold_mb", text.peak_running_cold_mb},
                      {"mean_interval_ms", number(plan.interval_ms)},
                      {"mean_moving_interval_ms", number(plan.moving_ms)},
                      {"checks", plan.checks},
                      {"mean_mb", number(plan.mean_mb)}},
                     "sizes", table, format);
}

std::string render_bounds(std::span<const BoundRow> rows, std::string_view trace, TableFormat format) {
  Table table;
  table.columns = {{.key = "memory_mb", .label = "memory", .unit = "MB", .digits = 6},
                   {.key = "policy", .align = Align::left},
                   {.key = "cold"},
                   {.key = "warm"},
                   {.key = "dropped"},
                   {.key = "prewarms"},
                   {.key = "starts"},
                   {.key = "starts_above_bound_pct", .label = "above bound", .unit = "%", .digits = 4},
                   {.key = "cost_ms", .label = "cost", .unit = "ms", .digits = 6},
                   {.key = "above_bound_pct", .label = "above bound", .unit = "%", .digits = 4}};
  for (const BoundRow& row : rows) {
    const auto count = [&row](std::uint64_t SimulationOutcome::*field) {
      return row.outcome ? Cell(static_cast<std::size_t>(*row.outcome.*field)) : Cell();
    };
    table.add({row.memory_mb, row.policy, count(&SimulationOutcome::cold), count(&SimulationOutcome::warm),
               count(&SimulationOutcome::dropped), count(&SimulationOutcome::prewarms),
               static_cast<std::size_t>(row.starts), row.starts_above_bound_pct, row.cost_ms,
               row.above_bound_pct});
  }
  table.title = std::string(trace);
  table.notes = {"starts = cold + pre-warmed + dropped; cost = initialisation of cold and dropped",
                 "no policy that lets nothing wait is below \"bound\" (docs/curves.md)"};
  return render_with({{"schema", "thaw.bounds/1"}, {"trace", trace}}, "rows", table, format);
}

std::string render_scores(std::span<const PolicyScore> scores, const ScoreOptions& options,
                          TableFormat format) {
  Table table;
  table.columns = {{.key = "policy", .align = Align::left},
                   {.key = "model", .align = Align::left},
                   {.key = "score", .digits = 4},
                   {.key = "sizes"}};
  for (const PolicyScore& each : scores)
    table.add({each.policy, name_of(each.model), each.score, each.sizes});
  table.title = fmt::format("mean difference of the hit ratio from {}, {:g} MB and more", options.baseline,
                            options.from_mb);
  return render_with(
      {{"schema", "thaw.score/1"}, {"baseline", options.baseline}, {"from_mb", options.from_mb}}, "scores",
      table, format);
}

}  // namespace thaw
