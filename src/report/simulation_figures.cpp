#include "report/simulation_figures.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/text.h"
#include "record/csv.h"
#include "report/figure_axis.h"

namespace thaw {
namespace {

using Curves = std::vector<const PolicyCurve*>;

struct QuantityFigure {
  const char *name, *title, *axis, *unit, *caption;
  double SimulationQuantities::*quantity;
  bool may_be_logarithmic;
};

constexpr QuantityFigure quantity_figures[] = {
    {"cold", "Cold starts against memory", "cold starts", "% of served",
     "100·cold / (cold + warm): dropped invocations do not count. Lower is better.",
     &SimulationQuantities::cold_pct, true},
    {"dropped", "Dropped invocations against memory", "dropped", "% of all",
     "100·dropped / invocations: running containers left no room for them. Lower is better.",
     &SimulationQuantities::dropped_pct, false},
    {"execution-increase", "What cold starts add to the execution time", "execution increase", "%",
     "100·Σ cold·initialisation / Σ served·warm time. Lower is better.",
     &SimulationQuantities::exec_increase_pct, true},
    {"hit-ratio", "Hit ratio against memory", "hit ratio", "1",
     "warm / invocations: dropped invocations count as misses. Higher is better.",
     &SimulationQuantities::hit_ratio, false},
    {"idle-memory", "Memory held by idle containers", "idle memory", "GB·s",
     "The integral of idle memory over time: what keeping containers alive costs. Lower is better.",
     &SimulationQuantities::idle_gb_s, false},
    {"slowdown-p99", "Slowdown of the slowest hundredth", "slowdown p99", "× warm time",
     "99th percentile of response time over warm execution time, of the served. 1 is the best.",
     &SimulationQuantities::slowdown_p99, true}};

FigureAxis memory_axis() { return {.title = "server memory", .unit = "MB"}; }

Figure figure_of(const QuantityFigure& what, const Curves& drawn) {
  Figure figure{.name = what.name,
                .title = what.title,
                .caption = what.caption,
                .x = memory_axis(),
                .y = {.title = what.axis, .unit = what.unit}};
  for (const PolicyCurve* curve : drawn) figure.series.push_back(series_of(*curve, what.quantity));
  if (what.may_be_logarithmic) figure.y.scale = scale_for(figure.series);
  if (what.quantity == &SimulationQuantities::hit_ratio) figure.y.high = 1;
  return figure;
}

/// The hit ratio that each policy lacks to the best one of its trace at that size.
Figure distance_figure(const std::vector<PolicyCurve>& curves, const Curves& drawn) {
  std::map<double, double> best;
  for (const PolicyCurve& curve : curves) {
    for (const auto& [memory, quantities] : curve.by_memory) {
      double& high = best.try_emplace(memory, -INFINITY).first->second;
      if (quantities.hit_ratio > high) high = quantities.hit_ratio;
    }
  }
  Figure figure{
      .name = "behind-best",
      .title = "Hit ratio behind the best policy",
      .caption =
          "Percentage points that a policy lacks to the best of all at the same memory; 0 is the best.",
      .x = memory_axis(),
      .y = {.title = "behind the best", .unit = "percentage points"}};
  for (const PolicyCurve* curve : drawn) {
    FigureSeries series = series_of(*curve, &SimulationQuantities::hit_ratio);
    for (FigurePoint& point : series.points) point.y = 100 * (best[point.x] - point.y);
    figure.series.push_back(std::move(series));
  }
  return figure;
}

/// The columns of a file of the record; no columns where there is no such file.
Result<CsvColumns> read_if_any(const Path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return CsvColumns{};
  THAW_TRY(CsvReader reader, CsvReader::open(path, TornEnd::is_dropped));
  return read_columns(std::move(reader));
}

Result<std::vector<const Column*>> columns_of(const CsvColumns& file, const Path& path,
                                              std::initializer_list<const char*> names) {
  std::vector<const Column*> columns;
  for (const char* name : names) {
    columns.push_back(file.find(name));
    if (columns.back() != nullptr) continue;
    return fail_at(ErrorKind::bad_input, fmt::format("there is no column \"{}\"", name), path.string());
  }
  return columns;
}

bool is_drawn(const Curves& drawn, const std::string& policy) {
  return std::ranges::any_of(drawn, [&](const PolicyCurve* curve) { return curve->policy == policy; });
}

}  // namespace

std::vector<Figure> memory_figures(const std::vector<PolicyCurve>& curves, const Curves& drawn) {
  std::vector<Figure> figures;
  for (const QuantityFigure& what : quantity_figures) figures.push_back(figure_of(what, drawn));
  if (curves.size() > 1) figures.push_back(distance_figure(curves, drawn));
  return figures;
}

Result<std::vector<Figure>> function_figures(const Path& record, double memory_mb, const Curves& drawn) {
  const Path path = record / "functions.csv";
  THAW_TRY(const CsvColumns file, read_if_any(path));
  if (file.rows == 0) return std::vector<Figure>{};
  THAW_TRY(const auto columns, columns_of(file, path, {"policy", "memory_mb", "cold", "warm"}));
  std::map<std::string, std::vector<double>> shares;
  for (std::size_t row = 0; row < file.rows; ++row) {
    const double cold = columns[2]->numbers[row];
    const double served = cold + columns[3]->numbers[row];
    if (columns[1]->numbers[row] != memory_mb || !(served > 0)) continue;
    shares[columns[0]->text(row)].push_back(100 * cold / served);
  }
  Figure figure{
      .name = "functions",
      .title = fmt::format("Cold starts of the functions at {} MB", tick_text(memory_mb)),
      .caption =
          "Empirical distribution over the functions that were served: the share of functions whose "
          "cold starts are at most so many percent of their served invocations. Further up and "
          "left is better.",
      .x = {.title = "cold starts of a function", .unit = "% of its served", .high = 100},
      .y = {.title = "share of functions", .unit = "1", .high = 1},
      .form = FigureForm::steps};
  std::vector<std::string> done;
  for (const PolicyCurve* curve : drawn) {
    if (std::ranges::find(done, curve->policy) != done.end()) continue;
    done.push_back(curve->policy);
    figure.series.push_back(distribution_of(curve->policy, shares[curve->policy]));
  }
  return std::vector<Figure>{std::move(figure)};
}

Result<std::vector<Figure>> bound_figures(const Path& record, const Curves& drawn) {
  const Path path = record / "bounds.csv";
  THAW_TRY(const CsvColumns file, read_if_any(path));
  if (file.rows == 0) return std::vector<Figure>{};
  THAW_TRY(const auto columns, columns_of(file, path, {"memory_mb", "policy", "cost_ms"}));
  static constexpr std::string_view bounds[] = {"bound", "unlimited", "farthest", "farthest-cost"};
  std::vector<FigureSeries> series;
  for (std::size_t row = 0; row < file.rows; ++row) {
    const std::string policy = columns[1]->text(row);
    const bool is_bound = std::ranges::find(bounds, policy) != std::end(bounds);
    if (!is_bound && !is_drawn(drawn, policy)) continue;
    if (!(columns[0]->numbers[row] < unlimited_from_mb)) continue;
    auto known = std::ranges::find(series, policy, &FigureSeries::name);
    if (known == series.end()) {
      known = series.insert(series.end(), {.name = policy, .points = {}, .is_reference = policy == "bound"});
    }
    known->points.push_back({columns[0]->numbers[row], columns[2]->numbers[row] / 1000});
  }
  for (FigureSeries& each : series) std::ranges::sort(each.points, {}, &FigurePoint::x);
  Figure figure{
      .name = "bound",
      .title = "Policies against the bound",
      .caption =
          "Initialisation time of cold and dropped invocations. Who serves each invocation at once and "
          "starts containers only for one cannot be below the grey bound; who lets them wait (cidre) "
          "or starts ahead of time (hybrid) can. farthest and farthest-cost know the future.",
      .x = memory_axis(),
      .y = {.title = "cost of misses", .unit = "s", .scale = scale_for(series)},
      .series = std::move(series)};
  return std::vector<Figure>{std::move(figure)};
}

Result<std::vector<Figure>> timeline_figures(const Path& record, double memory_mb, const Curves& drawn) {
  const Path path = record / "memory.csv";
  THAW_TRY(const CsvColumns file, read_if_any(path));
  if (file.rows == 0) return std::vector<Figure>{};
  THAW_TRY(const auto columns,
           columns_of(file, path, {"point", "policy", "memory_mb", "minute", "used_mb", "running_mb"}));
  std::vector<FigureSeries> series;
  std::map<std::string, double> first_point;
  FigureSeries running{.name = "running", .points = {}, .is_reference = true};
  for (std::size_t row = 0; row < file.rows; ++row) {
    const std::string policy = columns[1]->text(row);
    if (columns[2]->numbers[row] != memory_mb || !is_drawn(drawn, policy)) continue;
    const double point = columns[0]->numbers[row];
    const auto [place, is_new] = first_point.emplace(policy, point);
    if (place->second != point) continue;  // Another seed or trace of the same policy.
    if (is_new) series.push_back({.name = policy, .points = {}});
    const double hours = columns[3]->numbers[row] / 60;
    std::ranges::find(series, policy, &FigureSeries::name)
        ->points.push_back({hours, columns[4]->numbers[row]});
    if (series.front().name == policy) running.points.push_back({hours, columns[5]->numbers[row]});
  }
  if (series.empty()) return std::vector<Figure>{};
  running.name = "running, " + series.front().name;
  series.push_back(std::move(running));
  Figure figure{
      .name = "memory",
      .title = fmt::format("Memory in use over time at {} MB", tick_text(memory_mb)),
      .caption = "Averages of each simulated minute. Grey: the part that is executing, for one policy.",
      .x = {.title = "time in the trace", .unit = "h"},
      .y = {.title = "memory in use", .unit = "MB"},
      .form = FigureForm::steps,
      .series = std::move(series)};
  return std::vector<Figure>{std::move(figure)};
}

}  // namespace thaw
