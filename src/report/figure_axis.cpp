#include "report/figure_axis.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace thaw {
namespace {

/// 1, 2 or 5 times a power of ten, not below `raw`.
double round_step(double raw) {
  const double unit = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * unit >= raw * (1 - 1e-9)) return factor * unit;
  }
  return 10 * unit;
}

constexpr int linear_parts = 5;

}  // namespace

AxisRange AxisRange::fit(const FigureAxis& axis, const std::vector<double>& values) {
  AxisRange range;
  range.is_logarithmic_ = axis.scale == FigureScale::logarithmic;
  double low = INFINITY, high = -INFINITY;
  for (const double value : values) {
    if (!range.holds(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) {
    low = range.is_logarithmic_ ? 1 : 0;
    high = range.is_logarithmic_ ? 10 : 1;
  }
  if (range.is_logarithmic_) {
    range.low_ = std::pow(10, std::floor(std::log10(low) + 1e-9));
    range.high_ = std::max(10 * range.low_, std::pow(10, std::ceil(std::log10(high) - 1e-9)));
    return range;
  }
  if (axis.scale == FigureScale::from_zero) {
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
  }
  if (axis.high) high = *axis.high;
  if (!(high > low)) {
    const double around = low == 0 ? 1 : std::abs(low) / 2;
    if (axis.scale != FigureScale::from_zero) low -= around;
    high += around;
  }
  const double step = round_step((high - low) / linear_parts);
  range.low_ = std::floor(low / step + 1e-9) * step;
  range.high_ = axis.high ? *axis.high : std::ceil(high / step - 1e-9) * step;
  return range;
}

bool AxisRange::holds(double value) const { return std::isfinite(value) && (!is_logarithmic_ || value > 0); }

double AxisRange::place(double value) const {
  const double share =
      is_logarithmic_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
  return std::clamp(share, 0.0, 1.0);
}

std::vector<double> AxisRange::ticks(int wanted) const {
  std::vector<double> values;
  if (is_logarithmic_) {
    const auto first = static_cast<int>(std::lround(std::log10(low_)));
    const auto last = static_cast<int>(std::lround(std::log10(high_)));
    const int step = std::max(1, (last - first + wanted) / wanted);
    for (int exponent = first; exponent <= last; exponent += step) {
      values.push_back(std::pow(10, exponent));
    }
    return values;
  }
  const double step = round_step((high_ - low_) / wanted);
  const double first = std::ceil(low_ / step - 1e-9);
  for (int i = 0; (first + i) * step <= high_ + step * 1e-6; ++i) {
    const double value = (first + i) * step;
    values.push_back(std::abs(value) < step * 1e-6 ? 0 : value);
  }
  return values;
}

std::string tick_text(double value) {
  const double magnitude = std::abs(value);
  if (magnitude >= 1e6) {
    const int exponent = static_cast<int>(std::floor(std::log10(magnitude) + 1e-9));
    return fmt::format("{}e{}", format_significant(value / std::pow(10, exponent), 3), exponent);
  }
  if (magnitude < 1e4 || value != std::round(value)) return format_significant(value, 4);
  return fmt::format("{},{:03}", static_cast<int>(value) / 1000, static_cast<int>(magnitude) % 1000);
}

}  // namespace thaw
