#include "stats/summary.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace thaw {
namespace {

/// A running sum that carries the low bits lost by each addition (Neumaier 1974).
class CompensatedSum {
 public:
  void add(double value) {
    const double next = total_ + value;
    carry_ += std::abs(total_) >= std::abs(value) ? (total_ - next) + value : (value - next) + total_;
    total_ = next;
  }
  [[nodiscard]] double value() const { return total_ + carry_; }

 private:
  double total_ = 0;
  double carry_ = 0;
};

struct CentralMoments {
  double second = 0;
  double third = 0;
  double fourth = 0;
};

CentralMoments central_moments(std::span<const double> sample) {
  const double center = mean(sample);
  CompensatedSum second;
  CompensatedSum third;
  CompensatedSum fourth;
  for (const double x : sample) {
    const double d = x - center;
    second.add(d * d);
    third.add(d * d * d);
    fourth.add(d * d * d * d);
  }
  const auto n = static_cast<double>(sample.size());
  return {second.value() / n, third.value() / n, fourth.value() / n};
}

double smallest_most_frequent(std::span<const double> sorted) {
  double best = missing;
  std::ptrdiff_t best_count = 0;
  for (auto run = sorted.begin(); run != sorted.end();) {
    const auto end = std::upper_bound(run, sorted.end(), *run);
    if (end - run > best_count) {
      best = *run;
      best_count = end - run;
    }
    run = end;
  }
  return best;
}

}  // namespace

std::vector<double> drop_missing(std::span<const double> sample) {
  std::vector<double> present;
  present.reserve(sample.size());
  std::copy_if(sample.begin(), sample.end(), std::back_inserter(present),
               [](double x) { return !std::isnan(x); });
  return present;
}

std::vector<double> sorted_copy(std::span<const double> sample) {
  std::vector<double> sorted(sample.begin(), sample.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

double sum(std::span<const double> sample) {
  CompensatedSum total;
  for (const double x : sample) total.add(x);
  return total.value();
}

double mean(std::span<const double> sample) {
  if (sample.empty()) return missing;
  const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
  // Rounding of the division must not leave the range: a constant sample has exactly no deviation.
  return std::clamp(sum(sample) / static_cast<double>(sample.size()), *low, *high);
}

double variance(std::span<const double> sample) {
  if (sample.size() < 2) return missing;
  const double center = mean(sample);
  CompensatedSum squares;
  CompensatedSum rest;
  for (const double x : sample) {
    squares.add((x - center) * (x - center));
    rest.add(x - center);
  }
  const auto n = static_cast<double>(sample.size());
  return std::max(0.0, squares.value() - rest.value() * rest.value() / n) / (n - 1);
}

double standard_deviation(std::span<const double> sample) { return std::sqrt(variance(sample)); }

double quantile_sorted(std::span<const double> sorted, double p) {
  if (sorted.empty() || std::isnan(p)) return missing;
  const double rank = static_cast<double>(sorted.size() - 1) * std::clamp(p, 0.0, 1.0);
  const auto below = static_cast<std::size_t>(rank);
  if (below + 1 >= sorted.size()) return sorted.back();
  return std::lerp(sorted[below], sorted[below + 1], rank - static_cast<double>(below));
}

double median(std::span<const double> sample) {
  std::vector<double> values(sample.begin(), sample.end());
  if (values.empty()) return missing;
  const auto upper = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), upper, values.end());
  if (values.size() % 2 == 1) return *upper;
  return std::lerp(*std::max_element(values.begin(), upper), *upper, 0.5);
}

double median_absolute_deviation(std::span<const double> sample) {
  const double center = median(sample);
  std::vector<double> distances;
  distances.reserve(sample.size());
  for (const double x : sample) distances.push_back(std::abs(x - center));
  return median(distances);
}

double skewness(std::span<const double> sample) {
  const CentralMoments m = central_moments(sample);
  return m.second > 0 ? m.third / std::pow(m.second, 1.5) : missing;
}

double excess_kurtosis(std::span<const double> sample) {
  const CentralMoments m = central_moments(sample);
  return m.second > 0 ? m.fourth / (m.second * m.second) - 3 : missing;
}

Summary summarize(std::span<const double> sample) {
  Summary s;
  s.n = sample.size();
  if (sample.empty()) return s;
  const std::vector<double> sorted = sorted_copy(sample);
  s.min = sorted.front();
  s.max = sorted.back();
  s.mode = smallest_most_frequent(sorted);
  s.p5 = quantile_sorted(sorted, 0.05);
  s.p25 = quantile_sorted(sorted, 0.25);
  s.median = quantile_sorted(sorted, 0.5);
  s.p75 = quantile_sorted(sorted, 0.75);
  s.p90 = quantile_sorted(sorted, 0.9);
  s.p95 = quantile_sorted(sorted, 0.95);
  s.p99 = quantile_sorted(sorted, 0.99);
  s.p999 = quantile_sorted(sorted, 0.999);
  s.mean = mean(sample);
  s.stddev = standard_deviation(sample);
  s.stderr_of_mean = s.stddev / std::sqrt(static_cast<double>(s.n));
  s.cv = s.mean != 0 ? s.stddev / s.mean : missing;
  s.ci95 = mean_interval(sample, 0.95);
  return s;
}

}  // namespace thaw
