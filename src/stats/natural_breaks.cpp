#include "stats/natural_breaks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/weighted_points.h"

namespace thaw {

OptimalPartition::OptimalPartition(std::span<const double> points, std::span<const double> weights,
                                   std::size_t most) {
  const std::size_t n = points.size();
  double total = 0;
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) {
    total += weights[i];
    mean += weights[i] * points[i];
  }
  mean /= total;
  weight_sums_.assign(n + 1, 0);
  sums_.assign(n + 1, 0);
  square_sums_.assign(n + 1, 0);
  for (std::size_t i = 0; i < n; ++i) {
    // Differences of prefix sums lose digits to a common offset, so there is none.
    const double point = points[i] - mean;
    weight_sums_[i + 1] = weight_sums_[i] + weights[i];
    sums_[i + 1] = sums_[i] + weights[i] * point;
    square_sums_[i + 1] = square_sums_[i] + weights[i] * point * point;
  }
  costs_.assign(most, std::vector<double>(n, std::numeric_limits<double>::infinity()));
  cuts_.assign(most, std::vector<std::size_t>(n, 0));
  for (std::size_t last = 0; last < n; ++last) costs_[0][last] = run_cost(0, last);
  for (std::size_t level = 1; level < most; ++level) fill(level, level, n, level, n);
}

double OptimalPartition::run_cost(std::size_t first, std::size_t last) const {
  const double weight = weight_sums_[last + 1] - weight_sums_[first];
  const double sum = sums_[last + 1] - sums_[first];
  return std::max(0.0, square_sums_[last + 1] - square_sums_[first] - sum * sum / weight);
}

/// Finds the best last cut for the last points in [low, high), knowing that it lies in [cut_low, cut_high).
void OptimalPartition::fill(std::size_t level, std::size_t low, std::size_t high, std::size_t cut_low,
                            std::size_t cut_high) {
  if (low >= high) return;
  const std::size_t last = low + (high - low) / 2;
  std::size_t best = cut_low;
  for (std::size_t cut = cut_low; cut < std::min(cut_high, last + 1); ++cut) {
    const double cost = costs_[level - 1][cut - 1] + run_cost(cut, last);
    if (cost < costs_[level][last]) {
      costs_[level][last] = cost;
      best = cut;
    }
  }
  cuts_[level][last] = best;
  fill(level, low, last, cut_low, best + 1);
  fill(level, last + 1, high, best, cut_high);
}

std::vector<std::size_t> OptimalPartition::starts(std::size_t classes) const {
  std::vector<std::size_t> starts(classes, 0);
  std::size_t end = costs_[0].size();
  for (std::size_t level = classes; level-- > 1;) {
    starts[level] = cuts_[level][end - 1];
    end = starts[level];
  }
  return starts;
}

namespace {

NaturalBreaks breaks_of(const WeightedPoints& points, const OptimalPartition& partition,
                        std::size_t classes) {
  NaturalBreaks result{{}, partition.cost(1) == 0 ? 1 : 1 - partition.cost(classes) / partition.cost(1)};
  for (const std::size_t start : partition.starts(classes)) {
    if (start > 0) result.breaks.push_back(std::midpoint(points.at[start - 1], points.at[start]));
  }
  return result;
}

}  // namespace

Result<NaturalBreaks> natural_breaks(std::span<const double> values, std::size_t classes) {
  const WeightedPoints points = WeightedPoints::of(values);
  if (classes < 2)
    return fail(ErrorKind::bad_usage, "natural breaks need at least 2 classes, got {}", classes);
  if (points.at.size() < classes) {
    return fail(ErrorKind::bad_usage, "{} distinct values cannot make {} classes", points.at.size(), classes);
  }
  return breaks_of(points, OptimalPartition(points.at, points.weight, classes), classes);
}

Result<NaturalBreaks> natural_breaks_up_to(std::span<const double> values, std::size_t most, double enough,
                                           double worthwhile) {
  const WeightedPoints points = WeightedPoints::of(values);
  most = std::min(most, points.at.size());
  if (most < 2)
    return fail(ErrorKind::bad_usage, "natural breaks need at least 2 classes and distinct values");
  const OptimalPartition partition(points.at, points.weight, most);
  NaturalBreaks best = breaks_of(points, partition, 2);
  for (std::size_t classes = 3; classes <= most && best.fit < enough; ++classes) {
    NaturalBreaks finer = breaks_of(points, partition, classes);
    if (finer.fit < enough && finer.fit - best.fit < worthwhile) break;
    best = std::move(finer);
  }
  return best;
}

}  // namespace thaw
