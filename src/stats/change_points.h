#pragma once
// Where a series changes its behaviour: warm-up that ends, throttling that sets in.

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace thaw {

/// What counts as one behaviour: the cost of describing a run of values as one segment.
enum class SegmentCost {
  automatic,  ///< `kernel` up to 500 values, else `mean`.
  mean,    ///< Constant mean, known noise: Σ (x - x̄)² / σ², σ estimated from neighbouring differences.
  normal,  ///< Constant mean and variance: m ln s².
  kernel,  ///< Constant law, whatever its form: within-segment scatter in the feature space of a Gaussian kernel whose
           ///< width is the median distance (Arlot, Celisse & Harchaoui 2019). Memory: O(n²).
};

struct ChangePointSettings {
  SegmentCost cost = SegmentCost::automatic;
  double penalty = 0;             ///< Price of one change point; 0 stands for 3 ln n.
  std::size_t least_segment = 0;  ///< Fewest values in a segment; 0 stands for 5 % of n and at least 3.
};

/// Index of the first value of every segment but the first, ascending: the segmentation with the least sum of costs and
/// penalties, found with PELT (Killick, Fearnhead & Eckley 2012, "Optimal detection of changepoints with a linear
/// computational cost").
///
/// None for fewer than 10 values or equal ones. Of more than 5000 values, 5000 evenly spaced ones are looked at.
/// REQUIRES: no NaN. Cost: O(n) with many changes, O(n²) at worst.
std::vector<std::size_t> change_points(std::span<const double> series,
                                       const ChangePointSettings& settings = {});

/// A stretch at the begin or end of a series that differs from the rest.
struct Phase {
  std::size_t size = 0;                                       ///< 0: there is none.
  double p_value = std::numeric_limits<double>::quiet_NaN();  ///< Mann-Whitney test against the rest.
  double median = std::numeric_limits<double>::quiet_NaN();
  double median_of_rest = std::numeric_limits<double>::quiet_NaN();
};

struct Phases {
  Phase warm_up;    ///< The first values, up to 30 % of them.
  Phase cool_down;  ///< The last values, up to 30 % of them.
  std::vector<std::size_t> changes;

  std::size_t steady_begin() const { return warm_up.size; }
  std::size_t steady_end(std::size_t n) const { return n - cool_down.size; }
};

/// Warm-up ends at the first change point within 30 % of the series, cool-down starts at the last one after 70 % of it;
/// each counts when it differs from the rest with p < 0.05 and both sides have 3 values.
Phases find_phases(std::span<const double> series);

}  // namespace thaw
