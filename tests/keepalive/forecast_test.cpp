#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

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

TEST(LoadForecast, IsNeverNegative) {
  LoadForecast forecast(8, 0);
  const std::vector<float> series = {70, 60, 50, 40, 30, 20, 10, 0};
  forecast.fit(series);
  EXPECT_EQ(forecast.at(3), 0);
}

}  // namespace
}  // namespace thaw
