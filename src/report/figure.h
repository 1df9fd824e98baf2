#pragma once
// Charts as static SVG: lines, steps and dots over two axes. A chart is a value; drawing it needs nothing else and gives
// the same bytes for the same value. The SVG stands alone as a file and inside a page, in light and in dark.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thaw {

struct FigurePoint {
  double x = 0;
  double y = 0;  ///< NaN or infinite: the line is interrupted here.
};

struct FigureSeries {
  std::string name;
  std::vector<FigurePoint> points;  ///< In order of x, except for dots.
  bool is_reference = false;        ///< A bound or baseline: thick and grey.
};

enum class FigureForm {
  lines,
  steps,  ///< Each y holds until the next x, as in an empirical distribution.
  dots,
};

enum class FigureScale {
  from_zero,    ///< Linear, zero included.
  around_data,  ///< Linear, fitted to the values.
  logarithmic,  ///< Values of zero and below are left out; the axis says that it is logarithmic.
};

struct FigureAxis {
  std::string title;
  std::string unit;  ///< "MB", "%"; "1" for a pure number.
  FigureScale scale = FigureScale::from_zero;
  std::optional<double> high;  ///< The end of the axis, where it is known; else the largest value, rounded.
};

struct Figure {
  std::string name;     ///< File name and anchor: letters, digits and '-'.
  std::string title;    ///< What is seen.
  std::string caption;  ///< Definition of the quantity, and how to read it. May be empty.
  FigureAxis x, y;
  FigureForm form = FigureForm::lines;
  std::vector<FigureSeries> series;
};

/// Up to so many series have their names at their ends; more have a legend.
inline constexpr std::size_t most_labelled_series = 5;

/// The chart as one <svg> element with a line end, 720 units wide.
std::string draw(const Figure& figure);

/// The values' empirical distribution: share of values <= x. NaN is left out; at most 400 steps.
FigureSeries distribution_of(std::string name, std::vector<double> values);

/// Logarithmic when all values are above zero and span more than two decades, else from zero.
FigureScale scale_for(const std::vector<FigureSeries>& series);

/// Text for markup: & < > " ' as entities; control characters, which XML forbids, as U+FFFD.
std::string escape_markup(std::string_view text);

}  // namespace thaw
