#include "stats/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "stats/summary.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

constexpr std::int64_t largest_integer = std::numeric_limits<std::int64_t>::max();

Histogram histogram_of(const std::vector<std::int64_t>& values, const HistogramRange& range = {}) {
  Histogram histogram = Histogram::create(range).value();
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

/// Values over nine powers of ten, the same for the same index.
std::vector<std::int64_t> spread_values(std::size_t n, std::uint64_t index) {
  RandomStream stream(1, "test.histogram", index);
  std::vector<std::int64_t> values(n);
  for (auto& value : values) value = static_cast<std::int64_t>(std::pow(10, 1 + 9 * stream.uniform()));
  return values;
}

TEST(HistogramCreate, RefusesARangeItCannotHold) {
  EXPECT_FALSE(Histogram::create({.lowest = 0}));
  EXPECT_FALSE(Histogram::create({.lowest = 100, .highest = 199}));
  EXPECT_FALSE(Histogram::create({.significant_digits = 0}));
  EXPECT_FALSE(Histogram::create({.significant_digits = 6}));
  EXPECT_FALSE(Histogram::create({.lowest = 1LL << 60, .highest = largest_integer, .significant_digits = 3}));
}

TEST(HistogramCreate, TakesTheWholeRangeOfIntegers) {
  const Histogram histogram = histogram_of({0, largest_integer}, {.highest = largest_integer});

  EXPECT_EQ(histogram.last_in_range(), largest_integer);
  EXPECT_EQ(histogram.overflow(), 0U);
  EXPECT_THAT(histogram.quantile(1), Optional(largest_integer));
}

TEST(HistogramCreate, FixesTheMemory) {
  // 2048 bins for values below 2048 and 1024 for each of the 31 longer bit widths up to the 42 bits of an
  // hour.
  EXPECT_EQ(Histogram::create()->counts().size(), 2048U + 31 * 1024);
}

TEST(HistogramBins, AreExactForSmallValues) {
  EXPECT_EQ(histogram_of({2047}).bin_at(2047), (HistogramBin{2047, 2047, 1}));
}

TEST(HistogramBins, DoubleTheirWidthWithEveryPowerOfTwo) {
  EXPECT_EQ(histogram_of({2049}).bin_at(2048), (HistogramBin{2048, 2049, 1}));
  EXPECT_EQ(histogram_of({4095}).bin_at(4095), (HistogramBin{4094, 4095, 1}));
  EXPECT_EQ(histogram_of({4096}).bin_at(4096), (HistogramBin{4096, 4099, 1}));
}

TEST(HistogramBins, StartAtThePowerOfTwoBelowTheLowestValue) {
  const Histogram histogram = histogram_of({1023, 1024}, {.lowest = 1500, .highest = 1 << 30});

  EXPECT_THAT(histogram.bins(), ElementsAre(HistogramBin{0, 1023, 1}, HistogramBin{1024, 2047, 1}));
}

class HistogramPrecision : public testing::TestWithParam<int> {};

TEST_P(HistogramPrecision, KeepsTheSignificantDigitsOfEveryValue) {
  const Histogram histogram = Histogram::create({.significant_digits = GetParam()}).value();

  for (const std::int64_t value : spread_values(2000, 1)) {
    const HistogramBin bin = histogram.bin_at(value);
    ASSERT_LE(bin.low, value);
    ASSERT_GE(bin.high, value);
    ASSERT_LE(static_cast<double>(bin.high - bin.low),
              static_cast<double>(value) * std::pow(10, -GetParam()));
  }
}

INSTANTIATE_TEST_SUITE_P(Digits, HistogramPrecision, testing::Range(1, 6));

TEST(HistogramBins, TileTheRangeWithoutGaps) {
  const Histogram histogram =
      Histogram::create({.lowest = 3, .highest = 5000, .significant_digits = 1}).value();

  std::int64_t next = 0;
  while (next <= histogram.last_in_range()) {
    const HistogramBin bin = histogram.bin_at(next);
    ASSERT_EQ(bin.low, next);
    ASSERT_EQ(histogram.bin_at(bin.high).low, bin.low);
    next = bin.high + 1;
  }
  EXPECT_EQ(next, histogram.last_in_range() + 1);
}

TEST(HistogramQuantile, IsTheValueAtTheCeilingRank) {
  const Histogram histogram = histogram_of({10, 20, 30, 40});

  EXPECT_THAT(histogram.quantile(0), Optional(10));
  EXPECT_THAT(histogram.quantile(0.25), Optional(10));
  EXPECT_THAT(histogram.quantile(0.26), Optional(20));
  EXPECT_THAT(histogram.quantile(0.5), Optional(20));
  EXPECT_THAT(histogram.quantile(1), Optional(40));
}

TEST(HistogramQuantile, DoesNotFallForRoundingUp) {
  Histogram histogram = Histogram::create().value();
  for (std::int64_t value = 1; value <= 100; ++value) histogram.record(value);

  // 0.07·100 is 7.000000000000001 in doubles.
  for (std::int64_t percent = 1; percent <= 100; ++percent) {
    EXPECT_THAT(histogram.quantile(static_cast<double>(percent) / 100), Optional(percent));
  }
}

TEST(HistogramQuantile, NeverFallsAsTheProbabilityGrows) {
  const Histogram histogram = histogram_of(spread_values(5000, 2));

  std::int64_t before = 0;
  for (int i = 0; i <= 2000; ++i) {
    const std::int64_t now = histogram.quantile(i / 2000.0).value();
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(HistogramQuantile, AgreesWithTheSortedValues) {
  std::vector<std::int64_t> values = spread_values(10'000, 3);
  const Histogram histogram = histogram_of(values);
  std::sort(values.begin(), values.end());

  for (const double p : {0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = static_cast<double>(values[static_cast<std::size_t>(p * 10'000) - 1]);
    EXPECT_NEAR(static_cast<double>(histogram.quantile(p).value()), exact, exact / 1000);
  }
}

TEST(HistogramQuantile, NeverExceedsTheMaximum) {
  EXPECT_THAT(histogram_of({1'000'001}).quantile(1), Optional(1'000'001));
  EXPECT_THAT(histogram_of({1'000'001}).quantile(0.5), Optional(1'000'001));
}

TEST(EmptyHistogram, HasNoNumbers) {
  const Histogram histogram = Histogram::create().value();

  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile(0.5), std::nullopt);
  EXPECT_EQ(histogram.min(), std::nullopt);
  EXPECT_EQ(histogram.max(), std::nullopt);
  EXPECT_TRUE(std::isnan(histogram.mean()));
  EXPECT_TRUE(std::isnan(histogram.standard_deviation()));
  EXPECT_THAT(histogram.bins(), IsEmpty());
}

TEST(HistogramMoments, AreExactForSmallValues) {
  const Histogram histogram = histogram_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});

  EXPECT_EQ(histogram.mean(), 5.5);
  EXPECT_NEAR(histogram.standard_deviation(), std::sqrt(82.5 / 9), 1e-15);
}

TEST(HistogramMoments, AreWithinThePrecisionForLargeValues) {
  const std::vector<std::int64_t> values = spread_values(20'000, 4);
  const std::vector<double> numbers(values.begin(), values.end());
  const Histogram histogram = histogram_of(values);

  EXPECT_NEAR(histogram.mean(), mean(numbers), mean(numbers) / 2000);
  EXPECT_NEAR(histogram.standard_deviation(), standard_deviation(numbers),
              standard_deviation(numbers) / 2000);
}

TEST(HistogramCounts, AnswerForOneValueAndBelow) {
  const Histogram histogram = histogram_of({5, 5, 7, 5000});

  EXPECT_EQ(histogram.count_at(5), 2U);
  EXPECT_EQ(histogram.count_at(6), 0U);
  EXPECT_EQ(histogram.count_up_to(6), 2U);
  EXPECT_EQ(histogram.count_up_to(5000), 4U);
  EXPECT_EQ(histogram.count_up_to(-1), 0U);
}

TEST(HistogramCounts, OfManyAtOnceEqualRepeatedRecords) {
  Histogram at_once = Histogram::create().value();
  at_once.record_n(77, 3);
  at_once.record_n(88, 0);

  EXPECT_THAT(at_once.bins(), ElementsAre(HistogramBin{77, 77, 3}));
  EXPECT_EQ(at_once.count(), 3U);
  EXPECT_THAT(at_once.max(), Optional(77));
}

class OutOfRange : public testing::Test {
 protected:
  // In range up to 2047.
  Histogram histogram = histogram_of({-30, -10, 100, 5000, 9000}, {.lowest = 1, .highest = 1000});
};

TEST_F(OutOfRange, IsCountedApart) {
  EXPECT_EQ(histogram.last_in_range(), 2047);
  EXPECT_EQ(histogram.count(), 5U);
  EXPECT_EQ(histogram.underflow(), 2U);
  EXPECT_EQ(histogram.overflow(), 2U);
  EXPECT_EQ(histogram.count_at(-1), 2U);
  EXPECT_EQ(histogram.count_at(2048), 2U);
  EXPECT_EQ(histogram.count_up_to(-1), 2U);
  EXPECT_EQ(histogram.count_up_to(2047), 3U);
  EXPECT_EQ(histogram.count_up_to(2048), 5U);
}

TEST_F(OutOfRange, KeepsTheExactExtremes) {
  EXPECT_THAT(histogram.min(), Optional(-30));
  EXPECT_THAT(histogram.max(), Optional(9000));
}

TEST_F(OutOfRange, TakesPartInQuantiles) {
  EXPECT_THAT(histogram.quantile(0.4), Optional(-1));
  EXPECT_THAT(histogram.quantile(0.6), Optional(100));
  EXPECT_THAT(histogram.quantile(0.8), Optional(9000));
}

TEST_F(OutOfRange, TakesPartInMoments) {
  const std::vector<double> values = {-30, -10, 100, 5000, 9000};

  EXPECT_DOUBLE_EQ(histogram.mean(), mean(values));
  EXPECT_NEAR(histogram.standard_deviation(), standard_deviation(values), 1e-9);
}

TEST_F(OutOfRange, IsForgottenByReset) {
  histogram.reset();

  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.overflow(), 0U);
  EXPECT_EQ(histogram.max(), std::nullopt);
}

TEST(HistogramOverflow, SaturatesInsteadOfWrapping) {
  Histogram histogram = Histogram::create({.lowest = 1, .highest = 1000}).value();
  histogram.record_n(1'000'000, ~0ULL);
  histogram.record(1'000'000);

  EXPECT_EQ(histogram.overflow(), static_cast<std::uint64_t>(largest_integer));
}

TEST(HistogramCorrection, AddsTheValuesABlockedRecorderMissed) {
  Histogram histogram = Histogram::create().value();
  histogram.record_corrected(1000, 300);

  EXPECT_THAT(histogram.bins(),
              ElementsAre(HistogramBin{400, 400, 1}, HistogramBin{700, 700, 1}, HistogramBin{1000, 1000, 1}));
}

TEST(HistogramCorrection, AddsNothingForAPromptValue) {
  Histogram histogram = Histogram::create().value();
  histogram.record_corrected(300, 300);
  histogram.record_corrected(599, 300);

  EXPECT_EQ(histogram.count(), 2U);
}

TEST(HistogramMerge, EqualsRecordingEverythingInOne) {
  std::vector<std::int64_t> all = spread_values(500, 5);
  const std::vector<std::int64_t> more = spread_values(700, 6);
  Histogram merged = histogram_of(all);
  ASSERT_TRUE(merged.merge(histogram_of(more)));
  all.insert(all.end(), more.begin(), more.end());
  const Histogram direct = histogram_of(all);

  EXPECT_EQ(merged.bins(), direct.bins());
  EXPECT_EQ(merged.count(), direct.count());
  EXPECT_EQ(merged.min(), direct.min());
  EXPECT_EQ(merged.max(), direct.max());
}

TEST(HistogramMerge, IsAssociativeAndCommutative) {
  const Histogram a = histogram_of(spread_values(300, 7));
  const Histogram b = histogram_of(spread_values(200, 8));
  const Histogram c = histogram_of({-5, 1LL << 60, 3});
  Histogram left = a;
  ASSERT_TRUE(left.merge(b));
  ASSERT_TRUE(left.merge(c));
  Histogram right = c;
  ASSERT_TRUE(right.merge(b));
  ASSERT_TRUE(right.merge(a));

  EXPECT_EQ(left.bins(), right.bins());
  EXPECT_EQ(left.overflow(), right.overflow());
  EXPECT_EQ(left.underflow(), right.underflow());
  EXPECT_EQ(left.min(), right.min());
  EXPECT_EQ(left.max(), right.max());
}

TEST(HistogramMerge, WithNothingChangesNothing) {
  const Histogram before = histogram_of(spread_values(50, 9));
  Histogram after = before;
  ASSERT_TRUE(after.merge(Histogram::create().value()));

  EXPECT_EQ(after.bins(), before.bins());
  EXPECT_EQ(after.min(), before.min());
}

TEST(HistogramMerge, TakesAnotherRangeWhenTheValuesFit) {
  Histogram small = histogram_of({10, 4000}, {.lowest = 1, .highest = 10'000});
  ASSERT_TRUE(small.merge(histogram_of({20, 4000}, {.lowest = 1, .highest = 1'000'000'000})));

  EXPECT_THAT(small.bins(),
              ElementsAre(HistogramBin{10, 10, 1}, HistogramBin{20, 20, 1}, HistogramBin{4000, 4001, 2}));
}

TEST(HistogramMerge, TakesOtherDigitsAtTheMiddlesOfTheirBins) {
  Histogram fine = Histogram::create({.significant_digits = 4}).value();
  ASSERT_TRUE(fine.merge(histogram_of({1000}, {.significant_digits = 1})));

  // With one digit, 1000 lies in the bin 992 … 1023.
  EXPECT_THAT(fine.bins(), ElementsAre(HistogramBin{1007, 1007, 1}));
  EXPECT_THAT(fine.max(), Optional(1000));
}

TEST(HistogramMerge, RefusesValuesBeyondTheRangeAndChangesNothing) {
  Histogram small = histogram_of({10}, {.lowest = 1, .highest = 1000});
  const Result<> merged = small.merge(histogram_of({20, 5000}));

  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(small.count(), 1U);
}

TEST(HistogramMerge, RefusesOverflowThatALargerRangeCouldHold) {
  Histogram large = Histogram::create().value();

  EXPECT_FALSE(large.merge(histogram_of({5000}, {.lowest = 1, .highest = 1000})));
}

TEST(Histogram, NarrowsItsExtremesToExactOnesWithinTheirBins) {
  Histogram histogram = *Histogram::create({1, 1'000'000'000, 2});
  histogram.narrow(1, 2);
  EXPECT_EQ(histogram.max(), std::nullopt);
  for (const std::int64_t value : {1'234'567, 9'876'543}) histogram.record(value);
  Histogram restored = Histogram::from_counts(histogram.range(), histogram.counts()).value();
  EXPECT_NE(restored.max(), 9'876'543);

  restored.narrow(1'234'567, 9'876'543);
  EXPECT_EQ(restored.min(), 1'234'567);
  EXPECT_EQ(restored.max(), 9'876'543);

  restored.narrow(0, 20'000'000);
  EXPECT_EQ(restored.min(), 1'234'567);
  EXPECT_EQ(restored.max(), 9'876'543);
}

TEST(HistogramFromCounts, RestoresTheBins) {
  const Histogram original = histogram_of(spread_values(100, 10));
  const Histogram restored = Histogram::from_counts(original.range(), original.counts()).value();

  EXPECT_EQ(restored.bins(), original.bins());
  EXPECT_EQ(restored.count(), original.count());
}

TEST(HistogramFromCounts, RefusesATotalThatOverflows) {
  const std::vector<std::uint64_t> counts = {static_cast<std::uint64_t>(largest_integer), 1};

  EXPECT_FALSE(Histogram::from_counts({}, counts));
}

}  // namespace
}  // namespace thaw
