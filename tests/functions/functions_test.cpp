#include "functions/functions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "functions/matmul.h"
#include "functions/stepping_clock.h"

namespace thaw::functions {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

/// Calls a function as a client of a server would, on a clock of 1 ms steps.
Result<std::string> attempt(std::string_view name, std::vector<std::string> args, std::string body = {}) {
  SteppingClock clock(1ms);
  const auto function = find_function(name);
  if (!function) return tl::unexpected(function.error());
  return (*function)->run({.clock = clock,
                           .args = std::move(args),
                           .body = std::move(body),
                           .is_served = true,
                           .may_use_files = false});
}

std::string call(std::string_view name, std::vector<std::string> args, std::string body = {}) {
  return attempt(name, std::move(args), std::move(body)).value();
}

TEST(FunctionRegistry, HoldsTheMicroSet) {
  std::vector<std::string> names;
  for (const Function& function : functions()) names.emplace_back(function.name);

  EXPECT_THAT(names, ElementsAre("sleep", "nope", "inc", "matmul", "bounce", "swapbytes", "distributions",
                                 "args", "mpi-pingpong"));
}

TEST(FunctionRegistry, SuggestsTheNearestName) {
  const auto found = find_function("matmull");

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(found.error().hint, "did you mean \"matmul\"?");
}

TEST(TimeLine, EndsWithTheSecondsToTheNanosecond) {
  EXPECT_EQ(time_line("nope", 1234567ns), "@@@ Time nope 0.001234567\n");
}

TEST(TimeLine, NeverUsesAnExponent) { EXPECT_EQ(time_line("nope", 5ns), "@@@ Time nope 0.000000005\n"); }

TEST(Sleep, SleepsAsLongAsAsked) { EXPECT_EQ(call("sleep", {"2.5"}), "@@@ Time sleep 2.502000000\n"); }

TEST(Sleep, SleepsOneSecondByDefault) { EXPECT_EQ(call("sleep", {}), "@@@ Time sleep 1.002000000\n"); }

TEST(Sleep, RefusesANegativeTimeWithItsUsage) {
  const auto output = attempt("sleep", {"-1"});

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().kind, ErrorKind::bad_usage);
  EXPECT_EQ(output.error().what, "seconds must be a number from 0 to 86400, got \"-1\"");
  EXPECT_EQ(output.error().hint, "usage: sleep [SECONDS=1.0]");
}

TEST(Nope, MeasuresOneStepOfTheClock) { EXPECT_EQ(call("nope", {}), "@@@ Time nope 0.001000000\n"); }

TEST(Nope, TakesNoArgument) { EXPECT_FALSE(attempt("nope", {"1"})); }

TEST(Inc, IncrementsAThousandNumbersByDefault) {
  EXPECT_EQ(call("inc", {}), "incremented 1000 numbers\n@@@ Time inc 0.001000000\n");
}

TEST(Inc, TakesTheSizeFromTheFirstArgument) {
  EXPECT_THAT(call("inc", {"5000", "0"}), StartsWith("incremented 5000 numbers\n"));
}

TEST(Inc, DrawsAnotherSizeForEveryCallWhenThereIsASpread) {
  SteppingClock clock(1ms);
  std::set<std::string> outputs;
  for (std::uint64_t index = 0; index < 10; ++index) {
    outputs.insert(*(*find_function("inc"))->run({.clock = clock, .args = {"1000", "200"}, .index = index}));
  }

  EXPECT_GE(outputs.size(), 9U);
}

TEST(Inc, AcceptsASizeOfZero) { EXPECT_THAT(call("inc", {"0"}), StartsWith("incremented 0 numbers\n")); }

TEST(Matmul, MultipliesASmallKnownPair) {
  const std::vector<double> a = {1, 2, 3, 4};
  const std::vector<double> b = {5, 6, 7, 8};
  std::vector<double> c(4);

  multiply_add(a, b, c, 2);

  EXPECT_THAT(c, ElementsAre(19, 22, 43, 50));
}

TEST(Matmul, BlocksLeaveNoElementOut) {
  constexpr std::size_t n = 101;
  std::vector<double> a(n * n);
  std::vector<double> b(n * n);
  std::vector<double> expected(n * n);
  for (std::size_t i = 0; i < n * n; ++i) {
    a[i] = static_cast<double>(i % 17);
    b[i] = static_cast<double>(i % 23);
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < n; ++k) expected[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
  std::vector<double> c(n * n);

  multiply_add(a, b, c, n);

  EXPECT_EQ(c, expected);
}

class MatmulChecksum : public testing::TestWithParam<std::int64_t> {};

TEST_P(MatmulChecksum, HasTheClosedForm) {
  const std::int64_t n = GetParam();
  const std::int64_t sum = n * (n - 1) / 2;
  const std::int64_t squares = (n - 1) * n * (2 * n - 1) / 6;

  EXPECT_THAT(call("matmul", {std::to_string(n)}),
              StartsWith("checksum " + std::to_string(n * sum * sum - n * n * squares) + "\n"));
}

INSTANTIATE_TEST_SUITE_P(Sizes, MatmulChecksum, testing::Values(1, 2, 47, 48, 49, 100, 200));

TEST(Matmul, RefusesASizeOfZero) { EXPECT_FALSE(attempt("matmul", {"0"})); }

TEST(Matmul, RefusesASizeBeyondTheMemory) { EXPECT_FALSE(attempt("matmul", {"100000"})); }

TEST(Bounce, GivesBackTheBody) {
  EXPECT_EQ(call("bounce", {}, "to and fro"), "to and fro\n@@@ Time bounce 0.001000000\n");
}

TEST(Bounce, GivesBackItsArgumentsWithBlanksBetween) {
  EXPECT_THAT(call("bounce", {"to", "and", "fro"}), StartsWith("to and fro\n@@@ Time"));
}

TEST(Bounce, AddsNoLineToAnEmptyPayload) { EXPECT_EQ(call("bounce", {}), "@@@ Time bounce 0.001000000\n"); }

TEST(Bounce, KeepsEveryByte) {
  const std::string payload("\0\r\n\xff", 4);

  EXPECT_THAT(call("bounce", {}, payload), StartsWith(payload + "\n@@@"));
}

TEST(Args, PrintsEachArgumentAsAJsonString) {
  EXPECT_THAT(call("args", {"plain", "two words", "it's \"quoted\"", ""}),
              StartsWith("\"plain\"\n\"two words\"\n\"it's \\\"quoted\\\"\"\n\"\"\n@@@ Time args "));
}

TEST(MpiPingpong, ChecksItsArgumentsBeforeItLooksForMpi) {
  const auto output = attempt("mpi-pingpong", {"none"});

  ASSERT_FALSE(output);
  EXPECT_THAT(output.error().what, HasSubstr("the number of rounds must be a whole number"));
}

TEST(EveryFunction, NamesItselfInItsUsage) {
  for (const Function& function : functions()) {
    if (function.name == "args" || function.name == "bounce") continue;  // They take everything.
    const auto output = attempt(function.name, {"1", "2", "3", "4", "5", "6"});

    ASSERT_FALSE(output) << function.name;
    EXPECT_THAT(output.error().where, std::string(function.name));
  }
}

}  // namespace
}  // namespace thaw::functions
