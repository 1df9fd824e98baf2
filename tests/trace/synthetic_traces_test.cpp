#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/files.h"
#include "core/text.h"
#include "trace/arrival_process.h"
#include "trace/azure_like.h"
#include "trace/binomial.h"
#include "trace/mixed_trace.h"
#include "trace/reader.h"
#include "trace/reference_law.h"
#include "trace/toy_traces.h"

namespace thaw {
namespace {

using testing::distance_to_law;
using testing::five_percent_distance;
using ::testing::SizeIs;

TEST(MixedTrace, IsTheAcceptanceCase) {
  const Trace made = make_mixed_trace({.functions = 50, .invocations = 5000, .seed = 7}).value();
  const Trace known = load_trace(Path(THAW_SOURCE_DIR) / "tests/fixtures/keepalive/m1_mixed").value();
  ASSERT_EQ(made.functions.size(), known.functions.size());
  for (std::size_t i = 0; i < known.functions.size(); ++i) {
    EXPECT_EQ(made.functions[i].name, known.functions[i].name);
    EXPECT_EQ(made.functions[i].memory_mb, known.functions[i].memory_mb);
    EXPECT_EQ(made.functions[i].cold_ms, known.functions[i].cold_ms);
    EXPECT_EQ(made.functions[i].warm_ms, known.functions[i].warm_ms);
  }
  EXPECT_EQ(made.invocations.time_ms, known.invocations.time_ms);
  EXPECT_EQ(made.invocations.function, known.invocations.function);
}

TEST(MixedTrace, OfTheLargeCaseHasItsKnownSize) {
  const Trace made = make_mixed_trace({}).value();
  EXPECT_EQ(made.invocations.size(), 199998U);
  double memory = 0;
  for (const TraceFunction& function : made.functions) memory += function.memory_mb;
  EXPECT_EQ(memory, 67264);
}

TEST(MixedTrace, HasBurstsOfSevenMilliseconds) {
  const Trace made =
      make_mixed_trace({.functions = 20, .invocations = 20000, .seed = 23, .has_bursts = true}).value();
  std::size_t sevens = 0;
  double last = -1;
  for (std::size_t i = 0; i < made.invocations.size(); ++i) {
    if (made.invocations.function[i] != 1) continue;
    sevens += made.invocations.time_ms[i] - last == 7 ? 1U : 0U;
    last = made.invocations.time_ms[i];
  }
  EXPECT_GT(sevens, 1000U);
}

TEST(MixedTrace, RefusesNoFunctions) { EXPECT_FALSE(make_mixed_trace({.functions = 0}).has_value()); }

TEST(ToyTraces, AreSortedAndAsLongAsTheySay) {
  for (const ToyTrace& toy : toy_traces()) {
    const Trace trace = toy.make(toy.invocations, 1);
    EXPECT_EQ(trace.invocations.size(), toy.invocations) << toy.name;
    EXPECT_TRUE(std::is_sorted(trace.invocations.time_ms.begin(), trace.invocations.time_ms.end()))
        << toy.name;
  }
}

TEST(ToyTraces, AreFoundByTheirOldNames) {
  EXPECT_EQ((*find_toy_trace("LowWell"))->name, "low-well");
  EXPECT_EQ((*find_toy_trace("LambdaTrace"))->name, "lambda");
  EXPECT_EQ((*find_toy_trace("long_ttl"))->name, "long-ttl");
}

TEST(ToyTraces, SuggestTheNearestName) { EXPECT_FALSE(find_toy_trace("lamda").error().hint.empty()); }

TEST(LowWell, HasGapsThatGrowByAMinute) {
  const Trace trace = (*find_toy_trace("low-well"))->make(5, 1);
  EXPECT_EQ(trace.invocations.time_ms, (std::vector<double>{0, 60e3, 180e3, 360e3, 600e3}));
}

TEST(LongTtl, HasTheMeanGapOfItsTable) {
  const Trace trace = (*find_toy_trace("long-ttl"))->make(20000, 1);
  double mean = 0;
  const double table[] = {.000096, .002462, .028595, .146717, .328005,
                          .323315, .141154, .027314, .002248, .000094};
  for (int i = 0; i < 10; ++i) mean += i * table[i];
  EXPECT_NEAR(trace.invocations.time_ms.back() / 20000 / 60000, mean, 4 * 1.1 / std::sqrt(20000.0));
}

TEST(Lambda, HasAMeanGapOfFiftyMilliseconds) {
  const Trace trace = (*find_toy_trace("lambda"))->make(40000, 3);
  // Four functions of 10 000 gaps, cut to whole milliseconds, which costs about half of one.
  EXPECT_NEAR(trace.invocations.time_ms.back() / 10000, 49.5, 2.5);
}

/// Mean and variance of `draws` binomial counts.
std::pair<double, double> moments(std::uint64_t n, double p, int draws) {
  RandomStream stream(7, "trace.test");
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < draws; ++i) {
    const auto k = static_cast<double>(draw_binomial(n, p, stream));
    sum += k;
    squares += k * k;
  }
  return {sum / draws, squares / draws - sum / draws * sum / draws};
}

TEST(DrawBinomial, HasTheLawsMoments) {
  constexpr int draws = 200000;
  for (const auto& [n, p] : std::vector<std::pair<std::uint64_t, double>>{
           {10, 0.3}, {1000, 0.002}, {100, 0.4}, {1000000, 3.2e-5}, {2000, 0.5}, {50, 0.97}}) {
    const auto [mean, variance] = moments(n, p, draws);
    const double np = static_cast<double>(n) * p;
    const double npq = np * (1 - p);
    EXPECT_NEAR(mean, np, 4 * std::sqrt(npq / draws)) << n << " " << p;
    EXPECT_NEAR(variance, npq, 4 * npq * std::sqrt(3.0 / draws)) << n << " " << p;
  }
}

TEST(DrawBinomial, HasTheLawsFrequencies) {
  // n = 60, p = 0.25: mean 15, so by rejection. Chi-square over 5 … 25, 20 degrees of freedom and more.
  constexpr int draws = 300000;
  RandomStream stream(8, "trace.test");
  std::vector<double> seen(61, 0);
  for (int i = 0; i < draws; ++i) ++seen[draw_binomial(60, 0.25, stream)];
  double chi_square = 0;
  for (int k = 5; k <= 25; ++k) {
    const double mass = std::exp(std::lgamma(61) - std::lgamma(k + 1) - std::lgamma(61 - k) +
                                 k * std::log(0.25) + (60 - k) * std::log(0.75));
    chi_square += (seen[static_cast<std::size_t>(k)] - draws * mass) *
                  (seen[static_cast<std::size_t>(k)] - draws * mass) / (draws * mass);
  }
  EXPECT_LT(chi_square, 40);  // 99 % point for 21 cells is 38.9
}

TEST(AzurePopularity, GivesNearlyAllInvocationsToTheMostPopular) {
  EXPECT_NEAR(1 - azure_share_of_invocations(1 - 0.186), 0.996, 1e-6);
}

TEST(AzurePopularity, HoldsForTracesOfAnySize) {
  for (const std::size_t functions : {50U, 1000U, 46000U}) {
    const auto counts = azure_counts(functions, 20000 * functions);
    std::uint64_t total = 0;
    std::uint64_t popular = 0;
    const auto first = static_cast<std::size_t>(std::round(0.814 * static_cast<double>(functions)));
    for (std::size_t i = 0; i < functions; ++i) {
      total += counts[i];
      popular += i >= first ? counts[i] : 0;
    }
    EXPECT_EQ(total, 20000 * functions);
    EXPECT_NEAR(static_cast<double>(popular) / static_cast<double>(total), 0.996, 0.0005) << functions;
  }
}

TEST(AzurePopularity, HasThePublishedShareOfRareFunctionsAtItsOwnRate) {
  // 32,286 invocations a day for each function: the law's own mean.
  const auto counts = azure_counts(10000, 322858815);
  const auto at_most = [&](std::uint64_t rate) {
    return std::count_if(counts.begin(), counts.end(), [&](std::uint64_t count) { return count <= rate; });
  };
  EXPECT_NEAR(static_cast<double>(at_most(24)), 4500, 150);
  EXPECT_NEAR(static_cast<double>(at_most(1440)), 8140, 10);
}

TEST(AzurePopularity, CallsEveryFunction) {
  const auto counts = azure_counts(1000, 1500);
  EXPECT_EQ(*std::min_element(counts.begin(), counts.end()), 1U);
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  EXPECT_EQ(total, 1500U);
}

AzureLikeTrace azure_like(AzureLikeOptions options) { return AzureLikeTrace::create(options).value(); }

InvocationBlock all_of(InvocationSource& source) {
  InvocationBlock all;
  InvocationBlock block;
  while (source.next(block).has_value() && block.size() > 0) {
    all.time_ms.insert(all.time_ms.end(), block.time_ms.begin(), block.time_ms.end());
    all.function.insert(all.function.end(), block.function.begin(), block.function.end());
  }
  return all;
}

TEST(AzureLikeTrace, HasLogNormalDurations) {
  std::vector<double> logarithms;
  const AzureLikeTrace trace = azure_like({.functions = 20000, .invocations = 20000});
  for (const TraceFunction& f : trace.functions()) logarithms.push_back(std::log(f.warm_ms / 1000));
  EXPECT_LT(distance_to_law(logarithms,
                            [](double x) { return 0.5 * std::erfc(-(x + 0.38) / 2.36 / std::sqrt(2.0)); }),
            five_percent_distance(logarithms.size()));
}

TEST(AzureLikeTrace, HasBurrMemory) {
  std::vector<double> memory;
  const AzureLikeTrace trace = azure_like({.functions = 20000, .invocations = 20000});
  for (const TraceFunction& f : trace.functions()) memory.push_back(f.memory_mb);
  EXPECT_LT(distance_to_law(memory,
                            [](double x) { return 1 - std::pow(1 + std::pow(x / 107.083, 11.652), -0.221); }),
            five_percent_distance(memory.size()));
}

TEST(AzureLikeTrace, StartsColdSlowerThanWarm) {
  const AzureLikeTrace trace = azure_like({.functions = 1000});
  for (const TraceFunction& f : trace.functions()) EXPECT_GT(f.cold_ms, f.warm_ms);
}

TEST(AzureLikeTrace, MakesExactlyTheInvocationsAskedFor) {
  const AzureLikeTrace trace = azure_like({.functions = 300, .invocations = 123457});
  const InvocationBlock all = all_of(*trace.open());
  EXPECT_EQ(all.size(), 123457U);
  std::vector<std::uint64_t> counts(300, 0);
  for (const FunctionIndex f : all.function) ++counts[f];
  EXPECT_EQ(counts, trace.counts());
}

TEST(AzureLikeTrace, IsSortedAndWithinItsDuration) {
  const InvocationBlock all = all_of(*azure_like({.functions = 300, .invocations = 200000}).open());
  EXPECT_TRUE(std::is_sorted(all.time_ms.begin(), all.time_ms.end()));
  EXPECT_GE(all.time_ms.front(), 0);
  EXPECT_LT(all.time_ms.back(), 24 * 3600e3);
}

TEST(AzureLikeTrace, DoesNotDependOnTheSizeOfItsBlocks) {
  const InvocationBlock whole = all_of(*azure_like({.functions = 100, .invocations = 50000}).open());
  for (const double block : {1.0, 777.0, 1e9}) {
    const InvocationBlock other =
        all_of(*azure_like({.functions = 100, .invocations = 50000, .invocations_per_block = block}).open());
    EXPECT_EQ(other.time_ms, whole.time_ms);
    EXPECT_EQ(other.function, whole.function);
  }
}

TEST(AzureLikeTrace, GivesEqualPasses) {
  const AzureLikeTrace trace = azure_like({.functions = 100, .invocations = 50000});
  EXPECT_EQ(all_of(*trace.open()).time_ms, all_of(*trace.open()).time_ms);
}

TEST(AzureLikeTrace, FollowsTheSeed) {
  EXPECT_NE(all_of(*azure_like({.functions = 10, .invocations = 500, .seed = 1}).open()).time_ms,
            all_of(*azure_like({.functions = 10, .invocations = 500, .seed = 2}).open()).time_ms);
}

TEST(AzureLikeTrace, RefusesFewerInvocationsThanFunctions) {
  EXPECT_EQ(AzureLikeTrace::create({.functions = 10, .invocations = 9}).error().kind, ErrorKind::bad_usage);
}

/// Arrivals of one process of a kind over 1000 s.
std::vector<double> arrivals_of(ArrivalKind kind, std::uint64_t count) {
  std::vector<ArrivalProcess> processes;
  processes.emplace_back(kind, count, 1e6, RandomStream(5, "trace.test"));
  return all_of(*merge_processes(std::move(processes), 1e4)).time_ms;
}

/// Standard deviation of the gaps over their mean.
double variation_of_gaps(const std::vector<double>& times) {
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double gap = times[i] - times[i - 1];
    sum += gap;
    squares += gap * gap;
  }
  const auto n = static_cast<double>(times.size() - 1);
  const double mean = sum / n;
  return std::sqrt(squares / n - mean * mean) / mean;
}

