#pragma once
// Minimises a function of a few variables without derivatives.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace thaw {

/// The downhill simplex method of Nelder & Mead 1965 in the form of Lagarias, Reeds, Wright & Wright 1998,
/// "Convergence properties of the Nelder-Mead simplex method in low dimensions": reflection 1, expansion 2,
/// contraction 1/2, shrinkage 1/2.
///
/// Starts from a simplex whose edges are 5 % of each coordinate and ends when all corners agree within `tolerance` in
/// every coordinate and in the value, or after 200·N evaluations. `function` may return infinity.
template <std::size_t N, class Function>
std::array<double, N> minimise(const Function& function, std::array<double, N> start,
                               double tolerance = 1e-4) {
  using Point = std::array<double, N>;
  struct Corner {
    Point at;
    double value;
  };
  constexpr std::size_t most_evaluations = 200 * N;
  std::size_t evaluations = 0;
  const auto evaluate = [&](const Point& at) {
    ++evaluations;
    return Corner{at, function(at)};
  };
  /// The point `factor` times as far from `origin` as `end` is.
  const auto along = [](const Point& origin, const Point& end, double factor) {
    Point point{};
    for (std::size_t i = 0; i < N; ++i) point[i] = origin[i] + factor * (end[i] - origin[i]);
    return point;
  };

  std::array<Corner, N + 1> corners;
  corners[0] = evaluate(start);
  for (std::size_t i = 0; i < N; ++i) {
    Point moved = start;
    moved[i] = moved[i] != 0 ? 1.05 * moved[i] : 0.00025;
    corners[i + 1] = evaluate(moved);
  }
  const auto order = [&] {
    std::stable_sort(corners.begin(), corners.end(),
                     [](const Corner& a, const Corner& b) { return a.value < b.value; });
  };
  const auto has_converged = [&] {
    return std::all_of(corners.begin() + 1, corners.end(), [&](const Corner& corner) {
      for (std::size_t i = 0; i < N; ++i) {
        if (!(std::abs(corner.at[i] - corners[0].at[i]) <= tolerance)) return false;
      }
      return std::abs(corner.value - corners[0].value) <= tolerance;
    });
  };

  order();
  Corner& worst = corners[N];
  while (evaluations < most_evaluations && !has_converged()) {
    Point centre{};
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t corner = 0; corner < N; ++corner) centre[i] += corners[corner].at[i];
      centre[i] /= static_cast<double>(N);
    }
    const Corner reflected = evaluate(along(centre, worst.at, -1));
    if (reflected.value < corners[0].value) {
      const Corner expanded = evaluate(along(centre, worst.at, -2));
      worst = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < corners[N - 1].value) {
      worst = reflected;
    } else {
      const bool outside = reflected.value < worst.value;
      const Corner contracted = evaluate(along(centre, worst.at, outside ? -0.5 : 0.5));
      if (outside ? contracted.value <= reflected.value : contracted.value < worst.value) {
        worst = contracted;
      } else {
        for (std::size_t i = 1; i <= N; ++i) corners[i] = evaluate(along(corners[0].at, corners[i].at, 0.5));
      }
    }
    order();
  }
  return corners[0].at;
}

}  // namespace thaw
