#include "sim/validation_text.h"

#include <cmath>

#include "core/text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ServedCounts& counts) {
  return {
      {"cold", counts.cold}, {"warm", counts.warm}, {"dropped", counts.dropped}, {"failed", counts.failed}};
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json to_json(const Deviations& deviations) {
  return {{"arrival_p50_ms", number(deviations.arrival_p50_ms)},
          {"arrival_p99_ms", number(deviations.arrival_p99_ms)},
          {"swapped", deviations.swapped},
          {"cold_excess_ms", number(deviations.cold_excess_ms)},
          {"warm_excess_ms", number(deviations.warm_excess_ms)}};
}

Json reasons_of(const Validation& validation) {
  Json reasons = Json::array();
  for (std::size_t i = 0; i < reason_count; ++i) {
    const DifferenceCount& count = validation.reasons.at(i);
    const auto reason = static_cast<DifferenceReason>(i);
    reasons.push_back({{"reason", name_of(reason)},
                       {"meaning", meaning_of(reason)},
                       {"invocations", count.invocations},
                       {"cold", count.cold}});
  }
  return reasons;
}

Json functions_of(const NamedValidation& run) {
  Json functions = Json::array();
  for (std::size_t i = 0; i < run.functions.size(); ++i) {
    const FunctionValidation& function = run.validation.functions[i];
    functions.push_back({{"function", run.functions[i].name},
                         {"invocations", function.measured.total()},
                         {"measured", to_json(function.measured)},
                         {"simulated", to_json(function.simulated)}});
  }
  return functions;
}

Json to_json(const NamedValidation& run) {
  const Validation& validation = run.validation;
  return {{"run", run.run},
          {"policy", validation.point.policy},
          {"memory_mb", validation.point.memory_mb},
          {"invocations", validation.measured.total()},
          {"measured", to_json(validation.measured)},
          {"simulated", to_json(validation.planned)},
          {"difference_pct", number(validation.difference_pct())},
          {"dropped_difference_pct", number(validation.dropped_difference_pct())},
          {"differing_pct", number(validation.differing_pct())},
          {"simulated_as_arrived", to_json(validation.arrived)},
          {"simulated_as_measured", to_json(validation.durations)},
          {"reasons", reasons_of(validation)},
          {"deviations", to_json(validation.deviations)},
          {"functions", functions_of(run)}};
}

Cell count_cell(std::uint64_t count) { return Cell(static_cast<std::size_t>(count)); }

/// Long hashes of published traces: people tell them apart by their begin.
Cell name_cell(const std::string& name) {
  constexpr std::size_t shown = 12;
  if (name.size() <= 2 * shown) return Cell(name);
  return {FieldValue(name), name.substr(0, shown) + "…"};
}

Cell signed_cell(std::int64_t number) { return {FieldValue(number), fmt::format("{:+d}", number)}; }

}  // namespace

Table difference_table(std::span<const NamedValidation> runs) {
  Table table;
  table.title = "Measured beside simulated";
  table.columns = {{.key = "policy", .align = Align::left},
                   {.key = "memory_mb", .label = "memory", .unit = "MB", .digits = 6},
                   {.key = "invocations", .digits = 9},
                   {.key = "cold", .label = "cold, measured", .digits = 9},
                   {.key = "cold_simulated", .label = "simulated", .digits = 9},
                   {.key = "dropped", .label = "dropped, measured", .digits = 9},
                   {.key = "dropped_simulated", .label = "simulated", .digits = 9},
                   {.key = "difference_pct", .label = "cold starts differ by", .unit = "% of invocations"},
                   {.key = "dropped_difference_pct", .label = "dropped by", .unit = "%"},
                   {.key = "differing_pct", .label = "served otherwise", .unit = "%"}};
  for (const NamedValidation& run : runs) {
    const Validation& each = run.validation;
    table.add({each.point.policy, each.point.memory_mb, count_cell(each.measured.total()),
               count_cell(each.measured.cold), count_cell(each.planned.cold),
               count_cell(each.measured.dropped), count_cell(each.planned.dropped), each.difference_pct(),
               each.dropped_difference_pct(), each.differing_pct()});
  }
  return table;
}

