#include "report/figure.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.h"
#include "report/figure_axis.h"

namespace thaw {
namespace {

constexpr double width = 720, left = 72, right = 160, top = 40, bottom = 52;
constexpr double plot_width = width - left - right;
constexpr double line_height = 17;
constexpr double least_plot_height = 270;
constexpr std::size_t colours = 8;
/// More values than this have no marks of their own, only the line.
constexpr std::size_t most_marks = 400;

/// Okabe & Ito (2008), with the light ones darkened for white ground; series differ in dashes too.
constexpr std::string_view style =
    "<style>.thaw-figure{--ink:#1c2630;--faint:#6a7681;--grid:#dfe4e8;--ground:#fff;--c0:#0072b2;--c1:#"
    "c04e00;"
    "--c2:#00805d;--c3:#a8508a;--c4:#7d6608;--c5:#2f7fb8;--c6:#5b3f99;--c7:#8c2d2d;font:12px system-ui,"
    "sans-serif}"
    "@media(prefers-color-scheme:dark){.thaw-figure{--ink:#e6ebef;--faint:#9aa7b2;--grid:#33404b;"
    "--ground:#161c22;--c0:#58b0ea;--c1:#f08c4a;--c2:#3fc79b;--c3:#e39bc8;--c4:#e3c84a;--c5:#9ad2f7;"
    "--c6:#b7a0f0;--c7:#f09a9a}}"
    "@media print{.thaw-figure{--ink:#000;--faint:#444;--grid:#ccc;--ground:#fff}}"
    ".thaw-figure .ground{fill:var(--ground)}.thaw-figure text{fill:var(--ink)}"
    ".thaw-figure .faint{fill:var(--faint)}.thaw-figure .head{font-size:15px;font-weight:600}"
    ".thaw-figure .grid{stroke:var(--grid)}.thaw-figure .axis{stroke:var(--faint)}"
    ".thaw-figure .line{fill:none;stroke-width:1.8;stroke-linejoin:round}"
    ".thaw-figure .reference{fill:none;stroke:var(--faint);stroke-width:4;opacity:.55}"
    ".thaw-figure .mark{stroke:none}"
    ".thaw-figure .s0{stroke:var(--c0)}.thaw-figure .s1{stroke:var(--c1)}.thaw-figure .s2{stroke:var(--c2)}"
    ".thaw-figure .s3{stroke:var(--c3)}.thaw-figure .s4{stroke:var(--c4)}.thaw-figure .s5{stroke:var(--c5)}"
    ".thaw-figure .s6{stroke:var(--c6)}.thaw-figure .s7{stroke:var(--c7)}"
    ".thaw-figure .m0{fill:var(--c0)}.thaw-figure .m1{fill:var(--c1)}.thaw-figure .m2{fill:var(--c2)}"
    ".thaw-figure .m3{fill:var(--c3)}.thaw-figure .m4{fill:var(--c4)}.thaw-figure .m5{fill:var(--c5)}"
    ".thaw-figure .m6{fill:var(--c6)}.thaw-figure .m7{fill:var(--c7)}</style>\n";

constexpr std::string_view dashes[] = {"", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\""};

/// At most so many characters of a name fit beside the chart.
std::string shortened(const std::string& name) {
  constexpr std::size_t most = 22;
  if (name.size() <= most) return name;
  std::size_t end = most - 1;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  return name.substr(0, end) + "…";
}

std::string title_of(const FigureAxis& axis) {
  const std::string_view log = axis.scale == FigureScale::logarithmic ? ", logarithmic" : "";
  return fmt::format("{} [{}]{}", axis.title, axis.unit, log);
}

/// A chart being drawn.
class Drawing {
 public:
  explicit Drawing(const Figure& figure);
  std::string finish();

 private:
  struct Place {
    double x, y;
  };
  [[nodiscard]] bool can_stand(const FigurePoint& point) const {
    return x_.holds(point.x) && y_.holds(point.y);
  }
  [[nodiscard]] Place place(const FigurePoint& point) const {
    return {left + plot_width * x_.place(point.x), top + plot_height_ * (1 - y_.place(point.y))};
  }
  void draw_axes();
  void draw_series(std::size_t index);
  void draw_marks(std::size_t index);
  void draw_end_labels();
  void draw_legend();
  [[nodiscard]] std::string line_class(std::size_t index) const;
  [[nodiscard]] std::string path_of(const FigureSeries& series) const;

