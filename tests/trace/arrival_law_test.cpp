#include "trace/arrival_law.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trace/listed_draws.h"
#include "trace/reference_law.h"

namespace thaw {
namespace {

using testing::distance_to_law;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using testing::five_percent_distance;
using testing::known_exponentials;
using testing::ListedDraws;
using ::testing::Pointwise;

/// Values as known to a hundredth of a microsecond.
auto are(const std::vector<double>& known) { return Pointwise(DoubleNear(0.01), known); }

constexpr double minute = 60e6;
constexpr double second = 1e6;

std::vector<double> times(double value, int repeats) {
  return std::vector<double>(static_cast<std::size_t>(repeats), value);
}

/// Seconds, the pieces one after the other, as microseconds.
std::vector<double> seconds(std::initializer_list<std::vector<double>> pieces) {
  std::vector<double> all;
  for (const auto& piece : pieces)
    for (const double value : piece) all.push_back(value * 1e6);
  return all;
}

struct KnownPlan {
  std::vector<std::uint32_t> counts;
  double column_us;
  std::vector<double> iat_us;
};

const std::vector<KnownPlan> equidistant_plans = {
    {{0, 0, 0, 0, 0}, minute, {}},
    {{5}, minute, seconds({{0}, times(12, 4)})},
    {{5, 5, 5, 5, 5}, minute, seconds({{0}, times(12, 24)})},
    {{5, 4, 2}, second, seconds({{0}, times(.2, 5), times(.25, 4), {.5}})},
    {{0, 5}, minute, seconds({{60}, times(12, 4)})},
    {{0, 5, 0, 5, 0, 5}, minute, seconds({{60}, times(12, 4), {72}, times(12, 4), {72}, times(12, 4)})},
    {{0, 1, 0, 1}, second, seconds({{1, 2}})},
    {{0, 1, 0, 0, 1}, minute, seconds({{60, 180}})},
    {{0, 0, 0, 0, 0, 1}, minute, seconds({{300}})},
    {{0, 5, 4, 0, 0, 1, 0, 0, 0, 1}, minute, seconds({{60}, times(12, 4), {12}, times(15, 3), {135, 240}})},
    {{0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1}, minute, seconds({{60, 120, 180, 240}})},
    {{0, 2, 0, 2, 0, 0, 2, 0, 0, 0, 2}, minute, seconds({{60, 30, 90, 30, 150, 30, 210, 30}})},
    {{0, 0, 4, 0, 1, 5, 0, 0, 0, 1, 0},
     minute,
     seconds({{120}, times(15, 3), {75, 60}, times(12, 4), {192}})},
};

class EquidistantPlan : public ::testing::TestWithParam<KnownPlan> {};

TEST_P(EquidistantPlan, HasTheKnownIntervals) {
  ListedDraws none;
  const auto plan = lay_out(GetParam().counts, ArrivalLaw::equidistant, GetParam().column_us, none);
  ASSERT_TRUE(plan.has_value());
  EXPECT_THAT(plan->iat_us, are(GetParam().iat_us));
  EXPECT_EQ(plan->per_column, GetParam().counts);
}

INSTANTIATE_TEST_SUITE_P(Known, EquidistantPlan, ::testing::ValuesIn(equidistant_plans));

TEST(ColumnIntervals, OfAnEmptyColumnAreTheWholeColumn) {
  ListedDraws none;
  EXPECT_THAT(column_intervals(0, ArrivalLaw::exponential, minute, none)->intervals_us, ElementsAre(minute));
}

TEST(ColumnIntervals, OfEquidistantArrivalsBeginAtTheColumnsStart) {
  ListedDraws none;
  EXPECT_THAT(column_intervals(1, ArrivalLaw::equidistant, minute, none)->intervals_us,
              ElementsAre(0, minute));
  EXPECT_THAT(column_intervals(2, ArrivalLaw::equidistant, minute, none)->intervals_us,
              ElementsAre(0, 30e6, 30e6));
  EXPECT_THAT(column_intervals(4, ArrivalLaw::equidistant, minute, none)->intervals_us,
              ElementsAre(0, 15e6, 15e6, 15e6, 15e6));
}

TEST(ColumnIntervals, RefuseADrawOfZero) {
  ListedDraws draws;
  draws.exponentials = {1, 0};
  const auto column = column_intervals(2, ArrivalLaw::exponential, minute, draws);
  ASSERT_FALSE(column.has_value());
  EXPECT_EQ(column.error().kind, ErrorKind::internal);
}

FunctionArrivals laid_out(std::vector<std::uint32_t> counts, ArrivalLaw law, double column_us,
                          std::size_t exponentials, std::deque<double> uniforms = {}) {
  ListedDraws draws;
  draws.exponentials.assign(known_exponentials.begin(),
                            known_exponentials.begin() + static_cast<std::ptrdiff_t>(exponentials));
  draws.uniforms = std::move(uniforms);
  return lay_out(counts, law, column_us, draws).value();
}

TEST(ExponentialPlan, HasTheKnownIntervals) {
  const auto plan = laid_out({5}, ArrivalLaw::exponential, minute, 5);
  EXPECT_THAT(plan.iat_us,
              are({0, 10915517.87088835, 30667196.933948774, 13532618.079060797, 4629211.062276573}));
  EXPECT_THAT(plan.raw, ElementsAre(DoubleNear(3.6334753542465346, 1e-15)));
}

TEST(ExponentialPlan, JoinsColumnsAcrossEmptyOnes) {
  const auto plan = laid_out({0, 2, 0, 2, 0, 0, 2, 0, 0, 0, 2}, ArrivalLaw::exponential, minute, 8);
  EXPECT_THAT(plan.iat_us, are({60000000.0, 15750079.698430749, 104249920.30156925, 44706790.18202999,
                                135293209.81797, 458336.491206043, 239541663.50879395, 35045185.62217357}));
}

TEST(ExponentialPlan, HasTheKnownIntervalsOfSeconds) {
  const auto plan = laid_out({3, 0, 2}, ArrivalLaw::exponential, second, 5);
  EXPECT_THAT(plan.iat_us, are({0, 198048.660866881, 556418.610381074, 1245532.728752045, 947702.464107860}));
}

TEST(ExponentialPlan, OfOneArrivalNeedsNoLuck) {
  EXPECT_THAT(laid_out({0, 0, 0, 0, 0, 1}, ArrivalLaw::exponential, minute, 1).iat_us,
              ElementsAre(DoubleNear(300e6, 0.01)));
  EXPECT_THAT(laid_out({0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1}, ArrivalLaw::exponential, minute, 4).iat_us,
              are({60e6, 120e6, 180e6, 240e6}));
}

TEST(ShiftedExponentialPlan, HasTheKnownIntervals) {
  const auto plan = laid_out({5}, ArrivalLaw::exponential_shift, minute, 5, {0.99410358698996359});
  EXPECT_THAT(plan.iat_us, are({98328.72677667439, 255456.05382550636, 10915517.87088835, 30667196.933948774,
                                13532618.079060797}));
}

TEST(ShiftedExponentialPlan, OfOneArrivalIsAnywhereInTheColumn) {
  const auto plan = laid_out({1}, ArrivalLaw::exponential_shift, minute, 1, {0.80518202019337659});
  EXPECT_THAT(plan.iat_us, ElementsAre(DoubleNear(11689078.788397402, 0.01)));
}

TEST(ShiftedExponentialPlan, CutsInsideTheColumn) {
  const auto plan = laid_out({3}, ArrivalLaw::exponential_shift, minute, 3, {0.52456218643141539});
  EXPECT_THAT(plan.iat_us, are({13794305.088992357, 14731963.725122724, 11882919.652012857}));
}

TEST(UniformPlan, HasTheKnownIntervals) {
  const auto plan =
      laid_out({4}, ArrivalLaw::uniform, minute, 0,
               {.76497806427925896, .80518202019337659, .76009013054921037, .52456218643141539});
  EXPECT_THAT(plan.iat_us, are({0, 16077653.240328681, 16922625.524188418, 15974922.838970743}));
}

class EveryLaw : public ::testing::TestWithParam<ArrivalLaw> {};

TEST_P(EveryLaw, FillsTheColumnExactly) {
  for (const std::uint32_t count : {1U, 2U, 7U, 1000U, 50000U}) {
    StreamDraws draws(RandomStream(count, "trace.test"));
    const auto column = column_intervals(count, GetParam(), minute, draws).value();
    const double sum = std::accumulate(column.intervals_us.begin(), column.intervals_us.end(), 0.0);
    EXPECT_NEAR(sum, minute, 1e-3);
    EXPECT_GE(*std::min_element(column.intervals_us.begin(), column.intervals_us.end()), 0);
  }
}

TEST_P(EveryLaw, IsFoundByItsName) { EXPECT_EQ(parse_arrival_law(name_of(GetParam())).value(), GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, EveryLaw,
                         ::testing::Values(ArrivalLaw::exponential, ArrivalLaw::uniform,
                                           ArrivalLaw::equidistant, ArrivalLaw::exponential_shift,
                                           ArrivalLaw::uniform_shift, ArrivalLaw::poisson));

TEST(ParseArrivalLaw, SuggestsTheNearest) {
  const auto law = parse_arrival_law("exponentail");
  ASSERT_FALSE(law.has_value());
  EXPECT_THAT(law.error().hint, ::testing::HasSubstr("exponential"));
}

TEST(ParseArrivalLaw, TakesADashForAnUnderscore) {
  EXPECT_EQ(parse_arrival_law("Exponential-Shift").value(), ArrivalLaw::exponential_shift);
}

TEST(ExponentialPlan, HasExponentialDraws) {
  constexpr std::uint32_t count = 1000000;
  StreamDraws draws(RandomStream(1, "trace.test"));
  const auto plan = lay_out(std::vector{count}, ArrivalLaw::exponential, minute, draws).value();
  std::vector<double> unscaled(plan.iat_us.begin() + 1, plan.iat_us.end());
  for (double& iat : unscaled) iat *= plan.raw[0] / minute;
  EXPECT_LT(distance_to_law(unscaled, [](double x) { return -std::expm1(-x); }),
            five_percent_distance(unscaled.size()));
}

TEST(UniformPlan, HasUniformDraws) {
  constexpr std::uint32_t count = 1000000;
  StreamDraws draws(RandomStream(1, "trace.test"));
  const auto plan = lay_out(std::vector{count}, ArrivalLaw::uniform, minute, draws).value();
  std::vector<double> unscaled(plan.iat_us.begin() + 1, plan.iat_us.end());
  for (double& iat : unscaled) iat *= plan.raw[0] / minute;
  EXPECT_LT(distance_to_law(unscaled, [](double x) { return std::clamp(x, 0.0, 1.0); }),
            five_percent_distance(unscaled.size()));
}

TEST(ShiftedExponentialPlan, PinsNoArrival) {
  StreamDraws draws(RandomStream(3, "trace.test"));
  std::vector<double> first(20000);
  for (double& at : first) {
    at = lay_out(std::vector<std::uint32_t>{1}, ArrivalLaw::exponential_shift, minute, draws)->iat_us[0];
  }
  EXPECT_LT(distance_to_law(first, [](double x) { return x / minute; }), five_percent_distance(first.size()));
}

TEST(PoissonPlan, HasPoissonCounts) {
  StreamDraws draws(RandomStream(4, "trace.test"));
  const auto plan = lay_out(std::vector<std::uint32_t>(20000, 9), ArrivalLaw::poisson, minute, draws).value();
  double sum = 0;
  double squares = 0;
  for (const double count : plan.per_column) {
    sum += count;
    squares += count * count;
  }
  const double mean = sum / 20000;
  const double variance = squares / 20000 - mean * mean;
  EXPECT_NEAR(mean, 9, 4 * 3 / std::sqrt(20000.0));
  // The variance of a Poisson count's sample variance is (λ + 2λ²)/n.
  EXPECT_NEAR(variance, 9, 4 * std::sqrt((9 + 2 * 81) / 20000.0));
}

TEST(PoissonPlan, HasExponentialGapsAcrossColumns) {
  StreamDraws draws(RandomStream(5, "trace.test"));
  const auto plan = lay_out(std::vector<std::uint32_t>(50000, 2), ArrivalLaw::poisson, minute, draws).value();
  EXPECT_LT(distance_to_law(plan.iat_us, [](double x) { return -std::expm1(-x / 30e6); }),
            five_percent_distance(plan.iat_us.size()));
}

TEST(ColumnIndex, FindsTheColumnOfAnArrival) {
  const ColumnIndex index(std::vector<std::uint32_t>{0, 10, 10, 10, 10, 10, 0, 0, 2});
  for (const std::uint64_t k : {0U, 5U, 9U}) EXPECT_EQ(index.column_of(k), 1U);
  for (const std::uint64_t k : {10U, 17U, 19U}) EXPECT_EQ(index.column_of(k), 2U);
  for (const std::uint64_t k : {40U, 45U, 49U}) EXPECT_EQ(index.column_of(k), 5U);
  for (const std::uint64_t k : {50U, 51U}) EXPECT_EQ(index.column_of(k), 8U);
}

TEST(ColumnIndex, SaysWhenThereAreNotSoMany) {
  EXPECT_EQ(ColumnIndex(std::vector<std::uint32_t>{0, 10, 10, 10, 10, 10, 0, 0, 2}).column_of(52), 9U);
}

}  // namespace
}  // namespace thaw
