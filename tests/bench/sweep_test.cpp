#include "bench/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/text.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::array<std::string_view, 4> option_names = {"copies", "mpl", "timeout", "cold"};

Result<Sweep> parse(std::string_view yaml) {
  return parse_sweep(*parse_document(yaml, "x.yaml"), option_names);
}

/// "args=1 2 env.X=a mpl=2" for every cell.
std::vector<std::string> shown(const Sweep& sweep) {
  std::vector<std::string> texts;
  const auto cells = expand_sweep(sweep, 0);
  for (const SweepCell& cell : *cells) {
    std::vector<std::string> settings;
    for (const auto& [name, value] : cell.settings()) settings.push_back(name + "=" + value);
    texts.push_back(join(settings, " "));
  }
  return texts;
}

std::vector<std::string> values_of(std::string_view text) {
  std::vector<std::string> texts;
  const auto axis = parse_sweep_axis(text, option_names);
  if (!axis) return {"error: " + axis.error().what};
  for (const Argv& value : axis->values) texts.push_back(join(value, "|"));
  return texts;
}

std::string complaint(std::string_view yaml) {
  const auto sweep = parse(yaml);
  return sweep ? "no error" : sweep.error().what;
}

TEST(Sweep, NestsArgsOutermostThenEnvironmentThenOptions) {
  const auto sweep = parse("{options: {mpl: [1, 2]}, env: {X: [a, b]}, args: [[1, 2], [3]]}");

  EXPECT_THAT(shown(*sweep),
              ElementsAre("args=1 2 env.X=a mpl=1", "args=1 2 env.X=a mpl=2", "args=1 2 env.X=b mpl=1",
                          "args=1 2 env.X=b mpl=2", "args=3 env.X=a mpl=1", "args=3 env.X=a mpl=2",
                          "args=3 env.X=b mpl=1", "args=3 env.X=b mpl=2"));
}

TEST(Sweep, MultipliesThreeValuesByTwo) {
  EXPECT_EQ(shown(*parse("{env: {X: [a, b, c]}, options: {mpl: [1, 2]}}")).size(), 6U);
}

TEST(Sweep, TakesAScalarAsOneValue) {
  EXPECT_THAT(shown(*parse("{env: {X: a, Y: [1, 2]}}")), ElementsAre("env.X=a env.Y=1", "env.X=a env.Y=2"));
}

TEST(Sweep, NumbersLaunchesFromOneWithASharedSuffix) {
  const auto cells = expand_sweep(*parse("{env: {X: [a, b]}}"), 0x12ab3);

  EXPECT_EQ(cells->at(0).launch_id, "sweep_0001_012ab3");
  EXPECT_EQ(cells->at(1).launch_id, "sweep_0002_012ab3");
}

TEST(Sweep, ZipsListsOfEqualLength) {
  const auto sweep = parse("{zip: true, env: {X: [a, b], Z: fixed}, options: {mpl: [1, 2]}}");

  EXPECT_THAT(shown(*sweep), ElementsAre("env.X=a env.Z=fixed mpl=1", "env.X=b env.Z=fixed mpl=2"));
}

TEST(Sweep, RefusesToZipListsOfDifferentLength) {
  const auto cells = expand_sweep(*parse("{zip: true, env: {X: [a, b]}, options: {mpl: [1, 2, 3]}}"), 0);

  ASSERT_FALSE(cells);
  EXPECT_EQ(cells.error().what, "a zipped sweep needs lists of equal length: env.X has 2 values, mpl has 3");
}

TEST(Sweep, RefusesToZipAListOfOneWithALongerList) {
  EXPECT_FALSE(expand_sweep(*parse("{zip: true, env: {X: [a]}, options: {mpl: [1, 2]}}"), 0));
}

TEST(Sweep, SaysWhatAnEmptySweepNeeds) {
  for (const auto* empty : {"{}", "", "{env: {}}"})
    EXPECT_THAT(complaint(empty), HasSubstr("at least one of")) << empty;
}

TEST(Sweep, RefusesArgsThatAreNoListOfLists) {
  EXPECT_THAT(complaint("{args: [1, 2]}"), HasSubstr("list of argument lists"));
  EXPECT_THAT(complaint("{args: 1}"), HasSubstr("list of argument lists"));
}

TEST(Sweep, RefusesAnUnknownOption) { EXPECT_THAT(complaint("{options: {copis: [1]}}"), HasSubstr("copis")); }

TEST(Sweep, RefusesAListWithoutValues) {
  EXPECT_EQ(complaint("{env: {X: []}}"), "the sweep of X has no values");
}