Table function_table(std::span<const NamedValidation> runs) {
  Table table;
  table.title = "By function";
  table.columns = {{.key = "policy", .align = Align::left},
                   {.key = "function", .align = Align::left},
                   {.key = "memory_mb", .label = "memory", .unit = "MB"},
                   {.key = "invocations", .digits = 9},
                   {.key = "cold", .label = "cold, measured", .digits = 9},
                   {.key = "cold_simulated", .label = "simulated", .digits = 9},
                   {.key = "warm", .label = "warm, measured", .digits = 9},
                   {.key = "warm_simulated", .label = "simulated", .digits = 9},
                   {.key = "dropped", .label = "dropped, measured", .digits = 9},
                   {.key = "dropped_simulated", .label = "simulated", .digits = 9}};
  for (const NamedValidation& run : runs) {
    for (std::size_t i = 0; i < run.functions.size(); ++i) {
      const auto& [measured, simulated] = run.validation.functions[i];
      if (measured.total() == 0) continue;
      table.add({run.validation.point.policy, name_cell(run.functions[i].name), run.functions[i].memory_mb,
                 count_cell(measured.total()), count_cell(measured.cold), count_cell(simulated.cold),
                 count_cell(measured.warm), count_cell(simulated.warm), count_cell(measured.dropped),
                 count_cell(simulated.dropped)});
    }
  }
  return table;
}

Table reason_table(std::span<const NamedValidation> runs) {
  Table table;
  table.title = "Why they differ";
  table.columns = {{.key = "policy", .align = Align::left},
                   {.key = "reason", .align = Align::left},
                   {.key = "invocations", .label = "served otherwise", .digits = 9},
                   {.key = "cold", .label = "cold starts", .digits = 9},
                   {.key = "meaning", .align = Align::left}};
  for (const NamedValidation& run : runs) {
    const Validation& each = run.validation;
    for (std::size_t i = 0; i < reason_count; ++i) {
      const DifferenceCount& count = each.reasons.at(i);
      if (count.invocations == 0) continue;
      const auto reason = static_cast<DifferenceReason>(i);
      table.add({each.point.policy, name_of(reason), count_cell(count.invocations), signed_cell(count.cold),
                 meaning_of(reason)});
    }
    const Deviations& real = each.deviations;
    table.notes.push_back(fmt::format(
        "{}: arrivals are {} ms later than planned at the median and {} ms at p99, {} in another order; cold "
        "starts took {} ms longer than configured and warm executions {} ms.",
        each.point.policy, format_significant(real.arrival_p50_ms, 3),
        format_significant(real.arrival_p99_ms, 3), real.swapped, format_significant(real.cold_excess_ms, 3),
        format_significant(real.warm_excess_ms, 3)));
  }
  return table;
}

Json to_json(std::span<const NamedValidation> runs) {
  Json json = {{"schema", "thaw.validation/1"}, {"runs", Json::array()}};
  for (const NamedValidation& run : runs) json["runs"].push_back(to_json(run));
  return json;
}

std::string answer_of(std::span<const NamedValidation> runs) {
  std::string answer;
  double worst = 0;
  for (const NamedValidation& run : runs) {
    const Validation& each = run.validation;
    answer += fmt::format("{}{} started cold {} times, {} in the simulation", answer.empty() ? "" : "; ",
                          each.point.policy, each.measured.cold, each.planned.cold);
    if (each.difference_pct() > worst) worst = each.difference_pct();
  }
  return fmt::format("{}. The counts differ by at most {} % of the invocations.", answer,
                     format_significant(worst, 2));
}

}  // namespace thaw
