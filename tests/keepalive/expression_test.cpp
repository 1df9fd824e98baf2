#include "keepalive/expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace thaw {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The value with frequency 3, cost 200, size 50; the others 0.
double value_of(std::string_view text) {
  const auto expression = Expression::compile(text);
  if (!expression) {
    ADD_FAILURE() << render(expression.error());
    return std::nan("");
  }
  VariableValues values{};
  values[static_cast<std::size_t>(Variable::frequency)] = 3;
  values[static_cast<std::size_t>(Variable::cost)] = 200;
  values[static_cast<std::size_t>(Variable::size)] = 50;
  return expression->evaluate(values);
}

std::string place_of_mistake(std::string_view text) {
  const auto expression = Expression::compile(text);
  return expression ? "none" : expression.error().where;
}

TEST(Expression, MultipliesBeforeItAdds) { EXPECT_EQ(value_of("1 + 2*3 - 8/4"), 5); }
TEST(Expression, GroupsFromTheLeft) { EXPECT_EQ(value_of("20 - 5 - 3 - 24/4/3"), 10); }
TEST(Expression, RaisesFromTheRight) { EXPECT_EQ(value_of("2^3^2"), 512); }
TEST(Expression, NegatesAfterItRaises) { EXPECT_EQ(value_of("-2^2"), -4); }
TEST(Expression, NegatesAnExponent) { EXPECT_EQ(value_of("2^-1"), 0.5); }
TEST(Expression, KeepsToParentheses) { EXPECT_EQ(value_of("(1 + 2)*(3 - -4)"), 21); }
TEST(Expression, ReadsNumbersWithExponents) { EXPECT_EQ(value_of("1e3 + 2.5E-1 + .75"), 1001); }
TEST(Expression, KnowsVariablesByBothNames) {
  EXPECT_EQ(value_of("freq*cost/size + frequency*init/memory"), 24);
}
TEST(Expression, KnowsVariablesInAnyCase) { EXPECT_EQ(value_of("FREQ"), 3); }

TEST(Expression, CallsItsFunctions) {
  EXPECT_EQ(value_of("min(4, 2) + max(4, 2) + abs(-3) + floor(2.9)"), 11);
  EXPECT_EQ(value_of("sqrt(16) + pow(2, 5)"), 36);
  EXPECT_DOUBLE_EQ(value_of("log(exp(2))"), 2);
}

TEST(Expression, DividesByZeroToInfinity) {
  EXPECT_EQ(value_of("1/0"), infinity);
  EXPECT_EQ(value_of("-1/0"), -infinity);
  EXPECT_EQ(value_of("0/0"), infinity);
}

TEST(Expression, PutsWhatHasNoValueLast) {
  EXPECT_EQ(value_of("sqrt(-1)"), -infinity);
  EXPECT_EQ(value_of("1/0 - 1/0"), -infinity);
}

TEST(Expression, TellsWhetherItDependsOnTime) {
  EXPECT_FALSE(Expression::compile("clock + last_use")->depends_on_time());
  for (const char* text : {"now", "1/age", "2 - idle"})
    EXPECT_TRUE(Expression::compile(text)->depends_on_time());
}

TEST(Expression, SaysWhereAMistakeIs) {
  EXPECT_EQ(place_of_mistake(""), "column 1");
  EXPECT_EQ(place_of_mistake("1 +"), "column 4");
  EXPECT_EQ(place_of_mistake("1 + * 2"), "column 5");
  EXPECT_EQ(place_of_mistake("(1 + 2"), "column 7");
  EXPECT_EQ(place_of_mistake("1 + 2)"), "column 6");
  EXPECT_EQ(place_of_mistake("1 2"), "column 3");
  EXPECT_EQ(place_of_mistake("1.2.3"), "column 1");
  EXPECT_EQ(place_of_mistake("freq @ 2"), "column 6");
  EXPECT_EQ(place_of_mistake("min(1)"), "column 1");
  EXPECT_EQ(place_of_mistake("2*sin(1)"), "column 3");
}

TEST(Expression, SaysHowManyArgumentsAreWanted) {
  EXPECT_EQ(Expression::compile("log(1, 2)").error().what, "expression: log takes 1 argument, got 2");
}

TEST(Expression, RefusesWhatIsNestedTooDeeply) {
  EXPECT_FALSE(Expression::compile(std::string(100000, '(')));
  EXPECT_FALSE(Expression::compile(std::string(100000, '-') + "1"));
  std::string right = "1";
  for (int i = 0; i < 100; ++i) right = "1 + (" + right + ")";
  EXPECT_FALSE(Expression::compile(right));
}

TEST(Expression, EvaluatesAsDeepAsItAccepts) {
  std::string right = "1";
  for (int i = 0; i < 60; ++i) right = "1 + (" + right + ")";
  EXPECT_EQ(value_of(right), 61);
}

}  // namespace
}  // namespace thaw