  const Figure& figure_;
  AxisRange x_, y_;
  double plot_height_ = least_plot_height;
  bool has_marks_ = false;
  std::string svg_;
};

Drawing::Drawing(const Figure& figure) : figure_(figure) {
  std::vector<double> xs, ys;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!std::isfinite(point.y)) continue;
      xs.push_back(point.x);
      ys.push_back(point.y);
    }
  }
  has_marks_ =
      figure.form == FigureForm::dots || (figure.form == FigureForm::lines && xs.size() <= most_marks);
  x_ = AxisRange::fit(figure.x, xs);
  y_ = AxisRange::fit(figure.y, ys);
  plot_height_ = std::max(least_plot_height, line_height * static_cast<double>(figure.series.size()));
}

void Drawing::draw_axes() {
  const double floor = top + plot_height_;
  for (const double tick : y_.ticks(5)) {
    const double y = floor - plot_height_ * y_.place(tick);
    svg_ += fmt::format(
        "<line class=\"grid\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>"
        "<text class=\"faint\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
        left, y, left + plot_width, y, left - 6, y + 4, tick_text(tick));
  }
  for (const double tick : x_.ticks(7)) {
    const double x = left + plot_width * x_.place(tick);
    svg_ += fmt::format(
        "<line class=\"axis\" x1=\"{:.1f}\" y1=\"{}\" x2=\"{:.1f}\" y2=\"{}\"/>"
        "<text class=\"faint\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
        x, floor, x, floor + 4, x, floor + 17, tick_text(tick));
  }
  svg_ += fmt::format("<line class=\"axis\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", left, floor,
                      left + plot_width, floor);
  svg_ += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", left + plot_width / 2,
                      floor + 38, escape_markup(title_of(figure_.x)));
  svg_ +=
      fmt::format("<text transform=\"translate(16,{:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                  top + plot_height_ / 2, escape_markup(title_of(figure_.y)));
}

std::string Drawing::line_class(std::size_t index) const {
  if (figure_.series[index].is_reference) return "class=\"reference\"";
  return fmt::format("class=\"line s{}\"{}", index % colours, dashes[index % std::size(dashes)]);
}

std::string Drawing::path_of(const FigureSeries& series) const {
  std::string path;
  bool is_drawing = false;
  for (const FigurePoint& point : series.points) {
    if (!can_stand(point)) {
      is_drawing = false;
      continue;
    }
    const auto [x, y] = place(point);
    if (is_drawing && figure_.form == FigureForm::steps) path += fmt::format("H{:.1f}", x);
    path += fmt::format("{}{:.1f},{:.1f}", is_drawing ? 'L' : 'M', x, y);
    is_drawing = true;
  }
  return path;
}

void Drawing::draw_series(std::size_t index) {
  const FigureSeries& series = figure_.series[index];
  svg_ += fmt::format("<g><title>{}</title>", escape_markup(series.name));
  if (figure_.form != FigureForm::dots) {
    if (const std::string path = path_of(series); !path.empty()) {
      svg_ += fmt::format("<path {} d=\"{}\"/>", line_class(index), path);
    }
  }
  if (has_marks_ && !series.is_reference) draw_marks(index);
  svg_ += "</g>\n";
}

void Drawing::draw_marks(std::size_t index) {
  const FigureSeries& series = figure_.series[index];
  for (const FigurePoint& point : series.points) {
    if (!can_stand(point)) continue;
    const auto [x, y] = place(point);
    svg_ += fmt::format(
        "<circle class=\"mark m{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\"><title>{}: {} {}, {} "
        "{}</title></circle>",
        index % colours, x, y, escape_markup(series.name), tick_text(point.x), escape_markup(figure_.x.unit),
        format_significant(point.y, 4), escape_markup(figure_.y.unit));
  }
}

