#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>
#include <vector>

#include "core/random.h"
#include "keepalive/arima.h"
#include "keepalive/load_forecast.h"

namespace thaw {
namespace {

// --- ARIMA ------------------------------------------------------------------------------------------------------------

TEST(Arima, OfOrderZeroForecastsTheMeanAfterItsCondition) {
  // The first three values are the condition; the mean of the others is 6, their squares are 8 + 2.
  const std::vector<double> series = {9, 9, 9, 4, 8, 5, 7};
  const auto fit = fit_arima(series, {0, 0, 0});
  ASSERT_TRUE(fit);
  EXPECT_DOUBLE_EQ(fit->next, 6);
  EXPECT_DOUBLE_EQ(fit->squares, 10);
  // n·ln(SS/n) + 2k + 2k(k+1)/(n-k-1) with n 4 and k 2.
  EXPECT_NEAR(fit->aicc, 4 * std::log(2.5) + 4 + 12, 1e-12);
}

TEST(Arima, FindsTheCoefficientOfAnAutoregression) {
  std::vector<double> series = {10};
  while (series.size() < 20) series.push_back(3 - 0.5 * series.back());
  const auto fit = fit_arima(series, {1, 0, 0});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->constant, 3, 1e-6);
  EXPECT_NEAR(fit->ar[0], -0.5, 1e-6);
  EXPECT_NEAR(fit->next, 3 - 0.5 * series.back(), 1e-9);
}

TEST(Arima, FollowsATrendByDifferences) {
  std::vector<double> series;
  for (int t = 0; t < 12; ++t) series.push_back(5 + 3 * t);
  const auto fit = fit_arima(series, {1, 1, 0});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->next, 5 + 3 * 12, 1e-9);
}

TEST(Arima, FindsTheCoefficientOfAMovingAverage) {
  RandomStream random(3, "tests/arima");
  std::vector<double> series;
  double before = 0;
  for (int t = 0; t < 2000; ++t) {
    const double error = random.normal();
    series.push_back(10 + error + 0.6 * before);
    before = error;
  }
  const auto fit = fit_arima(series, {0, 0, 1});
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->ma, 0.6, 0.05);  // its standard error is 0.018
  EXPECT_NEAR(fit->constant, 10, 0.15);
}

TEST(Arima, ChoosesTheOrderThatMadeTheSeries) {
  RandomStream random(4, "tests/arima");
  std::vector<double> series = {0, 0};
  for (int t = 2; t < 500; ++t) {
    series.push_back(0.5 * series[series.size() - 1] - 0.8 * series[series.size() - 2] + random.normal());
  }
  const auto fit = auto_arima(series);
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->order.d, 0U);
  EXPECT_EQ(fit->order.p, 2U);
  EXPECT_NEAR(fit->ar[0], 0.5, 0.1);
  EXPECT_NEAR(fit->ar[1], -0.8, 0.1);
}

TEST(Arima, ForecastsAConstantAsItself) {
  const std::vector<double> series(12, 300.0);
  const auto fit = auto_arima(series);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->next, 300, 1e-6);
}

TEST(Arima, KnowsNothingFromFiveValues) {
  const std::vector<double> series = {1, 2, 3, 4, 5};
  EXPECT_FALSE(auto_arima(series));
}

TEST(Arima, NeverFitsWorseThanTheMean) {
  RandomStream random(5, "tests/arima");
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> series;
    for (int t = 0; t < 16; ++t) series.push_back(std::exp(2 * random.normal()));
    const auto mean = fit_arima(series, {0, 0, 0});
    const auto mixed = fit_arima(series, {1, 0, 1});
    ASSERT_TRUE(mean && mixed);
    EXPECT_LE(mixed->squares, mean->squares * (1 + 1e-9));
  }
}

// --- load -------------------------------------------------------------------------------------------------------------

