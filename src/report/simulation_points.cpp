#include "report/simulation_points.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::string_view well_known[] = {"lru", "ttl", "gd", "hybrid", "freq"};

/// The columns of samples.csv that are used.
struct SampleFields {
  const Column *policy, *memory, *cold, *warm, *dropped, *hit_ratio, *increase, *idle, *slowdown, *cold_ms;
  const Column *trace, *functions;
};

Result<const Column*> column_of(const CsvColumns& samples, std::string_view name) {
  if (const Column* column = samples.find(name)) return column;
  return fail_at(ErrorKind::bad_input, fmt::format("there is no column \"{}\"", name), "samples.csv",
                 "this is not a record of `thaw sim run` or `thaw sim sweep`");
}

Result<SampleFields> fields_of(const CsvColumns& samples) {
  SampleFields fields{};
  THAW_TRY(fields.policy, column_of(samples, "policy"));
  THAW_TRY(fields.memory, column_of(samples, "memory_mb"));
  THAW_TRY(fields.cold, column_of(samples, "cold"));
  THAW_TRY(fields.warm, column_of(samples, "warm"));
  THAW_TRY(fields.dropped, column_of(samples, "dropped"));
  THAW_TRY(fields.hit_ratio, column_of(samples, "hit_ratio"));
  THAW_TRY(fields.increase, column_of(samples, "exec_increase_pct"));
  THAW_TRY(fields.idle, column_of(samples, "idle_gb_s"));
  THAW_TRY(fields.slowdown, column_of(samples, "slowdown_p99"));
  THAW_TRY(fields.cold_ms, column_of(samples, "cold_ms_total"));
  THAW_TRY(fields.trace, column_of(samples, "trace"));
  THAW_TRY(fields.functions, column_of(samples, "functions"));
  return fields;
}

SimulationQuantities quantities_of(const SampleFields& fields, std::size_t row) {
  const auto at = [row](const Column* column) { return column->numbers[row]; };
  const double served = at(fields.cold) + at(fields.warm);
  const double all = served + at(fields.dropped);
  return {.invocations = all,
          .cold_pct = 100 * at(fields.cold) / served,
          .dropped_pct = 100 * at(fields.dropped) / all,
          .hit_ratio = at(fields.hit_ratio),
          .exec_increase_pct = at(fields.increase),
          .idle_gb_s = at(fields.idle),
          .slowdown_p99 = at(fields.slowdown),
          .cold_ms_total = at(fields.cold_ms)};
}

constexpr double SimulationQuantities::*all_quantities[] = {
    &SimulationQuantities::invocations,       &SimulationQuantities::cold_pct,
    &SimulationQuantities::dropped_pct,       &SimulationQuantities::hit_ratio,
    &SimulationQuantities::exec_increase_pct, &SimulationQuantities::idle_gb_s,
    &SimulationQuantities::slowdown_p99,      &SimulationQuantities::cold_ms_total};

/// Adds a further seed to the mean of `count` seeds.
void add_to_mean(SimulationQuantities& mean, const SimulationQuantities& value, int count) {
  for (const auto quantity : all_quantities) {
    mean.*quantity += (value.*quantity - mean.*quantity) / (count + 1);
  }
}

std::size_t different(const Column& column, std::size_t rows) {
  std::set<std::string> seen;
  for (std::size_t row = 0; row < rows; ++row) seen.insert(column.text(row));
  return seen.size();
}

}  // namespace

double PolicyCurve::mean_hit_ratio() const {
  double sum = 0;
  std::size_t count = 0;
  for (const auto& [memory, quantities] : by_memory) {
    if (!std::isfinite(quantities.hit_ratio)) continue;
    sum += quantities.hit_ratio;
    ++count;
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

Result<std::vector<PolicyCurve>> policy_curves(const CsvColumns& samples) {
  THAW_TRY(const SampleFields fields, fields_of(samples));
  const bool has_traces = different(*fields.trace, samples.rows) > 1;
  const bool has_selections = different(*fields.functions, samples.rows) > 1;
  std::vector<PolicyCurve> curves;
  std::map<std::string, std::size_t> places;
  std::map<std::pair<std::size_t, double>, int> seeds;
  for (std::size_t row = 0; row < samples.rows; ++row) {
    const double memory = fields.memory->numbers[row];
    if (!std::isfinite(memory)) continue;
    std::string name = fields.policy->text(row);
    if (has_selections) name += fmt::format(", {} functions", fields.functions->text(row));
    if (has_traces) name += fmt::format(", {}", fields.trace->text(row));
    const auto [place, is_new] = places.emplace(name, curves.size());
    if (is_new) curves.push_back({.name = name, .policy = fields.policy->text(row), .by_memory = {}});
    SimulationQuantities& mean = curves[place->second].by_memory[memory];
    add_to_mean(mean, quantities_of(fields, row), seeds[{place->second, memory}]++);
  }
  return curves;
}

std::vector<const PolicyCurve*> curves_to_draw(const std::vector<PolicyCurve>& curves, std::size_t most) {
  std::vector<const PolicyCurve*> ranked;
  for (const PolicyCurve& curve : curves) ranked.push_back(&curve);
  if (ranked.size() <= most) return ranked;
  const auto is_known = [](const PolicyCurve* curve) {
    return std::ranges::find(well_known, curve->policy) != std::end(well_known);
  };
  std::ranges::stable_sort(ranked, [&](const PolicyCurve* a, const PolicyCurve* b) {
    if (is_known(a) != is_known(b)) return is_known(a);
    return a->mean_hit_ratio() > b->mean_hit_ratio();
  });
  ranked.resize(most);
  std::ranges::sort(ranked);
  return ranked;
}

FigureSeries series_of(const PolicyCurve& curve, double SimulationQuantities::*quantity) {
  FigureSeries series{.name = curve.name, .points = {}};
  for (const auto& [memory, quantities] : curve.by_memory) {
    if (memory < unlimited_from_mb) series.points.push_back({memory, quantities.*quantity});
  }
  return series;
}

std::vector<double> memory_sizes(const std::vector<PolicyCurve>& curves) {
  std::set<double> sizes;
  for (const PolicyCurve& curve : curves) {
    for (const auto& [memory, quantities] : curve.by_memory) sizes.insert(memory);
  }
  return {sizes.begin(), sizes.end()};
}

}  // namespace thaw
