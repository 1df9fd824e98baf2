#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "report/number_text.h"
#include "report/stats_document.h"
#include "report/stats_text.h"
#include "stats/change_points.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Json phase_json(const Phase& phase) {
  return {{"n", phase.size},
          {"p_value", number_or_null(phase.p_value)},
          {"median", number_or_null(phase.median)},
          {"median_of_rest", number_or_null(phase.median_of_rest)}};
}

/// A run of values that behave alike.
struct Segment {
  std::size_t first;
  std::span<const double> values;
};

std::vector<Segment> segments_of(std::span<const double> values, const std::vector<std::size_t>& changes) {
  std::vector<Segment> segments;
  std::size_t first = 0;
  for (std::size_t i = 0; i <= changes.size(); ++i) {
    const std::size_t end = i < changes.size() ? changes[i] : values.size();
    segments.push_back({first, values.subspan(first, end - first)});
    first = end;
  }
  return segments;
}

Json segments_json(const std::vector<Segment>& segments) {
  Json list = Json::array();
  for (const Segment& segment : segments) {
    const Summary summary = summarize(segment.values);
    list.push_back({{"first", segment.first},
                    {"n", summary.n},
                    {"median", number_or_null(summary.median)},
                    {"mean", number_or_null(summary.mean)},
                    {"stddev", number_or_null(summary.stddev)}});
  }
  return list;
}

std::string phase_line(std::string_view name, const Phase& phase, const std::string& unit) {
  if (phase.size == 0) return fmt::format("no {}", name);
  return fmt::format("{}: {} values, median {} against {} of the rest (p {})", name, phase.size,
                     format_with_unit(phase.median, unit), format_with_unit(phase.median_of_rest, unit),
                     format_p_value(phase.p_value));
}

}  // namespace

std::string render_change_points(const NamedSample& sample, TableFormat format) {
  const Phases phases = find_phases(sample.values);
  const std::vector<Segment> segments = segments_of(sample.values, phases.changes);
  const std::size_t steady_end = phases.steady_end(sample.values.size());
  if (is_json(format)) {
    Json json = stats_preamble(sample);
    json["change_points"] = phases.changes;
    json["segments"] = segments_json(segments);
    json["warm_up"] = phase_json(phases.warm_up);
    json["cool_down"] = phase_json(phases.cool_down);
    json["steady"] = {{"first", phases.steady_begin()}, {"n", steady_end - phases.steady_begin()}};
    return dump_json(json, format);
  }
  Table table;
  table.title = fmt::format("{} of {}", sample.name, sample.source);
  table.columns = {{.key = "first"}, {.key = "n"}, {.key = "median"}, {.key = "mean"}, {.key = "stddev"}};
  for (const Segment& segment : segments) {
    const Summary summary = summarize(segment.values);
    const auto shown = [&](double value) { return Cell(value, format_with_unit(value, sample.unit)); };
    table.add({segment.first, summary.n, shown(summary.median), shown(summary.mean), shown(summary.stddev)});
  }
  table.notes = {phase_line("warm-up", phases.warm_up, sample.unit),
                 phase_line("cool-down", phases.cool_down, sample.unit)};
  return render(table, format);
}

}  // namespace thaw
