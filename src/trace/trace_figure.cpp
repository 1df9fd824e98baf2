#include "trace/trace_figure.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/text.h"

namespace thaw {
namespace {

struct Point {
  double x, y;
};
using Line = std::vector<Point>;

struct Axis {
  std::string label;
  bool is_logarithmic = false;
  double low = 0, high = 1;

  [[nodiscard]] double place(double value) const {
    if (!is_logarithmic) return high > low ? (value - low) / (high - low) : 0;
    return high > low ? std::log(value / low) / std::log(high / low) : 0;
  }

  /// Round values, at most about six.
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> values;
    if (is_logarithmic) {
      const double decades = std::log10(high / low);
      const double step = std::max(1.0, std::ceil(decades / 6));
      for (double e = std::ceil(std::log10(low) - 1e-9); e <= std::log10(high) + 1e-9; e += step)
        values.push_back(std::pow(10, e));
      return values;
    }
    const double raw = (high - low) / 5;
    if (!(raw > 0)) return {low};
    const double unit = std::pow(10, std::floor(std::log10(raw)));
    const double step = raw / unit > 5   ? 10 * unit
                        : raw / unit > 2 ? 5 * unit
                        : raw / unit > 1 ? 2 * unit
                                         : unit;
    for (double value = std::ceil(low / step) * step; value <= high + step * 1e-9; value += step)
      values.push_back(value);
    return values;
  }
};

struct Panel {
  std::string title;
  Axis x, y;
  std::vector<std::pair<std::string, Line>> lines;  ///< Name and points.
};

constexpr double panel_width = 480, panel_height = 320;
constexpr double left = 64, right = 16, top = 32, bottom = 44;
constexpr const char* colours[] = {"#0b5fa5", "#c2571a"};

void draw_axes(std::string& svg, const Panel& panel) {
  const double w = panel_width - left - right;
  const double h = panel_height - top - bottom;
  svg += fmt::format("<text x=\"{}\" y=\"20\" class=\"title\">{}</text>\n", left, panel.title);
  svg +=
      fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"frame\"/>\n", left, top, w, h);
  for (const double tick : panel.x.ticks()) {
    const double x = left + w * panel.x.place(tick);
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" class=\"grid\"/>"
        "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
        x, top, top + h, top + h + 15, format_significant(tick, 3));
  }
  for (const double tick : panel.y.ticks()) {
    const double y = top + h * (1 - panel.y.place(tick));
    svg += fmt::format(
        "<line x1=\"{1}\" y1=\"{0:.1f}\" x2=\"{2}\" y2=\"{0:.1f}\" class=\"grid\"/>"
        "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        y, left, left + w, left - 5, y + 4, format_significant(tick, 3));
  }
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", left + w / 2,
                     panel_height - 10, panel.x.label);
}

void draw_panel(std::string& svg, const Panel& panel, double x, double y) {
  const double w = panel_width - left - right;
  const double h = panel_height - top - bottom;
  svg += fmt::format("<g transform=\"translate({},{})\">\n", x, y);
  draw_axes(svg, panel);
  for (std::size_t i = 0; i < panel.lines.size(); ++i) {
    const auto& [name, line] = panel.lines[i];
    svg += fmt::format("<polyline stroke=\"{}\" points=\"", colours[i]);
    for (const Point& point : line) {
      svg += fmt::format("{:.1f},{:.1f} ", left + w * std::clamp(panel.x.place(point.x), 0.0, 1.0),
                         top + h * (1 - std::clamp(panel.y.place(point.y), 0.0, 1.0)));
    }
    svg += "\"/>\n";
    if (panel.lines.size() < 2) continue;
    svg += fmt::format("<text x=\"{}\" y=\"{}\" fill=\"{}\">{}</text>\n", left + 10,
                       top + 18 + 16 * static_cast<double>(i), colours[i], name);
  }
  svg += "</g>\n";
}

