#include "sim/outcome_lines.h"

#include <gmock/gmock.h>

#include <cmath>

namespace thaw {
namespace {

constexpr std::string_view line =
    R"({"policy":"lru","model":"course","memory_mb":4000.5,"invocations":10,"cold":3,"warm":5,"dropped":2,"x":null})";

TEST(OutcomeLines, AreReadLineByLine) {
  const auto outcomes = read_outcomes(std::string(line) + "\n\n" + std::string(line) + "\n").value();

  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[1].point.policy, "lru");
  EXPECT_EQ(outcomes[1].point.model, Model::course);
  EXPECT_DOUBLE_EQ(outcomes[1].point.memory_mb, 4000.5);
  EXPECT_EQ(outcomes[1].dropped, 2U);
}

TEST(OutcomeLines, MayBeAList) {
  EXPECT_EQ(read_outcomes("[" + std::string(line) + "]").value().size(), 1U);
  EXPECT_EQ(read_outcomes(R"({"points":[)" + std::string(line) + "]}").value().size(), 1U);
}

TEST(OutcomeLines, TakeNoNumberForUnlimitedMemory) {
  const auto outcomes =
      read_outcomes(R"({"policy":"lru","memory_mb":null,"invocations":1,"cold":1,"warm":0,"dropped":0})")
          .value();

  EXPECT_TRUE(std::isinf(outcomes[0].point.memory_mb));
}

TEST(OutcomeLines, NameTheLineThatIsNoJson) {
  const auto outcomes = read_outcomes(std::string(line) + "\n{broken\n");

  ASSERT_FALSE(outcomes);
  EXPECT_EQ(outcomes.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(outcomes.error().where, "2");
}

TEST(OutcomeLines, RefuseCountsThatDoNotAddUp) {
  const auto outcomes =
      read_outcomes(R"({"policy":"lru","memory_mb":1,"invocations":5,"cold":1,"warm":0,"dropped":0})");

  ASSERT_FALSE(outcomes);
  EXPECT_THAT(outcomes.error().what, ::testing::HasSubstr("5 invocations"));
}

TEST(OutcomeLines, NameTheCountThatIsMissing) {
  const auto outcomes = read_outcomes(R"({"policy":"lru","memory_mb":1,"invocations":5,"cold":5})");

  ASSERT_FALSE(outcomes);
  EXPECT_THAT(outcomes.error().what, ::testing::HasSubstr("\"warm\""));
}

}  // namespace
}  // namespace thaw
