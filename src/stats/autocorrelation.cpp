#include "stats/autocorrelation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace thaw {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A series about its mean, divided by its population standard deviation times √N: lag products sum to r_j.
class CentredSeries {
 public:
  explicit CentredSeries(std::span<const double> series) : values_(series.begin(), series.end()) {
    if (values_.empty()) return;
    const auto n = static_cast<double>(values_.size());
    const double mean = std::accumulate(values_.begin(), values_.end(), 0.0) / n;
    for (double& value : values_) value -= mean;
    scale_ = product(0);
    // Equal values may differ from their rounded mean by an ulp each, which is not spread.
    const auto [low, high] = std::ranges::minmax(series);
    if (low == high) scale_ = 0;
  }

  std::size_t size() const { return values_.size(); }
  bool is_flat() const { return scale_ == 0; }
  double correlation(std::size_t lag) const { return is_flat() ? nan : product(lag) / scale_; }

 private:
  /// Four partial sums let the additions overlap.
  double product(std::size_t lag) const {
    const double* early = values_.data();
    const double* late = early + lag;
    const std::size_t count = values_.size() - lag;
    double sums[4] = {};
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) {
      for (std::size_t k = 0; k < 4; ++k) sums[k] += early[i + k] * late[i + k];
    }
    for (; i < count; ++i) sums[0] += early[i] * late[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }

  std::vector<double> values_;
  double scale_ = 0;
};

}  // namespace

std::vector<double> autocorrelations(std::span<const double> series, std::size_t max_lag) {
  const CentredSeries centred(series);
  std::vector<double> result;
  for (std::size_t lag = 0; lag < centred.size() && lag <= max_lag; ++lag)
    result.push_back(centred.correlation(lag));
  return result;
}

std::optional<std::size_t> first_negligible_lag(std::span<const double> series, double epsilon) {
  const CentredSeries centred(series);
  for (std::size_t lag = 1; lag < centred.size(); ++lag) {
    if (std::abs(centred.correlation(lag)) < epsilon) return lag;
  }
  return std::nullopt;
}

StrongestLag strongest_autocorrelation(std::span<const double> series, double enough) {
  const CentredSeries centred(series);
  StrongestLag strongest{0, nan};
  for (std::size_t lag = 1; lag < centred.size() && !centred.is_flat(); ++lag) {
    const double correlation = std::abs(centred.correlation(lag));
    if (!(correlation <= strongest.correlation)) strongest = {lag, correlation};
    if (strongest.correlation >= enough) break;
  }
  return strongest;
}

Memory memory_of(std::span<const double> series) {
  constexpr std::size_t least = 10;
  constexpr std::size_t most_lags = 50;
  constexpr double negligible = 0.2;
  if (series.size() < least) return {0, nan};
  const std::size_t last = std::min(series.size() / 4, most_lags);
  const CentredSeries centred(series);
  Memory memory{last, nan};
  bool found = false;
  for (std::size_t lag = 1; lag <= last && !centred.is_flat(); ++lag) {
    const double correlation = std::abs(centred.correlation(lag));
    if (!(correlation <= memory.strongest)) memory.strongest = correlation;
    if (!found && correlation < negligible) {
      memory.lag = lag;
      found = true;
    }
  }
  return memory;
}

double effective_sample_size(std::span<const double> series) {
  const CentredSeries centred(series);
  const auto n = static_cast<double>(centred.size());
  if (centred.is_flat()) return n;
  // Sums of neighbouring correlations of a reversible chain are positive; the first that is not is noise.
  double sum = -1;
  for (std::size_t lag = 0; lag + 1 < centred.size(); lag += 2) {
    const double pair = centred.correlation(lag) + centred.correlation(lag + 1);
    if (pair <= 0) break;
    sum += 2 * pair;
  }
  return sum > 1 ? n / sum : n;
}

}  // namespace thaw
