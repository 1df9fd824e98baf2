#include "stats/kolmogorov.h"

#include <cmath>
#include <numbers>
#include <vector>

namespace thaw {
namespace {

constexpr double pi2 = std::numbers::pi * std::numbers::pi;

/// P(D_n^+ >= d) = d Σ_j C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j) (Birnbaum & Tingey 1951, equation 3.0).
double one_sided_survival(double n, double d) {
  double sum = 0;
  for (double j = 0; j <= std::floor(n * (1 - d)); ++j) {
    const double rest = 1 - d - j / n;
    if (rest <= 0) break;
    const double choices = std::lgamma(n + 1) - std::lgamma(j + 1) - std::lgamma(n - j + 1);
    sum += std::exp(choices + (j - 1) * std::log(d + j / n) + (n - j) * std::log(rest));
  }
  return d * sum;
}

/// P(D_n < d) = n!/n^n (H^n)_kk with the matrix H of Marsaglia, Tsang & Wang. One row of the power is enough, so the
/// matrix is applied n times to a vector instead of being raised to the n-th power. A factor 1/e in each step, made
/// good at the end, keeps the row from growing.
double matrix_cdf(std::size_t n, double d) {
  const double nd = static_cast<double>(n) * d;
  const auto k = static_cast<std::size_t>(std::ceil(nd));
  const std::size_t size = 2 * k - 1;
  const double h = static_cast<double>(k) - nd;
  std::vector<double> inverse_factorial(size + 1, 1.0);
  for (std::size_t i = 1; i <= size; ++i)
    inverse_factorial[i] = inverse_factorial[i - 1] / static_cast<double>(i);
  std::vector<double> edge(size);  // First column from the top, last row from the right.
  for (std::size_t i = 0; i < size; ++i) {
    edge[i] = (1 - std::pow(h, static_cast<double>(i + 1))) * inverse_factorial[i + 1];
  }
  const auto m = static_cast<double>(size);
  edge[size - 1] = (1 - 2 * std::pow(h, m) + std::pow(std::max(0.0, 2 * h - 1), m)) * inverse_factorial[size];

  std::vector<double> row(size, 0.0);
  std::vector<double> next(size);
  row[k - 1] = 1;
  for (std::size_t step = 0; step < n; ++step) {
    for (std::size_t column = 0; column < size; ++column) {
      double sum = row[size - 1] * edge[size - 1 - column];
      for (std::size_t i = column == 0 ? 0 : column - 1; i + 1 < size; ++i) {
        sum += row[i] * (column == 0 ? edge[i] : inverse_factorial[i + 1 - column]);
      }
      next[column] = sum / std::numbers::e;
    }
    std::swap(row, next);
  }
  const auto steps = static_cast<double>(n);
  return row[k - 1] * std::exp(std::lgamma(steps + 1) - steps * std::log(steps) + steps);
}

/// P(D_n < d) by Pelz & Good's expansion in 1/√n around Kolmogorov's limit law, z = d √n.
double expansion_cdf(double n, double d) {
  const double z = d * std::sqrt(n);
  const double z2 = z * z;
  const double z4 = z2 * z2;
  const double z6 = z4 * z2;
  double k0 = 0;
  double k1 = 0;
  double k2 = 0;
  double k3 = 0;
  const int terms = static_cast<int>(std::ceil(16 * z / std::numbers::pi)) + 1;
  for (int k = terms; k >= 1; --k) {
    const double odd = (2 * k - 1) * (2 * k - 1) * pi2 / 4;  // π²(k - 1/2)²
    const double weight = std::exp(-odd / (2 * z2));
    k0 += weight;
    k1 += (odd - z2) * weight;
    k2 += (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * odd + (1 - 2 * z2) * odd * odd) * weight;
    k3 += (-30 * z6 - 90 * z4 * z4 + (135 * z4 - 96 * z6) * odd + (212 * z4 - 60 * z2) * odd * odd +
           (5 - 30 * z2) * odd * odd * odd) *
          weight;
    const double whole = k * k * pi2;  // π²k²
    const double whole_weight = std::exp(-whole / (2 * z2));
    k2 -= 2 * z4 * whole * whole_weight;
    k3 += 30 * z4 * (3 * z2 * whole - whole * whole) * whole_weight;
  }
  const double z7 = z6 * z;
  const double sum = k0 / z + k1 / (6 * z4 * std::sqrt(n)) + k2 / (72 * z7 * n) +
                     k3 / (6480 * z7 * z2 * z * n * std::sqrt(n));
  return std::sqrt(2 * std::numbers::pi) * sum;
}

}  // namespace

double kolmogorov_survival(std::size_t n, double distance) {
  constexpr std::size_t exact_up_to = 140;
  const auto size = static_cast<double>(n);
  const double nd = size * distance;
  const double nd2 = nd * distance;
  if (nd <= 0.5) return 1;
  if (distance >= 1) return 0;
  // Two one-sided deviations this large hardly ever come together.
  const bool upper_tail = distance >= 0.5 || nd2 >= (n <= exact_up_to ? 4 : 2.2);
  if (upper_tail) return std::min(1.0, 2 * one_sided_survival(size, distance));
  const bool exact = n <= exact_up_to || (n <= 100'000 && nd * std::sqrt(distance) <= 1.4);
  return std::clamp(1 - (exact ? matrix_cdf(n, distance) : expansion_cdf(size, distance)), 0.0, 1.0);
}

}  // namespace thaw
