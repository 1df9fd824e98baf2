#pragma once
// Forecast of a load per interval as IceBreaker has it (Roy, Patel & Tiwari, ASPLOS 2022): a parabola through the past,
// and the strongest harmonics of what it leaves.

#include <complex>
#include <span>
#include <vector>

namespace thaw {

/// Forecasts series of one length. Cost: O(n log n) for each fit of n values.
class LoadForecast {
 public:
  /// REQUIRES: `length` is a power of two, at least 8; `harmonics` is below half of it.
  LoadForecast(std::size_t length, std::size_t harmonics);

  /// Fits a·t² + b·t + c by least squares to the values at t = 0 … length-1, and takes the strongest harmonics of the
  /// residuals.
  void fit(std::span<const float> series);
  /// The forecast for `steps` intervals after the last value (1: the next one), never negative. REQUIRES: fit.
  [[nodiscard]] double at(std::size_t steps) const;

 private:
  void transform();

  std::size_t length_;
  std::size_t harmonics_;
  std::vector<std::complex<double>> roots_;  ///< e^(-2πi·k/length), for half a turn.
  std::vector<std::complex<double>> values_;
  std::vector<std::size_t> strongest_;  ///< Frequencies, in turns per length.
  double a_ = 0, b_ = 0, c_ = 0;        ///< In orthogonal polynomials of the centred time.
  double linear_norm_ = 0;
  double square_mean_ = 0;
  double square_norm_ = 0;
};

}  // namespace thaw