Panel rate_panel(const TraceProfile& profile) {
  // At most so many points; a point is the mean of its bins.
  constexpr std::size_t most_points = 480;
  const std::size_t group = std::max<std::size_t>(1, (profile.rate.size() + most_points - 1) / most_points);
  const double unit_ms =
      profile.rate_bin_ms * static_cast<double>(profile.rate.size()) > 2 * 3600e3 ? 3600e3 : 60e3;
  Panel panel{"Invocations per second", {unit_ms > 60e3 ? "hours" : "minutes"}, {"1/s"}, {{"", {}}}};
  for (std::size_t i = 0; i < profile.rate.size(); i += group) {
    const std::size_t end = std::min(profile.rate.size(), i + group);
    double sum = 0;
    for (std::size_t j = i; j < end; ++j) sum += static_cast<double>(profile.rate[j]);
    const double rate = sum / (static_cast<double>(end - i) * profile.rate_bin_ms / 1000);
    panel.lines[0].second.push_back({static_cast<double>(i) * profile.rate_bin_ms / unit_ms, rate});
    panel.y.high = std::max(i == 0 ? 0 : panel.y.high, rate);
  }
  panel.x.high = static_cast<double>(profile.rate.size()) * profile.rate_bin_ms / unit_ms;
  return panel;
}

Panel popularity_panel(const TraceProfile& profile) {
  Panel panel{"Share of invocations of the most invoked functions",
              {"functions", true, 1, std::max(2.0, static_cast<double>(profile.functions))},
              {"share", false, 0, 1},
              {{"", {}}}};
  for (const PopularityPoint& point : profile.popularity)
    panel.lines[0].second.push_back({static_cast<double>(point.functions), point.share});
  return panel;
}

/// The empirical distribution function of the values above 0, thinned to at most 400 steps.
Line steps_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !(value > 0); });
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const std::size_t stride = std::max<std::size_t>(1, n / 400);
  Line line;
  for (std::size_t i = 0; i < n; i += stride)
    line.push_back({values[i], static_cast<double>(i + 1) / static_cast<double>(n)});
  if (n > 0) line.push_back({values[n - 1], 1});
  return line;
}

Panel distribution_panel(std::string title, std::string unit,
                         std::vector<std::pair<std::string, Line>> lines) {
  Panel panel{std::move(title), {std::move(unit), true, 1e300, 0}, {"share", false, 0, 1}, std::move(lines)};
  for (const auto& [name, line] : panel.lines) {
    if (line.empty()) continue;
    panel.x.low = std::min(panel.x.low, line.front().x);
    panel.x.high = std::max(panel.x.high, line.back().x);
  }
  if (!(panel.x.high > 0)) panel.x.low = panel.x.high = 1;
  panel.x.low = std::pow(10, std::floor(std::log10(panel.x.low)));
  panel.x.high = std::max(10 * panel.x.low, std::pow(10, std::ceil(std::log10(panel.x.high))));
  return panel;
}

template <class Member>
Line distribution(std::span<const TraceFunction> functions, Member member) {
  std::vector<double> values;
  for (const TraceFunction& function : functions) values.push_back(function.*member);
  return steps_of(std::move(values));
}

}  // namespace

std::string draw_trace(const TraceProfile& profile, std::span<const TraceFunction> functions) {
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" "
      "font-size=\"11\">\n"
      "<title>{} functions, {} invocations</title>\n"
      "<style>.frame{{fill:none;stroke:#888}}.grid{{stroke:#ddd}}.title{{font-size:13px;font-weight:bold}}"
      "polyline{{fill:none;stroke-width:1.5}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
      2 * panel_width, 2 * panel_height, profile.functions, profile.invocations);
  draw_panel(svg, rate_panel(profile), 0, 0);
  draw_panel(svg, popularity_panel(profile), panel_width, 0);
  draw_panel(svg,
             distribution_panel("Execution time of the functions", "ms",
                                {{"warm", distribution(functions, &TraceFunction::warm_ms)},
                                 {"cold", distribution(functions, &TraceFunction::cold_ms)}}),
             0, panel_height);
  draw_panel(svg,
             distribution_panel("Memory of the functions", "MB",
                                {{"memory", distribution(functions, &TraceFunction::memory_mb)}}),
             panel_width, panel_height);
  return svg + "</svg>\n";
}

}  // namespace thaw