/// The forecast written out: normal equations of the parabola, each harmonic as a sum over all values.
double plain_forecast(const std::vector<float>& series, std::size_t harmonics, std::size_t steps) {
  const auto n = static_cast<double>(series.size());
  const auto x_of = [&](double t) { return t - (n - 1) / 2; };
  double s2 = 0, s4 = 0, y0 = 0, y1 = 0, y2 = 0;
  for (std::size_t t = 0; t < series.size(); ++t) {
    const double x = x_of(static_cast<double>(t)), y = series[t];
    s2 += x * x;
    s4 += x * x * x * x;
    y0 += y;
    y1 += x * y;
    y2 += x * x * y;
  }
  // Odd powers of the centred time add up to nothing: c·n + a·s2 = y0, b·s2 = y1, c·s2 + a·s4 = y2.
  const double a = (n * y2 - s2 * y0) / (n * s4 - s2 * s2);
  const double b = y1 / s2;
  const double c = (y0 - a * s2) / n;
  const auto parabola = [&](double t) { return a * x_of(t) * x_of(t) + b * x_of(t) + c; };

  std::vector<std::pair<double, double>> waves;  // Amplitude squared, value at the time asked for.
  const double at = n - 1 + static_cast<double>(steps);
  for (std::size_t k = 1; k <= series.size() / 2; ++k) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(k) / n;
    std::complex<double> sum;
    for (std::size_t t = 0; t < series.size(); ++t) {
      const auto time = static_cast<double>(t);
      sum += (static_cast<double>(series[t]) - parabola(time)) * std::polar(1.0, -turn * time);
    }
    const double images = 2 * k == series.size() ? 1 : 2;
    waves.emplace_back(std::norm(sum), images / n * (sum * std::polar(1.0, turn * at)).real());
  }
  std::sort(waves.begin(), waves.end(), [](const auto& l, const auto& r) { return l.first > r.first; });
  double value = parabola(at);
  for (std::size_t i = 0; i < harmonics; ++i) value += waves[i].second;
  return std::max(0.0, value);
}

TEST(LoadForecast, ContinuesAParabola) {
  LoadForecast forecast(16, 0);
  std::vector<float> series;
  const auto parabola = [](double t) { return 2 + 0.5 * t + 0.25 * t * t; };
  for (int t = 0; t < 16; ++t) series.push_back(static_cast<float>(parabola(t)));
  forecast.fit(series);
  EXPECT_NEAR(forecast.at(1), parabola(16), 1e-4);
  EXPECT_NEAR(forecast.at(5), parabola(20), 1e-4);
}

TEST(LoadForecast, ContinuesARhythm) {
  // A parabola through 128 values of a wave takes little of it.
  LoadForecast forecast(128, 10);
  std::vector<float> series;
  const auto wave = [](int t) { return 5 + 3 * std::cos(2 * std::numbers::pi * t / 8); };
  for (int t = 0; t < 128; ++t) series.push_back(static_cast<float>(wave(t)));
  forecast.fit(series);
  for (std::size_t step = 1; step <= 16; ++step) {
    EXPECT_NEAR(forecast.at(step), wave(127 + static_cast<int>(step)), 0.4) << step;
  }
}

TEST(LoadForecast, RepeatsTheRestOfTheParabola) {
  RandomStream random(6, "tests/load-forecast");
  std::vector<float> series;
  for (int t = 0; t < 16; ++t) series.push_back(static_cast<float>(1000 + random.below(100)));
  LoadForecast all(16, 7), none(16, 0);
  all.fit(series);
  none.fit(series);
  double sum = 0;
  for (std::size_t step = 1; step <= 16; ++step) {
    const double rest = all.at(step) - none.at(step);
    EXPECT_NEAR(rest, all.at(step + 16) - none.at(step + 16), 1e-6) << step;
    sum += rest;
  }
  EXPECT_NEAR(sum, 0, 1e-6);
}

TEST(LoadForecast, EqualsTheFormulasWrittenOut) {
  RandomStream random(1, "test.load-forecast");
  for (const std::size_t length : {8U, 16U, 64U, 128U}) {
    for (const std::size_t harmonics : {std::size_t{0}, std::size_t{2}, length / 2 - 1}) {
      LoadForecast forecast(length, harmonics);
      std::vector<float> series(length);
      for (float& value : series) value = static_cast<float>(10 * random.uniform());
      forecast.fit(series);
      for (std::size_t steps = 1; steps <= length; ++steps) {
        EXPECT_NEAR(forecast.at(steps), plain_forecast(series, harmonics, steps), 1e-9)
            << length << " values, " << harmonics << " harmonics, " << steps << " steps";
      }
    }
  }
}

TEST(LoadForecast, RemembersNothingOfTheFitBefore) {
  RandomStream random(2, "test.load-forecast");
  std::vector<float> first(32), second(32);
  for (float& value : first) value = static_cast<float>(random.below(5));
  for (float& value : second) value = static_cast<float>(random.below(5));
  LoadForecast used(32, 4), fresh(32, 4);
  used.fit(first);
  used.fit(second);
  fresh.fit(second);
  for (std::size_t steps = 1; steps <= 32; ++steps) EXPECT_EQ(used.at(steps), fresh.at(steps));
}

TEST(LoadForecast, IsNeverNegative) {
  LoadForecast forecast(8, 0);
  const std::vector<float> series = {70, 60, 50, 40, 30, 20, 10, 0};
  forecast.fit(series);
  EXPECT_EQ(forecast.at(3), 0);
}

}  // namespace
}  // namespace thaw
