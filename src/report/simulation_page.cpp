#include "report/simulation_page.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "record/json_text.h"
#include "report/figure_axis.h"
#include "report/page_origin.h"
#include "report/simulation_figures.h"
#include "report/simulation_points.h"

namespace thaw {
namespace {

constexpr std::size_t most_drawn = 12;

std::string memory_text(double memory_mb) {
  return memory_mb >= unlimited_from_mb ? "unlimited memory" : tick_text(memory_mb) + " MB";
}

/// 104,666: a whole number with its thousands apart.
std::string count_text(double count) {
  std::string text = fmt::format("{:.0f}", count);
  for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3) {
    text.insert(static_cast<std::size_t>(place), ",");
  }
  return text;
}

/// Whether each curve is another policy, not the same one on another trace.
bool is_by_policy(const std::vector<PolicyCurve>& curves) {
  return std::ranges::all_of(curves, [](const PolicyCurve& curve) { return curve.name == curve.policy; });
}

std::string percent_text(double share) { return format_significant(100 * share, 5) + " %"; }

/// The sentence that a reader takes home: who is best at the middle size, and how good is what everyone uses.
std::string answer_of(const std::vector<PolicyCurve>& curves, double memory_mb) {
  const PolicyCurve* best = nullptr;
  const PolicyCurve* lru = nullptr;
  const auto ratio = [memory_mb](const PolicyCurve* curve) {
    return curve->by_memory.at(memory_mb).hit_ratio;
  };
  for (const PolicyCurve& curve : curves) {
    if (!curve.by_memory.contains(memory_mb) || !std::isfinite(ratio(&curve))) continue;
    if (best == nullptr || ratio(&curve) > ratio(best)) best = &curve;
    if (lru == nullptr && curve.policy == "lru") lru = &curve;
  }
  if (best == nullptr) return "No invocation was simulated, so there is nothing to compare.";
  const SimulationQuantities& quantities = best->by_memory.at(memory_mb);
  std::string answer = fmt::format(
      "With {}, {} finds a warm container for {} of {} invocations; {} of the served start cold and {} of "
      "all are "
      "dropped",
      memory_text(memory_mb), best->name, percent_text(quantities.hit_ratio),
      count_text(quantities.invocations), percent_text(quantities.cold_pct / 100),
      percent_text(quantities.dropped_pct / 100));
  if (curves.size() > 1)
    answer +=
        fmt::format(". It is the best of {} {}", curves.size(), is_by_policy(curves) ? "policies" : "curves");
  if (lru != nullptr && lru != best) {
    answer += fmt::format("; {} finds one for {}", lru->name, percent_text(ratio(lru)));
  }
  return answer + ".";
}

Table table_of(const std::vector<PolicyCurve>& curves) {
  Table table;
  table.title = "All points";
  table.columns = {{.key = "policy", .align = Align::left},
                   {.key = "memory_mb", .label = "memory", .unit = "MB", .digits = 6},
                   {.key = "invocations", .digits = 9},
                   {.key = "cold_pct", .label = "cold", .unit = "% of served", .digits = 4},
                   {.key = "dropped_pct", .label = "dropped", .unit = "% of all", .digits = 4},
                   {.key = "hit_ratio", .label = "hit ratio", .digits = 5},
                   {.key = "exec_increase_pct", .label = "execution increase", .unit = "%", .digits = 4},
                   {.key = "cold_ms_total", .label = "cold time", .unit = "ms", .digits = 5},
                   {.key = "idle_gb_s", .label = "idle", .unit = "GB·s", .digits = 4},
                   {.key = "slowdown_p99", .label = "slowdown p99", .digits = 4}};
  for (const PolicyCurve& curve : curves) {
    for (const auto& [memory, q] : curve.by_memory) {
      const Cell size = memory >= unlimited_from_mb ? Cell(FieldValue(memory), "unlimited") : Cell(memory);
      table.add({curve.name, size, q.invocations, q.cold_pct, q.dropped_pct, q.hit_ratio, q.exec_increase_pct,
                 q.cold_ms_total, q.idle_gb_s, q.slowdown_p99});
    }
  }
  table.notes = {"Means over the seeds where there are several. Press a heading to sort."};
  return table;
}

void append(std::vector<Figure>& figures, std::vector<Figure> more) {
  std::move(more.begin(), more.end(), std::back_inserter(figures));
}

}  // namespace

bool is_simulation(const RunRecord& record) {
  const std::string command = text_at(record.document, "command");
  return command == "sim run" || command == "sim sweep";
}

Result<Page> simulation_page(const RunRecord& record) {
  THAW_TRY(const std::vector<PolicyCurve> curves, policy_curves(record.samples));
  if (curves.empty()) {
    return fail_at(ErrorKind::bad_input, "no point is finished, so there is nothing to draw",
                   record.folder.string(), "thaw sim sweep --resume DIR goes on with it");
  }
  const std::vector<const PolicyCurve*> drawn = curves_to_draw(curves, most_drawn);
  const std::vector<double> sizes = memory_sizes(curves);
  const double middle_mb = sizes[sizes.size() / 2];
  Page page;
  page.title = fmt::format("Keep-alive policies: {}", text_at(record.document, "task"));
  page.answer = answer_of(curves, middle_mb);
  if (drawn.size() < curves.size()) {
    page.notes.push_back(
        fmt::format("The figures show {} of {} curves: the well-known policies, then those with the highest "
                    "mean hit ratio. The "
                    "table has all.",
                    drawn.size(), curves.size()));
  }
  if (sizes.back() >= unlimited_from_mb) {
    page.notes.push_back("Unlimited memory has no place on an axis; it is in the table.");
  }
  page.figures = memory_figures(curves, drawn);
  THAW_TRY(std::vector<Figure> bounds, bound_figures(record.folder, drawn));
  append(page.figures, std::move(bounds));
  THAW_TRY(std::vector<Figure> functions, function_figures(record.folder, middle_mb, drawn));
  append(page.figures, std::move(functions));
  THAW_TRY(std::vector<Figure> timelines, timeline_figures(record.folder, middle_mb, drawn));
  append(page.figures, std::move(timelines));
  page.tables.push_back(table_of(curves));
  add_origin(page, record,
             "The experiment is not finished: points are missing. `thaw sim sweep --resume DIR` does them");
  return page;
}

}  // namespace thaw
