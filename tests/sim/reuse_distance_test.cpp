#include "sim/reuse_distance.h"

#include <gmock/gmock.h>

#include <set>

#include "sim/small_traces.h"
#include "sim/trace_units.h"

namespace thaw {
namespace {

using testing::draw;
using ::testing::ElementsAre;
using testing::function;

constexpr std::int64_t none = ReuseDistances::first_use;

std::vector<std::int64_t> distances_of(const Trace& trace) {
  ReuseDistances distances(memory_bytes(trace.functions));
  std::vector<std::int64_t> all;
  for (const FunctionIndex f : trace.invocations.function) all.push_back(distances.touch(f));
  return all;
}

/// By the definition: walk back to the previous use and add up whom we meet.
std::vector<std::int64_t> distances_by_definition(const Trace& trace) {
  std::vector<std::int64_t> all;
  const auto& functions = trace.invocations.function;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    std::set<FunctionIndex> met;
    std::size_t j = i;
    while (j > 0 && functions[j - 1] != functions[i]) met.insert(functions[--j]);
    std::int64_t sum = 0;
    for (const FunctionIndex f : met) sum += to_bytes(trace.functions[f].memory_mb);
    all.push_back(j == 0 ? none : sum);
  }
  return all;
}

TEST(ReuseDistances, SumTheUniqueOthersSinceThePreviousUse) {
  const Trace trace = testing::trace_of({function("A", 1), function("B", 10), function("C", 100)}, "ABCBBCA");

  EXPECT_THAT(distances_of(trace), ElementsAre(none, none, none, 100e6, 0, 10e6, 110e6));
}

TEST(ReuseDistances, CountFractionsOfAMegabyteExactly) {
  const Trace trace = testing::trace_of({function("A", 0.1), function("B", 0.2)}, "ABABA");

  EXPECT_THAT(distances_of(trace), ElementsAre(none, none, 200000, 100000, 200000));
}

TEST(ReuseDistances, EqualTheDefinitionOnRandomTraces) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Trace trace =
        draw({.functions = 3 + 7 * seed, .invocations = 2000, .granularity_mb = 0.125, .seed = seed});

    EXPECT_EQ(distances_of(trace), distances_by_definition(trace)) << "seed " << seed;
  }
}

TEST(ReuseDistances, AForgottenFunctionIsUsedForTheFirstTimeAgain) {
  ReuseDistances distances({1, 10, 100});
  for (const FunctionIndex f : {0U, 1U, 2U}) distances.touch(f);

  distances.forget(1);

  EXPECT_EQ(distances.live(), 2U);
  EXPECT_EQ(distances.touch(0), 100);
  EXPECT_EQ(distances.touch(1), none);
}

TEST(ReuseDistances, HoldUpWhenOnlyAFewOfManyFunctionsAreInUse) {
  // Slots for three functions in use; the others are forgotten in time.
  ReuseDistances distances(std::vector<std::int64_t>(1000, 5), 3);
  for (FunctionIndex f = 0; f < 1000; ++f) {
    EXPECT_EQ(distances.touch(f), none);
    if (f > 1) distances.forget(f - 2);
    EXPECT_EQ(distances.touch(f), 0);
  }
}

}  // namespace
}  // namespace thaw
