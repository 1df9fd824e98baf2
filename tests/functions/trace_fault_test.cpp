#include "functions/trace_fault.h"

#include <gtest/gtest.h>

namespace thaw::functions {
namespace {

using namespace std::chrono_literals;

TEST(TraceFault, IsReadWithValueAndShare) {
  const auto rules = parse_faults("status=503:5%, delay=20ms:0.1,hang, exit=3").value();

  ASSERT_EQ(rules.size(), 4U);
  EXPECT_EQ(rules[0].kind, FaultKind::status);
  EXPECT_EQ(rules[0].number, 503);
  EXPECT_DOUBLE_EQ(rules[0].share, 0.05);
  EXPECT_EQ(rules[1].delay, 20ms);
  EXPECT_DOUBLE_EQ(rules[1].share, 0.1);
  EXPECT_EQ(rules[2].kind, FaultKind::hang);
  EXPECT_DOUBLE_EQ(rules[2].share, 1);
  EXPECT_EQ(rules[3].number, 3);
}

TEST(TraceFault, IsNothingWhenEmpty) { EXPECT_TRUE(parse_faults(" ").value().empty()); }

TEST(TraceFault, IsRefusedWhenMalformed) {
  for (const char* text : {"explode", "status", "status=99", "status=600", "hang=1", "delay", "delay=5",
                           "crash:2", "crash:x", "exit=256", "hang,,crash"}) {
    const auto rules = parse_faults(text);
    ASSERT_FALSE(rules) << text;
    EXPECT_FALSE(rules.error().hint.empty());
  }
}

TEST(TraceFault, AddsDelaysUpAndTakesTheFirstOfTheOthers) {
  const Fault fault = draw_fault(parse_faults("delay=1ms,reset,hang,delay=2ms").value(), 1, 0);

  EXPECT_EQ(fault.delay, 3ms);
  EXPECT_EQ(fault.kind, FaultKind::reset);
}

TEST(TraceFault, MeetsItsShareOfTheCalls) {
  const auto rules = parse_faults("status=500:10%").value();
  int failed = 0;
  for (std::uint64_t index = 0; index < 10'000; ++index) {
    if (draw_fault(rules, 1, index).kind == FaultKind::status) ++failed;
  }

  // Binomial(10000, 0.1): five standard deviations are 150.
  EXPECT_NEAR(failed, 1000, 150);
}

TEST(TraceFault, IsTheSameForTheSameSeedAndIndex) {
  const auto rules = parse_faults("status=500:50%").value();
  bool has_difference = false;
  for (std::uint64_t index = 0; index < 100; ++index) {
    EXPECT_EQ(draw_fault(rules, 7, index).kind, draw_fault(rules, 7, index).kind);
    has_difference = has_difference || draw_fault(rules, 7, index).kind != draw_fault(rules, 8, index).kind;
  }

  EXPECT_TRUE(has_difference);
}

}  // namespace
}  // namespace thaw::functions
