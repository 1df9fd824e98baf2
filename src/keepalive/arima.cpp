#include "keepalive/arima.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace thaw {
namespace {

constexpr std::size_t most_parameters = 4;  // constant, two φ, θ
using Vector = std::array<double, most_parameters>;
using Matrix = std::array<Vector, most_parameters>;

/// Solves a·x = b for the leading `size` rows by elimination with pivots; nullopt when singular.
std::optional<Vector> solve(Matrix a, Vector b, std::size_t size) {
  for (std::size_t column = 0; column < size; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < size; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    if (!(std::abs(a[pivot][column]) > 1e-12 * (1 + std::abs(a[0][0])))) return std::nullopt;
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    for (std::size_t row = column + 1; row < size; ++row) {
      const double factor = a[row][column] / a[column][column];
      for (std::size_t k = column; k < size; ++k) a[row][k] -= factor * a[column][k];
      b[row] -= factor * b[column];
    }
  }
  Vector x{};
  for (std::size_t row = size; row-- > 0;) {
    double rest = b[row];
    for (std::size_t k = row + 1; k < size; ++k) rest -= a[row][k] * x[k];
    x[row] = rest / a[row][row];
  }
  return x;
}

/// The series after differences, and how its errors depend on the parameters.
class Problem {
 public:
  Problem(std::span<const double> series, ArimaOrder order)
      : order_(order), values_(series.begin(), series.end()) {
    if (order.d == 0) return;
    for (std::size_t t = values_.size() - 1; t > 0; --t) values_[t] -= values_[t - 1];
    values_.erase(values_.begin());
  }

  [[nodiscard]] std::size_t parameters() const { return (order_.d == 0 ? 1U : 0U) + order_.p + order_.q; }
  [[nodiscard]] std::size_t first() const { return arima_condition - order_.d; }
  [[nodiscard]] std::size_t errors() const { return values_.size() > first() ? values_.size() - first() : 0; }

  struct Sums {
    double squares = 0;
    Matrix curvature{};  ///< JᵀJ of the errors.
    Vector descent{};    ///< -Jᵀe.
    double next = 0;
  };

  /// Runs the recursion e(t) = w(t) - c - Σφ·w(t-i) - θ·e(t-1) and that of its derivatives.
  [[nodiscard]] Sums sums(const Vector& x) const {
    Sums sums;
    const std::size_t count = parameters();
    const double theta = order_.q > 0 ? x[count - 1] : 0;
    double error = 0;
    Vector slope{};
    for (std::size_t t = first(); t <= values_.size(); ++t) {
      Vector regressors{};
      std::size_t n = 0;
      if (order_.d == 0) regressors[n++] = 1;
      for (std::size_t i = 1; i <= order_.p; ++i) regressors[n++] = values_[t - i];
      if (order_.q > 0) regressors[n++] = error;
      double predicted = 0;
      for (std::size_t k = 0; k < count; ++k) predicted += x[k] * regressors[k];
      if (t == values_.size()) {
        sums.next = predicted;
        break;
      }
      error = values_[t] - predicted;
      for (std::size_t k = 0; k < count; ++k) slope[k] = -regressors[k] - theta * slope[k];
      sums.squares += error * error;
      for (std::size_t r = 0; r < count; ++r) {
        sums.descent[r] -= slope[r] * error;
        for (std::size_t k = 0; k < count; ++k) sums.curvature[r][k] += slope[r] * slope[k];
      }
    }
    return sums;
  }

 private:
  ArimaOrder order_;
  std::vector<double> values_;
};

struct Minimum {
  Vector x{};
  Problem::Sums sums;
};

/// Gauss–Newton with halved steps; |θ| stays below 1, so that old errors fade. Without θ one full step is exact.
Minimum descend(const Problem& problem, const ArimaOrder& order, const Vector& start) {
  constexpr int most_steps = 25;
  constexpr int most_halvings = 12;
  constexpr double largest_theta = 0.98;
  const std::size_t count = problem.parameters();
  Minimum best{start, problem.sums(start)};
  for (int step = 0; step < most_steps; ++step) {
    const auto direction = solve(best.sums.curvature, best.sums.descent, count);
    if (!direction) break;
    const double before = best.sums.squares;
    double scale = 1;
    for (int halving = 0; halving < most_halvings; ++halving, scale /= 2) {
      Vector tried = best.x;
      for (std::size_t k = 0; k < count; ++k) tried[k] += scale * (*direction)[k];
      if (order.q > 0) tried[count - 1] = std::clamp(tried[count - 1], -largest_theta, largest_theta);
      const Problem::Sums there = problem.sums(tried);
      if (!(there.squares < best.sums.squares)) continue;
      best = {tried, there};
      break;
    }
    if (before - best.sums.squares <= 1e-9 * before) break;
  }
  return best;
}

/// The least sum of squares. The moving average begins at 0 beside the best of the rest: from nothing at all, past errors
/// are past values, and the two cannot be told apart.
Minimum minimise(std::span<const double> series, const Problem& problem, const ArimaOrder& order) {
  if (order.q == 0) return descend(problem, order, {});
  const ArimaOrder rest{order.p, order.d, 0};
  return descend(problem, order, descend(Problem(series, rest), rest, {}).x);
}

}  // namespace

std::optional<ArimaFit> fit_arima(std::span<const double> series, ArimaOrder order) {
  if (series.size() <= arima_condition) return std::nullopt;
  const Problem problem(series, order);
  const std::size_t count = problem.parameters();
  // The variance is a parameter as well.
  if (problem.errors() <= count + 2) return std::nullopt;
  const auto [x, sums] = minimise(series, problem, order);
  ArimaFit fit;
  fit.order = order;
  std::size_t n = 0;
  if (order.d == 0) fit.constant = x[n++];
  for (std::size_t i = 0; i < order.p; ++i) fit.ar[i] = x[n++];
  if (order.q > 0) fit.ma = x[n];
  fit.squares = sums.squares;
  fit.errors = problem.errors();
  fit.next = sums.next + (order.d == 1 ? series.back() : 0);
  const auto errors = static_cast<double>(fit.errors);
  const auto k = static_cast<double>(count + 1);
  // Errors far below the size of the values are rounding: no order is better than another there.
  double power = 0;
  for (const double value : series) power += value * value;
  const double floor = 1e-18 * power + 1e-300;
  fit.aicc =
      errors * std::log(std::max(sums.squares, floor) / errors) + 2 * k + 2 * k * (k + 1) / (errors - k - 1);
  if (!std::isfinite(fit.next) || !std::isfinite(fit.aicc)) return std::nullopt;
  return fit;
}

std::optional<ArimaFit> auto_arima(std::span<const double> series) {
  std::optional<ArimaFit> best;
  for (std::size_t d = 0; d <= 1; ++d) {
    for (std::size_t p = 0; p <= 2; ++p) {
      for (std::size_t q = 0; q <= 1; ++q) {
        const auto fit = fit_arima(series, {p, d, q});
        if (fit && (!best || fit->aicc < best->aicc)) best = fit;
      }
    }
  }
  return best;
}

}  // namespace thaw
