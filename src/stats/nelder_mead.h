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
template <std::size_t N, class Function>
class DownhillSimplex {
 public:
  using Point = std::array<double, N>;

  /// A simplex with `start` as a corner and edges of 5 % of each coordinate. `function` takes a Point and may return
  /// infinity.
  DownhillSimplex(const Function& function, const Point& start) : function_(function) {
    corners_[0] = evaluate(start);
    for (std::size_t i = 0; i < N; ++i) {
      Point moved = start;
      moved[i] = moved[i] != 0 ? 1.05 * moved[i] : 0.00025;
      corners_[i + 1] = evaluate(moved);
    }
    order();
  }

  /// Moves until all corners agree within `tolerance` in every coordinate and in the value, or after 200·N evaluations;
  /// returns the best corner.
  Point descend(double tolerance = 1e-4) {
    while (evaluations_ < 200 * N && !has_converged(tolerance)) {
      move();
      order();
    }
    return corners_[0].at;
  }

 private:
  struct Corner {
    Point at;
    double value;
  };

  Corner evaluate(const Point& at) {
    ++evaluations_;
    return {at, function_(at)};
  }

  /// Ascending by value; equal corners keep their order.
  void order() {
    std::stable_sort(corners_.begin(), corners_.end(),
                     [](const Corner& a, const Corner& b) { return a.value < b.value; });
  }

  bool has_converged(double tolerance) const {
    return std::all_of(corners_.begin() + 1, corners_.end(), [&](const Corner& corner) {
      for (std::size_t i = 0; i < N; ++i) {
        if (!(std::abs(corner.at[i] - corners_[0].at[i]) <= tolerance)) return false;
      }
      return std::abs(corner.value - corners_[0].value) <= tolerance;
    });
  }

  /// Replaces the worst corner by a better one on the line through the centre of the others, or shrinks the simplex.
  void move() {
    Corner& worst = corners_[N];
    const Point centre = centre_of_best();
    const Corner reflected = evaluate(along(centre, worst.at, -1));
    if (reflected.value < corners_[0].value) {
      const Corner expanded = evaluate(along(centre, worst.at, -2));
      worst = expanded.value < reflected.value ? expanded : reflected;
      return;
    }
    if (reflected.value < corners_[N - 1].value) {
      worst = reflected;
      return;
    }
    const bool is_outside = reflected.value < worst.value;
    const Corner contracted = evaluate(along(centre, worst.at, is_outside ? -0.5 : 0.5));
    if (is_outside ? contracted.value <= reflected.value : contracted.value < worst.value) {
      worst = contracted;
      return;
    }
    for (std::size_t i = 1; i <= N; ++i) corners_[i] = evaluate(along(corners_[0].at, corners_[i].at, 0.5));
  }

  Point centre_of_best() const {
    Point centre{};
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t corner = 0; corner < N; ++corner) centre[i] += corners_[corner].at[i];
      centre[i] /= static_cast<double>(N);
    }
    return centre;
  }

  /// The point `factor` times as far from `origin` as `end` is.
  static Point along(const Point& origin, const Point& end, double factor) {
    Point point{};
    for (std::size_t i = 0; i < N; ++i) point[i] = origin[i] + factor * (end[i] - origin[i]);
    return point;
  }

  const Function& function_;
  std::array<Corner, N + 1> corners_{};
  std::size_t evaluations_ = 0;
};

}  // namespace thaw
