#include "keepalive/load_forecast.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace thaw {

LoadForecast::LoadForecast(std::size_t length, std::size_t harmonics)
    : length_(length), harmonics_(harmonics), roots_(length / 2), values_(length), strongest_(length / 2) {
  for (std::size_t k = 0; k < roots_.size(); ++k) {
    roots_[k] = std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length));
  }
  // With time counted from the middle, 1, x and x² - mean(x²) are orthogonal.
  const double middle = static_cast<double>(length - 1) / 2;
  for (std::size_t t = 0; t < length; ++t) linear_norm_ += std::pow(static_cast<double>(t) - middle, 2);
  square_mean_ = linear_norm_ / static_cast<double>(length);
  for (std::size_t t = 0; t < length; ++t) {
    square_norm_ += std::pow(std::pow(static_cast<double>(t) - middle, 2) - square_mean_, 2);
  }
}

void LoadForecast::fit(std::span<const float> series) {
  const double middle = static_cast<double>(length_ - 1) / 2;
  double sum = 0, linear = 0, square = 0;
  for (std::size_t t = 0; t < length_; ++t) {
    const double x = static_cast<double>(t) - middle;
    const double y = series[t];
    sum += y;
    linear += x * y;
    square += (x * x - square_mean_) * y;
  }
  c_ = sum / static_cast<double>(length_);
  b_ = linear / linear_norm_;
  a_ = square / square_norm_;
  for (std::size_t t = 0; t < length_; ++t) {
    const double x = static_cast<double>(t) - middle;
    values_[t] = static_cast<double>(series[t]) - (c_ + b_ * x + a_ * (x * x - square_mean_));
  }
  transform();
  strongest_.resize(length_ / 2);
  for (std::size_t k = 0; k < strongest_.size(); ++k) strongest_[k] = k + 1;
  const auto chosen = strongest_.begin() + static_cast<std::ptrdiff_t>(harmonics_);
  std::partial_sort(strongest_.begin(), chosen, strongest_.end(), [this](std::size_t l, std::size_t r) {
    const double left = std::norm(values_[l]), right = std::norm(values_[r]);
    return left != right ? left > right : l < r;
  });
  strongest_.resize(harmonics_);
}

/// Radix-2 transform in place (Cooley & Tukey, Mathematics of Computation 1965).
void LoadForecast::transform() {
  for (std::size_t i = 1, j = 0; i < length_; ++i) {
    std::size_t bit = length_ / 2;
    for (; (j & bit) != 0; bit /= 2) j ^= bit;
    j |= bit;
    if (i < j) std::swap(values_[i], values_[j]);
  }
  for (std::size_t size = 2; size <= length_; size *= 2) {
    const std::size_t stride = length_ / size;
    for (std::size_t begin = 0; begin < length_; begin += size) {
      for (std::size_t k = 0; k < size / 2; ++k) {
        const std::complex<double> even = values_[begin + k];
        const std::complex<double> odd = values_[begin + k + size / 2] * roots_[k * stride];
        values_[begin + k] = even + odd;
        values_[begin + k + size / 2] = even - odd;
      }
    }
  }
}

double LoadForecast::at(std::size_t steps) const {
  const std::size_t t = length_ - 1 + steps;
  const double x = static_cast<double>(t) - static_cast<double>(length_ - 1) / 2;
  double value = c_ + b_ * x + a_ * (x * x - square_mean_);
  for (const std::size_t k : strongest_) {
    // A harmonic and its mirror image together, but for the highest, which is its own; roots_ holds conjugates.
    const std::size_t phase = k * t % length_;
    const std::complex<double> root =
        phase < roots_.size() ? std::conj(roots_[phase]) : -std::conj(roots_[phase - roots_.size()]);
    const double images = 2 * k == length_ ? 1 : 2;
    value += images * (values_[k] * root).real() / static_cast<double>(length_);
  }
  return std::max(0.0, value);
}

}  // namespace thaw