TEST(Sweep, RefusesMoreThanAMillionCells) {
  Sweep sweep;
  for (const auto* text : {"a=1..1000", "b=1..1000", "c=1,2"}) {
    ASSERT_TRUE(add_axis(sweep, *parse_sweep_axis(text, option_names)));
  }

  EXPECT_FALSE(expand_sweep(sweep, 0));
}

TEST(SweepAxis, SplitsValuesAtCommas) { EXPECT_THAT(values_of("n=10,100,x"), ElementsAre("10", "100", "x")); }

TEST(SweepAxis, TakesACommaBehindABackslashAsPartOfAValue) {
  EXPECT_THAT(values_of(R"(n=a\,b,c\d)"), ElementsAre("a,b", R"(c\d)"));
}

TEST(SweepAxis, CountsRangesWithBothEnds) {
  EXPECT_THAT(values_of("n=1..4"), ElementsAre("1", "2", "3", "4"));
}

TEST(SweepAxis, StepsThroughARange) { EXPECT_THAT(values_of("n=1..10:4"), ElementsAre("1", "5", "9")); }

TEST(SweepAxis, CountsDownwards) {
  EXPECT_THAT(values_of("n=3..1"), ElementsAre("3", "2", "1"));
  EXPECT_THAT(values_of("n=10..0:-5"), ElementsAre("10", "5", "0"));
}

TEST(SweepAxis, KeepsDecimalFractionsOfARangeExact) {
  EXPECT_THAT(values_of("n=0.1..0.5:0.1"), ElementsAre("0.1", "0.2", "0.3", "0.4", "0.5"));
}

TEST(SweepAxis, MixesRangesAndValues) { EXPECT_THAT(values_of("n=1..2,8"), ElementsAre("1", "2", "8")); }

TEST(SweepAxis, LeavesOtherDotsAlone) {
  EXPECT_THAT(values_of("n=../a..b,1.5"), ElementsAre("../a..b", "1.5"));
}

TEST(SweepAxis, RefusesARangeThatGoesAgainstItsStep) {
  EXPECT_THAT(values_of("n=1..9:-1"), ElementsAre("error: the range 1..9:-1 goes against its step"));
}

TEST(SweepAxis, RefusesAStepOfZero) {
  EXPECT_THAT(values_of("n=1..9:0"), ElementsAre("error: the range 1..9:0 needs a step that is not 0"));
}

TEST(SweepAxis, SplitsArgumentListsAtSemicolonsAndWordsAsAShellDoes) {
  EXPECT_THAT(values_of("args=1 2;3 'a;b c'"), ElementsAre("1|2", "3|a;b c"));
}

TEST(SweepAxis, KnowsEnvironmentOptionsAndParametersByTheirNames) {
  EXPECT_EQ(parse_sweep_axis("env.X=a", option_names)->target, SweepTarget::environment);
  EXPECT_EQ(parse_sweep_axis("copies=1,2", option_names)->target, SweepTarget::option);
  EXPECT_EQ(parse_sweep_axis("n=1,2", option_names)->target, SweepTarget::parameter);
}

TEST(SweepAxis, RefusesTextWithoutValues) {
  EXPECT_THAT(values_of("n"), ElementsAre("error: 'n' has no '='"));
  EXPECT_THAT(values_of("n="), ElementsAre("error: the sweep of n has no values"));
  EXPECT_THAT(values_of("=1"), ElementsAre("error: '=1' has no name"));
}

TEST(Sweep, RefusesTheSameAxisTwice) {
  Sweep sweep;
  ASSERT_TRUE(add_axis(sweep, *parse_sweep_axis("n=1", option_names)));

  const auto again = add_axis(sweep, *parse_sweep_axis("n=2", option_names));

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().what, "n is swept twice");
}

TEST(FillParameters, ReplacesEveryMarkAndKeepsOtherBraces) {
  const std::vector<std::pair<std::string, std::string>> parameters = {{"n", "10"}, {"m", "{n}"}};

  EXPECT_THAT(fill_parameters({"--size={n}x{n}", R"({"k":{x}})"}, parameters),
              ElementsAre("--size=10x10", R"({"k":{x}})"));
}

TEST(FillParameters, LeavesAValueThatLooksLikeAMarkAlone) {
  const std::vector<std::pair<std::string, std::string>> parameters = {{"n", "{m}"}, {"m", "{n}"}};

  EXPECT_THAT(fill_parameters({"{n}{m}"}, parameters), ElementsAre("{m}{n}"));
}

