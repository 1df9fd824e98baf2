#include "keepalive/load_forecast.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace thaw {

LoadForecast::LoadForecast(std::size_t length, std::size_t harmonics)
    : length_(length),
      harmonics_(harmonics),
      roots_(length),
      reversed_(length, 0),
      re_(length),
      im_(length),
      powers_(length / 2),
      tournament_(length) {
  const std::size_t half = length / 2;
  std::iota(tournament_.begin() + static_cast<std::ptrdiff_t>(half), tournament_.end(), 0U);
  for (std::size_t k = 0; k < half; ++k) {
    roots_[k] = std::conj(
        std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length)));
    roots_[k + half] = -roots_[k];
  }
  for (std::size_t size = 4; size <= length; size *= 2) {
    for (std::size_t k = 0; k < size / 2; ++k) {
      twiddles_re_.push_back(roots_[k * (length / size)].real());
      twiddles_im_.push_back(-roots_[k * (length / size)].imag());
    }
  }
  for (std::size_t i = 1; i < length; ++i) {
    reversed_[i] = reversed_[i / 2] / 2 + static_cast<std::uint32_t>(i % 2 * half);
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
    re_[reversed_[t]] = static_cast<double>(series[t]) - (c_ + b_ * x + a_ * (x * x - square_mean_));
  }
  transform();
  choose_harmonics();
}

namespace {

/// The butterflies of one block: its second half, turned by the twiddles, is added to and taken from its first.
template <std::size_t width>
void cross(double* re, double* im, const double* twiddles_re, const double* twiddles_im, std::size_t half) {
  for (std::size_t k = 0; k < half; k += width) {
    double turned_re[width], turned_im[width];
    for (std::size_t i = 0; i < width; ++i) {
      const double odd_re = re[half + k + i], odd_im = im[half + k + i];
      turned_re[i] = odd_re * twiddles_re[k + i] - odd_im * twiddles_im[k + i];
      turned_im[i] = odd_re * twiddles_im[k + i] + odd_im * twiddles_re[k + i];
    }
    for (std::size_t i = 0; i < width; ++i) {
      const double even_re = re[k + i], even_im = im[k + i];
      re[k + i] = even_re + turned_re[i];
      im[k + i] = even_im + turned_im[i];
      re[half + k + i] = even_re - turned_re[i];
      im[half + k + i] = even_im - turned_im[i];
    }
  }
}

}  // namespace

/// Radix-2 transform in place of what is in reversed order (Cooley & Tukey, Mathematics of Computation 1965).
void LoadForecast::transform() {
  // The series is real, and the first stage turns nothing.
  for (std::size_t i = 0; i < length_; i += 2) {
    const double even = re_[i], odd = re_[i + 1];
    re_[i] = even + odd;
    re_[i + 1] = even - odd;
  }
  std::fill(im_.begin(), im_.end(), 0.0);
  const double* twiddles_re = twiddles_re_.data();
  const double* twiddles_im = twiddles_im_.data();
  for (std::size_t half = 2; half < length_; half *= 2) {
    for (std::size_t begin = 0; begin < length_; begin += 2 * half) {
      double* const re = &re_[begin];
      double* const im = &im_[begin];
      if (half == 2) {
        cross<2>(re, im, twiddles_re, twiddles_im, half);
      } else {
        cross<4>(re, im, twiddles_re, twiddles_im, half);
      }
    }
    twiddles_re += half;
    twiddles_im += half;
  }
}

void LoadForecast::choose_harmonics() {
  const std::size_t count = length_ / 2;
  for (std::size_t i = 0; i < count; ++i) powers_[i] = re_[i + 1] * re_[i + 1] + im_[i + 1] * im_[i + 1];
  for (std::size_t match = count - 1; match > 0; --match) let_play(match);
  strongest_.clear();
  while (strongest_.size() < harmonics_) {
    const std::size_t winner = tournament_[1];
    const std::size_t k = winner + 1;
    // The highest is its own mirror image.
    const double scale = (2 * k == length_ ? 1.0 : 2.0) / static_cast<double>(length_);
    strongest_.push_back({re_[k] * scale, im_[k] * scale, k});
    powers_[winner] = -1;
    for (std::size_t match = (count + winner) / 2; match > 0; match /= 2) let_play(match);
  }
}

double LoadForecast::at(std::size_t steps) const {
  const std::size_t t = length_ - 1 + steps;
  const double x = static_cast<double>(t) - static_cast<double>(length_ - 1) / 2;
  double value = c_ + b_ * x + a_ * (x * x - square_mean_);
  for (const Harmonic& harmonic : strongest_) {
    const std::complex<double>& root = roots_[(harmonic.turns * t) & (length_ - 1)];
    value += harmonic.re * root.real() - harmonic.im * root.imag();
  }
  return std::max(0.0, value);
}

}  // namespace thaw
