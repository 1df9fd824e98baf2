#pragma once
// Forecast of a load per interval as IceBreaker has it (Roy, Patel & Tiwari, ASPLOS 2022): a parabola through the past,
// and the strongest harmonics of what it leaves.

#include <complex>
#include <cstdint>
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
  /// What a frequency and its mirror image add to the values.
  struct Harmonic {
    double re, im;
    std::size_t turns;
  };

  void transform();
  void choose_harmonics();
  void let_play(std::size_t match) {
    const std::uint32_t left = tournament_[2 * match], right = tournament_[2 * match + 1];
    // Of equally strong ones the slower wins.
    tournament_[match] = powers_[right] > powers_[left] ? right : left;
  }

  std::size_t length_;
  std::size_t harmonics_;
  std::vector<std::complex<double>> roots_;  ///< e^(2πi·k/length), for a whole turn.
  std::vector<double> twiddles_re_;          ///< Of the stages of the transform, one after another.
  std::vector<double> twiddles_im_;
  std::vector<std::uint32_t> reversed_;  ///< By place: its bits from the last to the first.
  std::vector<double> re_, im_;          ///< The transform of the residuals.
  std::vector<double> powers_;           ///< By frequency minus one; -1 for those chosen.
  /// At i the stronger of what is at 2i and 2i+1; the last half are all.
  std::vector<std::uint32_t> tournament_;
  std::vector<Harmonic> strongest_;
  double a_ = 0, b_ = 0, c_ = 0;  ///< In orthogonal polynomials of the centred time.
  double linear_norm_ = 0;
  double square_mean_ = 0;
  double square_norm_ = 0;
};

}  // namespace thaw
