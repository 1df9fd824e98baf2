#include "functions/distributions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/text.h"
#include "functions/functions.h"
#include "functions/stepping_clock.h"

namespace thaw::functions {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

Result<std::string> attempt(std::vector<std::string> args, std::uint64_t index = 0,
                            bool may_use_files = false) {
  SteppingClock clock(0ns);
  return (*find_function("distributions"))
      ->run({.clock = clock,
             .args = std::move(args),
             .index = index,
             .is_served = true,
             .may_use_files = may_use_files});
}

std::string call(std::vector<std::string> args, std::uint64_t index = 0, bool may_use_files = false) {
  return attempt(std::move(args), index, may_use_files).value();
}

Error complaint(std::vector<std::string> args, bool may_use_files = false) {
  const auto output = attempt(std::move(args), 0, may_use_files);
  return output ? Error{} : output.error();
}

std::vector<double> draws(const std::string& name, std::size_t count) {
  std::vector<double> values;
  const std::string output = call({name, "--values", std::to_string(count)});
  for (const std::string_view line : split_lines(output)) values.push_back(*parse_number(line));
  return values;
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

/// Largest distance between the empirical and the given distribution function.
double distance(std::vector<double> values, const std::function<double(double)>& cdf) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double expected = cdf(values[i]);
    largest =
        std::max({largest, expected - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - expected});
  }
  return largest;
}

struct Law {
  std::string name;
  std::function<double(double)> cdf;
};

std::ostream& operator<<(std::ostream& out, const Law& law) { return out << law.name; }

class DistributionLaw : public testing::TestWithParam<Law> {};

// Kolmogorov's 1e-6 quantile is 2.69 / sqrt(n); the draws are fixed by the seed.
TEST_P(DistributionLaw, FollowsItsDistributionFunction) {
  EXPECT_LT(distance(draws(GetParam().name, 20'000), GetParam().cdf), 2.69 / std::sqrt(20'000.0));
}

INSTANTIATE_TEST_SUITE_P(
    Families, DistributionLaw,
    testing::Values(
        Law{"normal", [](double x) { return normal_cdf((x - 0.010) / 0.0012); }},
        Law{"uniform", [](double x) { return (x - 0.0025) / 0.008; }},
        Law{"lognormal", [](double x) { return normal_cdf(std::log(x / 0.010) / 0.5); }},
        Law{"loguniform", [](double x) { return std::log(x / 0.001) / std::log(100.0); }},
        Law{"cauchy", [](double x) { return 0.5 + std::atan((x - 0.010) / 0.001) / std::numbers::pi; }},
        Law{"logistic", [](double x) { return 1 / (1 + std::exp(-(x - 0.012) / 0.001)); }},
        Law{"bimodal",
            [](double x) { return (normal_cdf((x - 0.020) / 0.001) + normal_cdf((x - 0.027) / 0.001)) / 2; }},
        Law{"multimodal",
            [](double x) {
              return (normal_cdf((x - 0.012) / 0.001) + normal_cdf((x - 0.021) / 0.001) +
                      normal_cdf((x - 0.030) / 0.001)) /
                     3;
            }}),
    [](const auto& law) { return law.param.name; });

TEST(Distributions, ConstantIsTheSameEveryTime) {
  EXPECT_THAT(draws("constant", 3), testing::Each(testing::DoubleEq(0.010)));
}

TEST(Distributions, SineGoesRoundOncePerPeriod) {
  const auto values = draws("sine", 20);

  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(values[i], 0.010 + 0.002 * std::sin(2 * std::numbers::pi * static_cast<double>(i) / 10),
                1e-12);
  }
}

TEST(Distributions, DrawDependsOnlyOnSeedAndIndex) {
  const auto values = draws("normal", 8);
  const std::string last = call({"normal", "--index", "7"});

  EXPECT_THAT(last, HasSubstr(fmt::format("@@@ Time distributions {:.9f}\n", values[7])));
}

TEST(Distributions, AnotherSeedDrawsOtherValues) {
  EXPECT_NE(call({"normal", "--seed", "2", "--values", "1"}),
            call({"normal", "--seed", "3", "--values", "1"}));
}

TEST(Distributions, ServedCallsDrawOneAfterTheOther) {
  EXPECT_EQ(call({"normal"}, 5), call({"normal", "--index", "5"}));
}

TEST(Distributions, NormalIsTheDefault) { EXPECT_EQ(call({}), call({"normal"})); }

TEST(Distributions, TakesParametersInOrder) {
  EXPECT_THAT(call({"constant", "2.5"}), HasSubstr("@@@ Time distributions 2.500000000\n"));
}

TEST(Distributions, ValuesArePlainNumbersOnly) {
  EXPECT_EQ(call({"constant", "1.5", "--values", "2"}), "1.5\n1.5\n");
}

TEST(Distributions, SleepsForTheDrawWhenAsked) {
  SteppingClock clock(0ns);
  const MonotonicTime start = clock.now();

  const auto output =
      (*find_function("distributions"))->run({.clock = clock, .args = {"constant", "3", "--sleep"}});

  ASSERT_TRUE(output);
  EXPECT_EQ(clock.now() - start, 3s);
}

TEST(Distributions, NegativeDrawsDoNotSleep) {
  SteppingClock clock(0ns);
  const MonotonicTime start = clock.now();

  const auto output =
      (*find_function("distributions"))->run({.clock = clock, .args = {"constant", "-3", "--sleep"}});

  ASSERT_TRUE(output);
  EXPECT_EQ(clock.now() - start, 0ns);
}

TEST(Distributions, CounterFileMovesOnWithEveryCall) {
  const auto folder = TemporaryDirectory::create("distributions-test");
  ASSERT_TRUE(folder);
  const std::string counter = (folder->path() / "counter").string();

  const auto first = call({"normal", "--counter", counter}, 0, true);
  const auto second = call({"normal", "--counter", counter}, 0, true);

  EXPECT_EQ(first, call({"normal", "--index", "0"}));
  EXPECT_EQ(second, call({"normal", "--index", "1"}));
  EXPECT_EQ(read_file(counter), "2\n");
}

TEST(Distributions, RefusesACounterThatHoldsNoNumber) {
  const auto folder = TemporaryDirectory::create("distributions-test");
  ASSERT_TRUE(folder);
  const Path counter = folder->path() / "counter";
  ASSERT_TRUE(write_file_atomically(counter, "precious\n"));

  EXPECT_EQ(complaint({"--counter", counter.string()}, true).kind, ErrorKind::bad_input);
  EXPECT_EQ(read_file(counter), "precious\n");
}

TEST(Distributions, OpensNoCounterForAnUntrustedCaller) {
  EXPECT_EQ(complaint({"--counter", "/tmp/x"}).kind, ErrorKind::bad_usage);
}

TEST(Distributions, SuggestsTheNearestName) {
  EXPECT_EQ(complaint({"norml"}).hint, "did you mean \"normal\"?");
}

TEST(Distributions, RefusesANegativeDeviation) {
  EXPECT_THAT(complaint({"normal", "1", "-1"}).what, StartsWith("sd must be a number from 0"));
}

TEST(Distributions, RefusesAnUnknownOption) {
  EXPECT_EQ(complaint({"--sead", "1"}).what, "there is no option --sead");
}

TEST(Distributions, RefusesAnOptionWithoutItsValue) {
  EXPECT_EQ(complaint({"--seed"}).what, "--seed needs a value");
}

}  // namespace
}  // namespace thaw::functions
