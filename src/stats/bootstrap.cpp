// Bootstrap intervals of interval.h.

#include <algorithm>
#include <optional>
#include <vector>

#include "core/error.h"
#include "stats/interval.h"
#include "stats/laws.h"
#include "stats/summary.h"

namespace thaw {
namespace {

constexpr std::size_t jackknife_groups = 1000;

/// Runs `draw` for each resample; nullopt when one of them is not finite.
template <class Draw>
std::optional<std::vector<double>> replicate(int resamples, Draw draw) {
  std::vector<double> values(static_cast<std::size_t>(resamples));
  for (double& value : values) {
    value = draw();
    if (!std::isfinite(value)) return std::nullopt;
  }
  std::sort(values.begin(), values.end());
  return values;
}

Interval percentile_interval(const std::optional<std::vector<double>>& replicates, double confidence) {
  if (!replicates) return {};
  return {quantile_sorted(*replicates, (1 - confidence) / 2),
          quantile_sorted(*replicates, (1 + confidence) / 2)};
}

void resample(std::span<const double> sample, RandomStream& stream, std::vector<double>& out) {
  out.resize(sample.size());
  for (double& value : out) value = sample[stream.below(sample.size())];
}

/// Gamma(shape, 1) for shape >= 1 (Marsaglia & Tsang 2000).
double gamma_variate(double shape, RandomStream& stream) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = stream.normal();
    const double root = 1 + c * x;
    const double u = stream.uniform();
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

/// Draws the quantile of a resample without making the resample: its k-th order statistic sits at the
/// position ⌊n·U⌋ of the sorted sample, where U is the k-th of n uniforms, Beta(k, n + 1 - k); the next one
/// follows as the smallest of n - k uniforms above U.
class ResampledQuantile {
 public:
  ResampledQuantile(std::span<const double> sorted, double p)
      : sorted_(sorted), rank_(static_cast<double>(sorted.size() - 1) * std::clamp(p, 0.0, 1.0)) {}

  double operator()(RandomStream& stream) const {
    const auto n = static_cast<double>(sorted_.size());
    const double k = std::floor(rank_) + 1;
    const double fraction = rank_ - std::floor(rank_);
    const double below = gamma_variate(k, stream);
    const double above = gamma_variate(n + 1 - k, stream);
    const double u = below / (below + above);
    if (fraction == 0) return at(u);
    const double next = 1 - (1 - u) * std::pow(stream.uniform(), 1 / (n - k));
    return std::lerp(at(u), at(next), fraction);
  }

 private:
  [[nodiscard]] double at(double u) const {
    const auto position = static_cast<std::size_t>(u * static_cast<double>(sorted_.size()));
    return sorted_[std::min(position, sorted_.size() - 1)];
  }

  std::span<const double> sorted_;
  double rank_;
};

/// Efron & Tibshirani 1993, eq. 14.15: a = Σ(θ̄ - θᵢ)³ / (6·(Σ(θ̄ - θᵢ)²)^(3/2)), each θᵢ with one
/// group left out.
double acceleration(std::span<const double> sample, const Statistic& statistic) {
  const std::size_t n = sample.size();
  const std::size_t groups = std::min(n, jackknife_groups);
  std::vector<double> left_out(groups);
  std::vector<double> rest;
  for (std::size_t g = 0; g < groups; ++g) {
    const auto first = static_cast<std::ptrdiff_t>(g * n / groups);
    const auto last = static_cast<std::ptrdiff_t>((g + 1) * n / groups);
    rest.assign(sample.begin(), sample.begin() + first);
    rest.insert(rest.end(), sample.begin() + last, sample.end());
    left_out[g] = statistic(rest);
  }
  const double center = mean(left_out);
  double squares = 0;
  double cubes = 0;
  for (const double value : left_out) {
    const double d = center - value;
    squares += d * d;
    cubes += d * d * d;
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}

/// Φ⁻¹ of the share of replicates below the estimate, ties counted half and kept off 0 and 1.
double bias(std::span<const double> sorted, double estimate) {
  const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), estimate);
  const auto n = static_cast<double>(sorted.size());
  const double below = static_cast<double>(low - sorted.begin()) + static_cast<double>(high - low) / 2;
  return law::normal_quantile(std::clamp(below, 0.5, n - 0.5) / n);
}

}  // namespace

Interval bootstrap_interval(std::span<const double> sample, const Statistic& statistic, RandomStream& stream,
                            const BootstrapOptions& options) {
  THAW_ASSERT(options.resamples > 0, "a bootstrap needs resamples, got {}", options.resamples);
  if (sample.empty()) return {};
  std::vector<double> drawn;
  const auto replicates = replicate(options.resamples, [&] {
    resample(sample, stream, drawn);
    return statistic(drawn);
  });
  return percentile_interval(replicates, options.confidence);
}

Interval bca_interval(std::span<const double> sample, const Statistic& statistic, RandomStream& stream,
                      const BootstrapOptions& options) {
  THAW_ASSERT(options.resamples > 0, "a bootstrap needs resamples, got {}", options.resamples);
  if (sample.size() < 2) return {};
  std::vector<double> drawn;
  const auto replicates = replicate(options.resamples, [&] {
    resample(sample, stream, drawn);
    return statistic(drawn);
  });
  if (!replicates) return {};
  const double z0 = bias(*replicates, statistic(sample));
  const double a = acceleration(sample, statistic);
  const auto bound = [&](double p) {
    const double z = z0 + law::normal_quantile(p);
    return quantile_sorted(*replicates, law::normal_cdf(z0 + z / (1 - a * z)));
  };
  return {bound((1 - options.confidence) / 2), bound((1 + options.confidence) / 2)};
}

Interval bootstrap_quantile_interval(std::span<const double> sorted, double p, RandomStream& stream,
                                     const BootstrapOptions& options) {
  if (sorted.empty()) return {};
  const ResampledQuantile quantile(sorted, p);
  return percentile_interval(replicate(options.resamples, [&] { return quantile(stream); }),
                             options.confidence);
}

Interval median_ratio_interval(std::span<const double> baseline, std::span<const double> treatment,
                               RandomStream& stream, const BootstrapOptions& options) {
  if (baseline.empty() || treatment.empty()) return {};
  const std::vector<double> sorted_baseline = sorted_copy(baseline);
  const std::vector<double> sorted_treatment = sorted_copy(treatment);
  const ResampledQuantile denominator(sorted_baseline, 0.5);
  const ResampledQuantile numerator(sorted_treatment, 0.5);
  const auto replicates = replicate(options.resamples, [&] {
    const double top = numerator(stream);
    return top / denominator(stream);
  });
  return percentile_interval(replicates, options.confidence);
}

Interval mean_ratio_interval(std::span<const double> baseline, std::span<const double> treatment,
                             RandomStream& stream, const BootstrapOptions& options) {
  if (baseline.empty() || treatment.empty()) return {};
  std::vector<double> drawn;
  const auto drawn_mean = [&](std::span<const double> sample) {
    resample(sample, stream, drawn);
    return mean(drawn);
  };
  const auto replicates = replicate(options.resamples, [&] {
    const double top = drawn_mean(treatment);
    return top / drawn_mean(baseline);
  });
  return percentile_interval(replicates, options.confidence);
}

}  // namespace thaw
