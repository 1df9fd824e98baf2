#pragma once
// The arithmetic of an axis: its range, round ticks, and where a value stands on it.

#include <string>
#include <vector>

#include "report/figure.h"

namespace thaw {

/// The range of an axis in use.
class AxisRange {
 public:
  /// Fits the axis to the values that can stand on it; an axis without values goes from 0 to 1.
  static AxisRange fit(const FigureAxis& axis, const std::vector<double>& values);

  [[nodiscard]] bool is_logarithmic() const { return is_logarithmic_; }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }
  /// Whether a value can stand on the axis.
  [[nodiscard]] bool holds(double value) const;
  /// 0 at the low end, 1 at the high end, not beyond.
  [[nodiscard]] double place(double value) const;
  /// Round values on the axis, about `wanted` of them, rising.
  [[nodiscard]] std::vector<double> ticks(int wanted) const;

 private:
  double low_ = 0, high_ = 1;
  bool is_logarithmic_ = false;
};

/// A tick as it is written: 12,000 or 0.25 or 2e6.
std::string tick_text(double value);

}  // namespace thaw