void Drawing::draw_end_labels() {
  struct Label {
    double end_y, y;
    std::size_t index;
  };
  std::vector<Label> labels;
  for (std::size_t i = 0; i < figure_.series.size(); ++i) {
    for (auto point = figure_.series[i].points.rbegin(); point != figure_.series[i].points.rend(); ++point) {
      if (!can_stand(*point)) continue;
      labels.push_back({place(*point).y, place(*point).y, i});
      break;
    }
  }
  std::stable_sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
  // Pushed down until none covers the one above, then up from the floor of the chart.
  for (std::size_t i = 1; i < labels.size(); ++i) {
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + line_height);
  }
  double lowest = top + plot_height_;
  for (std::size_t i = labels.size(); i-- > 0; lowest -= line_height) {
    labels[i].y = std::min(labels[i].y, lowest);
  }
  const double x = left + plot_width;
  for (const Label& label : labels) {
    svg_ += fmt::format(
        "<path {} d=\"M{:.1f},{:.1f}L{:.1f},{:.1f}H{:.1f}\"/><text x=\"{}\" y=\"{:.1f}\">{}</text>\n",
        line_class(label.index), x + 2, label.end_y, x + 10, label.y, x + 26, x + 30, label.y + 4,
        escape_markup(shortened(figure_.series[label.index].name)));
  }
}

void Drawing::draw_legend() {
  const double x = left + plot_width + 12;
  for (std::size_t i = 0; i < figure_.series.size(); ++i) {
    const double y = top + line_height * (static_cast<double>(i) + 0.5);
    svg_ += fmt::format("<path {} d=\"M{:.1f},{:.1f}H{:.1f}\"/><text x=\"{}\" y=\"{:.1f}\">{}</text>\n",
                        line_class(i), x, y, x + 22, x + 27, y + 4,
                        escape_markup(shortened(figure_.series[i].name)));
  }
}

std::string Drawing::finish() {
  const double height = top + plot_height_ + bottom;
  std::string names;
  for (const FigureSeries& series : figure_.series) names += (names.empty() ? "" : ", ") + series.name;
  const std::string told = fmt::format("{}: {} against {}, for {}", figure_.title, title_of(figure_.y),
                                       title_of(figure_.x), names.empty() ? "nothing" : names);
  svg_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"thaw-figure\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{}\">\n<title>{}</title>\n",
      width, height, escape_markup(told), escape_markup(figure_.title));
  svg_ += style;
  svg_ += fmt::format("<rect class=\"ground\" width=\"{}\" height=\"{}\"/>\n", width, height);
  svg_ +=
      fmt::format("<text class=\"head\" x=\"{}\" y=\"22\">{}</text>\n", left, escape_markup(figure_.title));
  draw_axes();
  for (std::size_t i = 0; i < figure_.series.size(); ++i) draw_series(i);
  if (names.empty()) {
    svg_ +=
        fmt::format("<text class=\"faint\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">no data</text>\n",
                    left + plot_width / 2, top + plot_height_ / 2);
  } else if (figure_.series.size() <= most_labelled_series) {
    draw_end_labels();
  } else {
    draw_legend();
  }
  return std::move(svg_) + "</svg>\n";
}

}  // namespace

std::string draw(const Figure& figure) { return Drawing(figure).finish(); }

FigureSeries distribution_of(std::string name, std::vector<double> values) {
  constexpr std::size_t most_steps = 400;
  std::erase_if(values, [](double value) { return std::isnan(value); });
  std::sort(values.begin(), values.end());
  FigureSeries series{.name = std::move(name), .points = {}};
  const std::size_t n = values.size();
  if (n == 0) return series;
  const std::size_t stride = (n + most_steps - 1) / most_steps;
  series.points.push_back({values.front(), 0});
  for (std::size_t i = std::min(stride, n); i <= n; i = i < n ? std::min(i + stride, n) : n + 1) {
    series.points.push_back({values[i - 1], static_cast<double>(i) / static_cast<double>(n)});
  }
  return series;
}

FigureScale scale_for(const std::vector<FigureSeries>& series) {
  double low = INFINITY, high = 0;
  for (const FigureSeries& each : series) {
    for (const FigurePoint& point : each.points) {
      if (!std::isfinite(point.y)) continue;
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
  return low > 0 && high > 100 * low ? FigureScale::logarithmic : FigureScale::from_zero;
}

std::string escape_markup(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') {
          escaped += "\xEF\xBF\xBD";
        } else {
          escaped += c;
        }
    }
  }
  return escaped;
}

}  // namespace thaw
