#include "report/gate.h"

#include <gtest/gtest.h>

#include <limits>

namespace thaw {
namespace {

TEST(Gate, ReadsARelativeChange) {
  const auto gate = parse_gate("p99 > +5%");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->statistic, GateStatistic::quantile);
  EXPECT_DOUBLE_EQ(gate->quantile, 0.99);
  EXPECT_EQ(gate->comparison, GateOperator::greater);
  EXPECT_EQ(gate->basis, GateBasis::relative_change);
  EXPECT_DOUBLE_EQ(gate->limit, 5);
}

TEST(Gate, ReadsADecrease) {
  const auto gate = parse_gate("mean<-5%");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->basis, GateBasis::relative_change);
  EXPECT_DOUBLE_EQ(gate->limit, -5);
}

TEST(Gate, ReadsAPercentageWithoutASignAsAChange) {
  const auto gate = parse_gate("median > 5%");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->basis, GateBasis::relative_change);
}

TEST(Gate, ReadsAPercentageOfTheCoefficientOfVariationAsAShare) {
  const auto gate = parse_gate("cv > 5%");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->basis, GateBasis::value);
  EXPECT_DOUBLE_EQ(gate->limit, 0.05);
}

TEST(Gate, ReadsAMultipleOfTheBaseline) {
  const auto gate = parse_gate("max >= 1.5x");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->basis, GateBasis::multiple);
  EXPECT_EQ(gate->comparison, GateOperator::at_least);
  EXPECT_DOUBLE_EQ(gate->limit, 1.5);
}

TEST(Gate, ReadsADurationInSeconds) {
  const auto gate = parse_gate("p50 > 250ms");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->basis, GateBasis::value);
  EXPECT_EQ(gate->dimension, GateDimension::seconds);
  EXPECT_DOUBLE_EQ(gate->limit, 0.25);
}

TEST(Gate, ReadsASignedDurationAsADifference) {
  const auto gate = parse_gate("median > +2ms");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->basis, GateBasis::difference);
  EXPECT_DOUBLE_EQ(gate->limit, 0.002);
}

TEST(Gate, ReadsMemory) {
  const auto gate = parse_gate("max_rss.max > 64MiB");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->metric, "max_rss");
  EXPECT_EQ(gate->dimension, GateDimension::bytes);
  EXPECT_DOUBLE_EQ(gate->limit, 67108864);
}

TEST(Gate, ReadsAnExponent) {
  const auto gate = parse_gate("p_value < 1e-3");

  ASSERT_TRUE(gate);
  EXPECT_DOUBLE_EQ(gate->limit, 0.001);
}

TEST(Gate, SeparatesAMetricWithDotsFromAQuantileWithADot) {
  const auto gate = parse_gate("BM_sum/64.cpu_time.p99.9 > 10");

  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->metric, "BM_sum/64.cpu_time");
  EXPECT_DOUBLE_EQ(gate->quantile, 0.999);
}

TEST(Gate, ReadsP999AsNinetyNinePointNinePercent) {
  const auto gate = parse_gate("p999 > 1.1x");

  ASSERT_TRUE(gate);
  EXPECT_DOUBLE_EQ(gate->quantile, 0.999);
}

TEST(Gate, SplitsAtCommas) {
  const auto gates = parse_gates("p99 > +5%, failed > 0");

  ASSERT_TRUE(gates);
  ASSERT_EQ(gates->size(), 2U);
  EXPECT_EQ((*gates)[1].statistic, GateStatistic::failed);
}

TEST(Gate, PointsAtAnUnknownStatistic) {
  const auto gate = parse_gate("inner_time.medain > +5%");

  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(gate.error().where, "--fail-if:12");
  EXPECT_EQ(gate.error().hint, "did you mean \"median\"?");
}

TEST(Gate, PointsAtAMissingOperator) {
  const auto gate = parse_gate("p99 +5%");

  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().where, "--fail-if:8");
}

TEST(Gate, PointsAtAMissingLimit) {
  const auto gate = parse_gate("p99 >");

  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().where, "--fail-if:6");
}

TEST(Gate, PointsAtAnUnknownUnit) {
  const auto gate = parse_gate("p99 > 5 parsecs");

  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().where, "--fail-if:9");
}

TEST(Gate, CountsColumnsOverAllConditions) {
  const auto gates = parse_gates("p99 > +5%, p99 ~ 3");

  ASSERT_FALSE(gates);
  EXPECT_EQ(gates.error().where, "--fail-if:19");
}

TEST(Gate, RefusesAnEmptyCondition) { EXPECT_FALSE(parse_gates("p99 > +5%,")); }

TEST(Gate, RefusesAChangeOfARatio) { EXPECT_FALSE(parse_gate("ratio > +5%")); }

TEST(Gate, TripsOnAValueThatIsNotANumber) {
  const auto gate = parse_gate("median > 1");

  ASSERT_TRUE(gate);
  EXPECT_TRUE(gate_trips(*gate, std::numeric_limits<double>::quiet_NaN(), 1));
}

TEST(Gate, DoesNotTripAtTheLimitItself) {
  const auto gate = parse_gate("median > 1");

  ASSERT_TRUE(gate);
  EXPECT_FALSE(gate_trips(*gate, 1, 1));
}

}  // namespace
}  // namespace thaw
