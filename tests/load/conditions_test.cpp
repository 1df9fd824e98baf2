#include "load/conditions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using testing::HasSubstr;

/// 90 answers of 10 ms and 10 of 300 ms, 100 µs late; 3 failures, of which the platform dropped one; 1 not sent; slowdown 2.
LoadTotals example() {
  LoadTotals totals;
  totals.planned = 104;
  totals.ok = 100;
  totals.by_cause[static_cast<std::size_t>(Cause::status)] = 2;
  totals.by_cause[static_cast<std::size_t>(Cause::platform_dropped)] = 1;
  totals.by_cause[static_cast<std::size_t>(Cause::dropped)] = 1;
  totals.response.record_n(10'000'000, 90);
  totals.response.record_n(300'000'000, 10);
  totals.service.record_n(10'000'000, 100);
  totals.lateness.record_n(100'000, 102);
  for (int i = 0; i < 100; ++i) totals.slowdown.add(2);
  return totals;
}

bool holds(std::string_view text) { return Condition::parse(text).value().holds(example(), 10); }

struct Expected {
  const char* text;
  bool holds;
};

class EachCondition : public testing::TestWithParam<Expected> {};

TEST_P(EachCondition, ComparesItsFigure) { EXPECT_EQ(holds(GetParam().text), GetParam().holds); }

INSTANTIATE_TEST_SUITE_P(
    Condition, EachCondition,
    testing::Values(
        Expected{"p99 > 200ms", true}, Expected{"p99 > 310ms", false}, Expected{"p50 > 10.1ms", false},
        Expected{"p50 <= 10.1ms", true}, Expected{"response p99>200ms", true},
        Expected{"service p99 > 200ms", false}, Expected{"lateness p99 > 1ms", false},
        Expected{"lateness max >= 90us", true}, Expected{"errors > 1%", true}, Expected{"errors > 3%", false},
        Expected{"errors >= 3", true}, Expected{"dropped > 0", true}, Expected{"dropped > 1", false},
        Expected{"platform_dropped >= 1", true}, Expected{"platform_dropped > 1%", false},
        Expected{"slowdown > 5", false}, Expected{"slowdown > 1.9", true}, Expected{"slowdown p99 < 3", true},
        Expected{"throughput < 11/s", true}, Expected{"throughput < 10/s", false},
        Expected{"ok < 100", false}, Expected{"planned >= 104", true}, Expected{"in_flight > 0", false}));

TEST(Condition, OfAFigureThatDoesNotExistHoldsNever) {
  const LoadTotals nothing;

  EXPECT_FALSE(Condition::parse("p99 > 1ms")->holds(nothing, 1));
  EXPECT_FALSE(Condition::parse("p99 < 1ms")->holds(nothing, 1));
}

TEST(Condition, ExplainsWhatItFound) {
  EXPECT_EQ(Condition::parse("errors > 1%")->explain(example(), 10), "errors > 1%, it is 2.88 %");
}

class EachFlaw : public testing::TestWithParam<const char*> {};

TEST_P(EachFlaw, IsRefused) { EXPECT_FALSE(Condition::parse(GetParam())); }

INSTANTIATE_TEST_SUITE_P(Condition, EachFlaw,
                         testing::Values("", "p99", "p99 > 200", "p99 > 1%", "p42 > 1ms", "errors p99 > 1",
                                         "> 5", "lateness > 1ms", "slowdown p90 > 2",
                                         "response p99 x > 1ms"));

TEST(Condition, SuggestsTheNearestWord) {
  EXPECT_THAT(Condition::parse("eror > 1%").error().hint, HasSubstr("errors"));
}

}  // namespace
}  // namespace thaw
