#include "sim/shards.h"

#include <gmock/gmock.h>

#include "sim/small_traces.h"

namespace thaw {
namespace {

using testing::draw;

HitRatioCurve exact(const Trace& trace) { return measure_curve(trace.functions, *source_of(trace)).value(); }

HitRatioCurve sampled(const Trace& trace, const ShardsOptions& options) {
  return sample_curve(trace.functions, *source_of(trace), options).value();
}

const Trace& popular_trace() {
  static const Trace trace = draw({.functions = 5000, .invocations = 300000, .zipf = 0.9, .seed = 3});
  return trace;
}

TEST(ShardsHash, IsTheSameEverywhere) {
  // From the definition, computed with integers of unlimited length.
  EXPECT_EQ(shards_hash("", 1), 8344924U);
  EXPECT_EQ(shards_hash("a", 1), 8427466U);
  EXPECT_EQ(shards_hash("a", 2), 4472538U);
  EXPECT_EQ(shards_hash("checkout", 1), 12932143U);
}

TEST(ShardsHash, SpreadsNamesEvenly) {
  std::vector<int> counts(16);
  for (int i = 0; i < 16000; ++i) ++counts[shards_hash("function" + std::to_string(i), 1) >> 20];

  // Binomial with mean 1000 and deviation 31; five deviations.
  for (const int count : counts) EXPECT_NEAR(count, 1000, 155);
}

TEST(Shards, AtRateOneIsExact) {
  const Trace trace = draw({.functions = 60, .invocations = 5000});
  const HitRatioCurve estimate = sampled(trace, {.rate = 1});
  const HitRatioCurve truth = exact(trace);

  EXPECT_DOUBLE_EQ(mean_absolute_error(estimate, truth), 0);
  EXPECT_DOUBLE_EQ(estimate.cold_ms(3000), truth.cold_ms(3000));
  EXPECT_DOUBLE_EQ(estimate.legacy().at(3000), truth.legacy().at(3000));
}

TEST(Shards, EstimatesTheCurveFromATenthOfTheFunctions) {
  const HitRatioCurve estimate = sampled(popular_trace(), {.rate = 0.1});

  EXPECT_NEAR(static_cast<double>(estimate.basis().sampled_functions), 500, 110);
  EXPECT_LT(mean_absolute_error(estimate, exact(popular_trace())), 0.02);
}

TEST(Shards, EstimatesTheCostOfColdStarts) {
  const HitRatioCurve estimate = sampled(popular_trace(), {.rate = 0.1});
  const HitRatioCurve truth = exact(popular_trace());

  for (double share = 0.2; share < 1; share += 0.2) {
    const double memory = share * truth.largest_size();
    EXPECT_NEAR(estimate.cold_ms(memory), truth.cold_ms(memory), 0.05 * truth.basis().init_ms) << memory;
  }
}

TEST(Shards, IsBetterWithTheCorrectionThanWithout) {
  double with = 0, without = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    with +=
        mean_absolute_error(sampled(popular_trace(), {.rate = 0.05, .seed = seed}), exact(popular_trace()));
    without += mean_absolute_error(
        sampled(popular_trace(), {.rate = 0.05, .seed = seed, .is_adjusted = false}), exact(popular_trace()));
  }

  EXPECT_LT(with, without);
}

TEST(Shards, OfAFixedSizeNeverHoldsMoreFunctions) {
  const HitRatioCurve estimate = sampled(popular_trace(), {.rate = 1, .most = 300});

  EXPECT_LE(estimate.basis().sampled_functions, 300U);
  EXPECT_NEAR(estimate.basis().rate, 300.0 / 5000, 0.02);
}

TEST(Shards, OfAFixedSizeEstimatesTheCurve) {
  const HitRatioCurve estimate = sampled(popular_trace(), {.rate = 1, .most = 500});

  EXPECT_LT(mean_absolute_error(estimate, exact(popular_trace())), 0.03);
}

TEST(Shards, OfASizeAboveAllFunctionsIsExact) {
  const Trace trace = draw({.functions = 60, .invocations = 5000});

  EXPECT_DOUBLE_EQ(mean_absolute_error(sampled(trace, {.rate = 1, .most = 60}), exact(trace)), 0);
}

TEST(Shards, SamplesTheSameFunctionsWhateverTheirOrder) {
  const Trace trace = draw({.functions = 500, .invocations = 20000});
  Trace turned = trace;
  std::reverse(turned.functions.begin(), turned.functions.end());
  for (FunctionIndex& f : turned.invocations.function) f = 499 - f;

  const HitRatioCurve a = sampled(trace, {.rate = 0.1}), b = sampled(turned, {.rate = 0.1});

  EXPECT_EQ(a.basis().sampled_invocations, b.basis().sampled_invocations);
  EXPECT_DOUBLE_EQ(a.hit_ratio(20000), b.hit_ratio(20000));
}

TEST(Shards, SaysWhichRateWouldDoWhenNothingIsSampled) {
  const Trace trace = draw({.functions = 3, .invocations = 100});
  const auto curve = sample_curve(trace.functions, *source_of(trace), {.rate = 1e-6});

  ASSERT_FALSE(curve);
  EXPECT_EQ(curve.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(curve.error().hint, ::testing::HasSubstr("rate above"));
}

TEST(Shards, RefusesARateOfZero) {
  const Trace trace = draw({.functions = 3, .invocations = 100});

  EXPECT_FALSE(sample_curve(trace.functions, *source_of(trace), {.rate = 0}));
}

}  // namespace
}  // namespace thaw