TEST(Sweep, RefusesAParameterThatNoArgumentUses) {
  Sweep sweep;
  ASSERT_TRUE(add_axis(sweep, *parse_sweep_axis("copis=1,2", option_names)));

  const auto checked = check_parameters_used(sweep, {"a", "{n}"}, option_names);

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().what, "copis is swept, but {copis} is nowhere in the arguments");
  EXPECT_EQ(checked.error().hint, "did you mean the option \"copies\"?");
}

TEST(Sweep, FindsParametersInSweptArguments) {
  Sweep sweep;
  ASSERT_TRUE(add_axis(sweep, *parse_sweep_axis("n=1,2", option_names)));
  ASSERT_TRUE(add_axis(sweep, *parse_sweep_axis("args=-n {n};-m", option_names)));

  EXPECT_TRUE(check_parameters_used(sweep, {}, option_names));
}

TEST(Sweep, WarnsOfEachValueItOverrides) {
  const SweepBase base{{"1", "a b"}, {{"X", "old"}, {"Y", "kept"}}, {{"mpl", "4"}}};

  EXPECT_THAT(overridden_by(*parse("{args: [[1]], env: {X: [a, b]}, options: {mpl: 1, cold: true}}"), base),
              ElementsAre("the sweep overrides args=1 'a b'", "the sweep overrides env.X=old",
                          "the sweep overrides mpl=4"));
}

TEST(Sweep, WarnsOfNothingItDoesNotOverride) {
  EXPECT_THAT(overridden_by(*parse("{env: {X: a}}"), {}), IsEmpty());
}

// --- Schedules ---------------------------------------------------------------------------------------

/// Runs the schedule where cell i takes repetitions[i] of them.
std::vector<std::size_t> run(SweepSchedule schedule, std::vector<int> repetitions) {
  std::vector<std::size_t> order;
  while (const auto cell = schedule.next()) {
    order.push_back(*cell);
    if (--repetitions[*cell] == 0) schedule.finish(*cell);
  }
  return order;
}

TEST(SweepSchedule, InTurnTakesAllOfACellBeforeTheNext) {
  EXPECT_THAT(run({SweepOrder::in_turn, 3, 1}, {2, 1, 3}), ElementsAre(0, 0, 1, 2, 2, 2));
}

TEST(SweepSchedule, InterleavedTakesOneOfEachCellThatIsLeft) {
  EXPECT_THAT(run({SweepOrder::interleaved, 3, 1}, {2, 1, 4}), ElementsAre(0, 1, 2, 0, 2, 2, 2));
}

TEST(SweepSchedule, RandomTakesOneOfEachCellInEveryBlock) {
  const auto order = run({SweepOrder::random, 5, 1}, std::vector<int>(5, 20));

  for (std::size_t block = 0; block < 20; ++block) {
    const auto begin = order.begin() + static_cast<std::ptrdiff_t>(block * 5);
    EXPECT_EQ(std::set<std::size_t>(begin, begin + 5).size(), 5U);
  }
}

TEST(SweepSchedule, RandomShufflesBlocksDifferently) {
  const auto order = run({SweepOrder::random, 8, 1}, std::vector<int>(8, 2));

  EXPECT_FALSE(std::equal(order.begin(), order.begin() + 8, order.begin() + 8));
}

TEST(SweepSchedule, RandomPutsEachCellFirstAboutEquallyOften) {
  const auto order = run({SweepOrder::random, 4, 1}, std::vector<int>(4, 4000));

  std::array<int, 4> first{};
  for (std::size_t i = 0; i < order.size(); i += 4) ++first[order[i]];

  // 1000 expected, standard deviation 27: five of them.
  for (const int count : first) EXPECT_NEAR(count, 1000, 137);
}

TEST(SweepSchedule, RandomDependsOnTheSeedAlone) {
  const auto order = [](std::uint64_t seed) {
    return run({SweepOrder::random, 6, seed}, {5, 4, 3, 6, 5, 4});
  };

  EXPECT_EQ(order(9), order(9));
  EXPECT_NE(order(9), order(10));
}

TEST(SweepSchedule, SkipsACellThatFinishesInTheMiddleOfABlock) {
  SweepSchedule schedule(SweepOrder::interleaved, 3, 1);
  schedule.next();
  schedule.finish(1);

  EXPECT_EQ(schedule.next(), 2U);
}

TEST(SweepSchedule, EndsWithoutCells) {
  EXPECT_EQ(SweepSchedule(SweepOrder::random, 0, 1).next(), std::nullopt);
}

TEST(SweepOrder, SuggestsTheNearestName) {
  const auto order = parse_sweep_order("randon");

  ASSERT_FALSE(order);
  EXPECT_EQ(order.error().hint, "did you mean \"random\"?");
}

}  // namespace
}  // namespace thaw
