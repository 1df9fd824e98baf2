#pragma once
// Reproducible samples that known answers refer to: a linear congruential generator s <- (1103515245·s +
// 12345) mod 2³¹ gives u = s/2³¹; z is the sum of 12 successive u minus 6; every value is rounded to 6
// decimals.

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace thaw::reference {

using Values = std::vector<double>;

class Congruential {
 public:
  explicit Congruential(std::uint64_t seed) : state_(seed) {}
  double uniform() {
    state_ = (1103515245 * state_ + 12345) % (1ULL << 31);
    return static_cast<double>(state_) / static_cast<double>(1ULL << 31);
  }
  double nearly_normal() {
    double total = 0;
    for (int i = 0; i < 12; ++i) total += uniform();
    return total - 6;
  }

 private:
  std::uint64_t state_;
};

inline double six_decimals(double value) { return std::nearbyint(value * 1e6) / 1e6; }

template <class Draw>
Values generate(std::size_t n, Draw draw) {
  Values values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = draw(i);
  return values;
}

inline Values constant(std::size_t n) { return Values(n, 10.0); }
inline Values cycle(std::size_t n) {
  return generate(n, [](std::size_t i) { return 10 + static_cast<double>(i % 5); });
}
inline Values ramp(std::size_t n) {
  return generate(n, [](std::size_t i) { return static_cast<double>(i + 1); });
}
inline Values sine(std::size_t n) {
  return generate(
      n, [](std::size_t i) { return 10 + std::sin(2 * std::numbers::pi * static_cast<double>(i) / 10); });
}
inline Values uniform(std::size_t n) {
  return generate(n, [g = Congruential(42)](std::size_t) mutable { return six_decimals(10 + g.uniform()); });
}
inline Values normal(std::size_t n) {
  return generate(
      n, [g = Congruential(42)](std::size_t) mutable { return six_decimals(100 + 5 * g.nearly_normal()); });
}
inline Values lognormal(std::size_t n) {
  return generate(n, [g = Congruential(42)](std::size_t) mutable {
    return six_decimals(std::exp(0.5 * g.nearly_normal()));
  });
}

inline Values bimodal(std::size_t n) {
  return generate(n, [g = Congruential(42)](std::size_t) mutable {
    const double mode = g.uniform() < 0.5 ? 10 : 20;
    return six_decimals(mode + 0.1 * g.nearly_normal());
  });
}
inline Values wide(std::size_t n) {
  return generate(n, [g = Congruential(7)](std::size_t) mutable {
    return six_decimals(std::exp(2 * g.nearly_normal()));
  });
}

/// The values first … last-1.
inline Values part(const Values& values, std::size_t first, std::size_t last) {
  return {values.begin() + static_cast<std::ptrdiff_t>(first),
          values.begin() + static_cast<std::ptrdiff_t>(last)};
}
/// Every value changed to scale·value + shift.
inline Values transformed(Values values, double scale, double shift) {
  for (double& value : values) value = scale * value + shift;
  return values;
}

/// Ten measured times of two sleeping functions, in seconds.
inline const Values sleep_fast = {.3974, .4371, .4174, .4167, .4058, .4276, .4065, .3966, .4073, .4165};
inline const Values sleep_slow = {.4985, .5278, .5089, .5079, .5084, .4982, .4885, .5084, .5084, .4977};
inline const Values inner_fast = {.1001, .1002, .1002, .1001, .1001, .1001, .1001, .1002, .1001, .1001};
inline const Values inner_slow = {.2001, .2001, .2002, .2001, .2001, .2001, .2001, .2001, .2001, .2001};

}  // namespace thaw::reference
