#pragma once
// Forecasts of short series by autoregressive integrated moving-average models (Box & Jenkins 1970), with the order
// chosen by the corrected information criterion of Akaike (Hurvich & Tsai, Biometrika 1989). Small on purpose: it serves
// idle times of functions that are invoked a few times a day.

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace thaw {

/// Values of the past p, differences d (0 or 1), errors of the past q (0 or 1).
struct ArimaOrder {
  std::size_t p = 0;
  std::size_t d = 0;
  std::size_t q = 0;
};

struct ArimaFit {
  ArimaOrder order;
  double constant = 0;         ///< Only without differences.
  std::array<double, 2> ar{};  ///< φ of the p values before.
  double ma = 0;               ///< θ of the error before.
  double squares = 0;          ///< Sum of the squared errors, of which `errors` are counted.
  std::size_t errors = 0;
  double aicc = 0;
  double next = 0;  ///< The forecast of the value after the last.
};

/// Values at the begin of a series that no error is counted for, the same for all orders, so that these compare.
inline constexpr std::size_t arima_condition = 3;

/// Fits by the conditional sum of squares: directly without moving average, else by Gauss–Newton steps; nullopt when
/// the series is too short for the order or the equations have no solution. REQUIRES: p <= 2, d <= 1, q <= 1.
std::optional<ArimaFit> fit_arima(std::span<const double> series, ArimaOrder order);

/// The fit with the lowest criterion over all orders; nullopt below six values.
std::optional<ArimaFit> auto_arima(std::span<const double> series);

}  // namespace thaw