TEST(ArrivalProcess, OfATimerHasEqualGaps) {
  const auto times = arrivals_of(ArrivalKind::periodic, 500);
  EXPECT_THAT(times, SizeIs(500));
  EXPECT_LT(variation_of_gaps(times), 1e-9);
}

TEST(ArrivalProcess, OfPoissonKindHasUniformArrivals) {
  const auto times = arrivals_of(ArrivalKind::poisson, 50000);
  EXPECT_LT(distance_to_law(times, [](double x) { return x / 1e6; }), five_percent_distance(times.size()));
}

TEST(ArrivalProcess, OfPoissonKindHasExponentialGaps) {
  const auto times = arrivals_of(ArrivalKind::poisson, 50000);
  std::vector<double> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  EXPECT_LT(distance_to_law(gaps, [](double x) { return -std::expm1(-x / 20); }),
            five_percent_distance(gaps.size()));
}

TEST(ArrivalProcess, OfBurstyKindVariesMoreThanPoisson) {
  const auto times = arrivals_of(ArrivalKind::bursty, 50000);
  EXPECT_THAT(times, SizeIs(50000));
  EXPECT_GT(variation_of_gaps(times), 2);
}

TEST(ArrivalProcess, OfOneArrivalIsUniform) {
  std::vector<double> times;
  for (std::uint64_t index = 0; index < 5000; ++index) {
    ArrivalProcess process(ArrivalKind::poisson, 1, 1e6, RandomStream(5, "trace.test", index));
    times.push_back(process.next_ms());
  }
  EXPECT_LT(distance_to_law(times, [](double x) { return x / 1e6; }), five_percent_distance(times.size()));
}

}  // namespace
}  // namespace thaw
