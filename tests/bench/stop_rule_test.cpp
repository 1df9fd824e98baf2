#include "bench/stop_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stats/reference_streams.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::vector<double> stream(std::string_view name, std::size_t count) {
  static const std::map<std::string_view, reference::Values (*)(std::size_t)> streams = {
      {"const10", reference::constant}, {"cyc5", reference::cycle},      {"ramp", reference::ramp},
      {"sine", reference::sine},        {"unif", reference::uniform},    {"norm", reference::normal},
      {"logn", reference::lognormal},   {"bimodal", reference::bimodal}, {"wide", reference::wide}};
  return streams.at(name)(count);
}

std::unique_ptr<StopRule> rule(std::string_view text, std::uint64_t seed = 1) {
  auto made = make_stop_rule(text, seed);
  EXPECT_TRUE(made) << (made ? "" : render(made.error()));
  return made ? std::move(*made) : nullptr;
}

Error refusal(std::string_view text) {
  auto made = make_stop_rule(text, 1);
  EXPECT_FALSE(made) << text;
  return made ? Error{} : made.error();
}

/// The repetition at which the rule stops when each brings one value and takes a second; 0 when it never does.
std::size_t stopped_at(std::string_view text, std::span<const double> values, std::uint64_t seed = 1) {
  const auto made = rule(text, seed);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (made->add(values.subspan(i, 1), std::chrono::seconds(i + 1)).stop) return i + 1;
  }
  return 0;
}

struct KnownStop {
  const char* rule;
  const char* stream;
  std::size_t repetition;
};

class KnownAnswers : public testing::TestWithParam<KnownStop> {};

TEST_P(KnownAnswers, StopAtTheSameRepetition) {
  const auto [text, name, repetition] = GetParam();

  EXPECT_EQ(stopped_at(text, stream(name, 1000)), repetition) << text << " on " << name;
}

std::string name_of(const testing::TestParamInfo<KnownStop>& info) {
  std::string name = fmt::format("{}_{}", info.param.rule, info.param.stream);
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rse, KnownAnswers,
                         testing::Values(KnownStop{"rse", "const10", 16}, KnownStop{"rse", "cyc5", 16},
                                         KnownStop{"rse", "ramp", 33}, KnownStop{"rse", "sine", 16},
                                         KnownStop{"rse", "unif", 16}, KnownStop{"rse", "norm", 16},
                                         KnownStop{"rse", "logn", 29}, KnownStop{"rse", "bimodal", 16},
                                         KnownStop{"rse", "wide", 100}),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Ci, KnownAnswers,
                         testing::Values(KnownStop{"ci", "const10", 16}, KnownStop{"ci", "cyc5", 18},
                                         KnownStop{"ci", "ramp", 100}, KnownStop{"ci", "sine", 16},
                                         KnownStop{"ci", "unif", 16}, KnownStop{"ci", "norm", 16},
                                         KnownStop{"ci", "logn", 100}, KnownStop{"ci", "bimodal", 100}),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Hdi, KnownAnswers,
                         testing::Values(KnownStop{"hdi", "const10", 16}, KnownStop{"hdi", "cyc5", 200},
                                         KnownStop{"hdi", "ramp", 200}, KnownStop{"hdi", "sine", 200},
                                         KnownStop{"hdi", "unif", 16}, KnownStop{"hdi", "norm", 200}),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Ks, KnownAnswers,
                         testing::Values(KnownStop{"ks", "const10", 5}, KnownStop{"ks", "cyc5", 10},
                                         KnownStop{"ks", "ramp", 1000}, KnownStop{"ks", "sine", 6},
                                         KnownStop{"ks", "unif", 108}, KnownStop{"ks", "norm", 188},
                                         KnownStop{"ks", "bimodal", 40}, KnownStop{"ks", "wide", 79}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Gmm, KnownAnswers,
                         testing::Values(KnownStop{"gmm", "const10", 33}, KnownStop{"gmm", "unif", 100},
                                         KnownStop{"gmm", "norm", 33}, KnownStop{"gmm", "logn", 100}),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Bb, KnownAnswers,
                         testing::Values(KnownStop{"bb", "const10", 200}, KnownStop{"bb", "ramp", 200},
                                         KnownStop{"bb", "sine", 21}, KnownStop{"bb", "unif", 22},
                                         KnownStop{"bb", "bimodal", 200}),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Decision, KnownAnswers,
                         testing::Values(KnownStop{"decision", "const10", 25},
                                         KnownStop{"decision", "ramp", 25}, KnownStop{"decision", "sine", 25},
                                         KnownStop{"decision", "unif", 25}, KnownStop{"decision", "norm", 25},
                                         KnownStop{"decision", "logn", 205},
                                         KnownStop{"decision", "bimodal", 405},
                                         KnownStop{"decision", "wide", 205},
                                         KnownStop{"decision:min=5,every=1", "const10", 5}),
                         name_of);

TEST(Count, StopsAtItsNumber) {
  const std::vector<double> values(9, 1.0);

  EXPECT_EQ(stopped_at("5", values), 5);
  EXPECT_EQ(stopped_at("count", values), 1);
  EXPECT_EQ(stopped_at("MAX:max=7", values), 7);
}

TEST(Count, HasNoHiddenCap) { EXPECT_EQ(stopped_at("1200", std::vector<double>(1300, 1.0)), 1200); }

TEST(Count, NeverStopsWithoutAMaximum) {
  EXPECT_EQ(stopped_at("count:max=none", std::vector<double>(5000, 1.0)), 0);
}

TEST(Duration, StopsWhenTheTimeHasPassed) {
  const auto made = rule("duration:1s");
  const double value = 1;

  EXPECT_FALSE(made->add({&value, 1}, 0s).stop);
  EXPECT_TRUE(made->add({&value, 1}, 1100ms).stop);
}

TEST(Rules, CountRepetitionsAndNotValuesAgainstTheirLimits) {
  const auto made = rule("ci:min=5,max=10");
  const std::vector<double> copies(4, 10.0);

  std::size_t repetitions = 0;
  while (!made->add(copies, 1s).stop) ++repetitions;

  EXPECT_EQ(repetitions + 1, 6);
}

TEST(Rules, IgnoreARepetitionWithoutValuesButCountIt) {
  const auto made = rule("rse:max=8");
  std::size_t repetitions = 1;
  while (!made->add({}, 1s).stop) ++repetitions;

  EXPECT_EQ(repetitions, 8);
}

TEST(Rules, RunOnWithoutAMaximum) {
  EXPECT_EQ(stopped_at("rse:max=0,threshold=1e-9", stream("unif", 3000)), 0);
  EXPECT_EQ(stopped_at("hdi:max=none", stream("cyc5", 3000)), 0);
}

TEST(Rules, StopAtTheMaximumEvenBelowTheDefaultMinimum) {
  EXPECT_EQ(stopped_at("ci:max=10", stream("wide", 100)), 10);
}

TEST(RelativeStandardError, IsAbsoluteForAMeanOfZero) {
  const std::vector<double> values = {-1, 1, -1, 1, -1, 1, -1, 1};

  EXPECT_EQ(stopped_at("rse:min=1,threshold=0.5", values), 6);
}

TEST(BlockBootstrap, NeverStopsBeforeItHasTwoSetsOfResamples) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_GE(stopped_at("bb:threshold=1e9", stream("unif", 100), seed), 21);
  }
}

TEST(BlockBootstrap, CountsValuesAndNotRepetitions) {
  const auto made = rule("bb:threshold=1e9");
  std::size_t repetitions = 0;
  bool stopped = false;
  while (!stopped) {
    const auto copies = stream("unif", 7 * (repetitions + 1));
    stopped = made->add(std::span(copies).last(7), 1s).stop;
    ++repetitions;
  }

  EXPECT_EQ(repetitions, 4);  // 21 values give the first resamples, 28 the second.
}

TEST(BlockBootstrap, DependsOnItsSeedOnly) {
  EXPECT_EQ(stopped_at("bb", stream("norm", 200), 3), stopped_at("bb", stream("norm", 200), 3));
  std::set<std::size_t> stops;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) stops.insert(stopped_at("bb", stream("norm", 200), seed));
  EXPECT_GT(stops.size(), 1);
}

TEST(MixtureFit, WaitsForComponentsTimesCovariances) {
  EXPECT_EQ(stopped_at("gmm:components=4,covariances=full+tied,goodness=0", stream("norm", 100)), 20);
  EXPECT_EQ(stopped_at("gmm:min=1,components=4,covariances=full+tied,goodness=0", stream("norm", 100)), 9);
  EXPECT_EQ(stopped_at("gmm:min=50,goodness=0", stream("norm", 100)), 50);
}

TEST(MixtureFit, TreatsSphericalDiagonalAndFullAlike) {
  for (const char* name : {"wide", "bimodal"}) {
    EXPECT_EQ(stopped_at("gmm:covariances=full,components=5", stream(name, 100)),
              stopped_at("gmm:covariances=diag,components=5", stream(name, 100)));
  }
}

TEST(Precision, StopsWhenTheIntervalOfTheMedianIsNarrow) {
  // Of 20 values the interval between the 6th and the 15th covers the median with 95.9 %.
  std::vector<double> values;
  for (int i = 0; i < 20; ++i) values.push_back(1000 + i);
  const auto last_answer = [&](double width) {
    const auto made = rule(fmt::format("precision:width={},min=19", width));
    bool stop = false;
    for (const double value : values) stop = made->add({&value, 1}, 1s).stop;
    return stop;
  };

  EXPECT_TRUE(last_answer(9 / 1009.5 + 1e-9));
  EXPECT_FALSE(last_answer(9 / 1009.5 - 1e-9));
}

TEST(Precision, IgnoresOutliersOfAnySize) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 10 == 9 ? 1e9 : 100 + 0.01 * i);

  EXPECT_EQ(stopped_at("precision", values), 16);
  EXPECT_EQ(stopped_at("precision:method=bootstrap", values), 16);
}

TEST(Precision, RunsToItsMaximumOnWideValues) {
  EXPECT_EQ(stopped_at("precision:max=150", stream("wide", 200)), 150);
}

TEST(Budget, StopsWhenItsTimeIsUsedUp) { EXPECT_EQ(stopped_at("budget:20s", stream("wide", 100)), 20); }

TEST(Budget, StartsNoRepetitionThatWouldEndTooLate) {
  // Each takes a second: the 21st would end after 20.5 s.
  EXPECT_EQ(stopped_at("budget:20500ms", stream("wide", 100)), 20);
  const auto made = rule("budget:1m");
  const double value = 1;
  EXPECT_TRUE(made->add({&value, 1}, 40s).stop);
}

TEST(Budget, StopsEarlyOnlyAtItsTargetOrWhenNothingIsLeftToGain) {
  EXPECT_EQ(stopped_at("budget:1h,width=0.05", stream("norm", 500)),
            stopped_at("precision:width=0.05,min=30", stream("norm", 500)));
  EXPECT_EQ(stopped_at("budget:1h", stream("norm", 500)), 0);
  EXPECT_EQ(stopped_at("budget:1h", stream("const10", 500)), 31);
}

TEST(MetaRule, AsksTheRuleThatSuitsTheValues) {
  const auto reason_at_25 = [](std::string_view text, std::string_view name) {
    const auto made = rule(text);
    Decision last;
    for (const double value : stream(name, 25)) last = made->add({&value, 1}, 1s);
    return last.reason;
  };

  EXPECT_THAT(reason_at_25("decision", "const10"), HasSubstr("look constant"));
  EXPECT_THAT(reason_at_25("decision", "ramp"), HasSubstr("look monotonic"));
  EXPECT_THAT(reason_at_25("decision", "sine"), HasSubstr("look autocorrelated: means of resamples"));
  EXPECT_THAT(reason_at_25("decision", "unif"), HasSubstr("look gaussian: half width"));
  EXPECT_THAT(reason_at_25("decision:mean_threshold=0.1", "unif"), HasSubstr("look constant"));
  EXPECT_THAT(reason_at_25("decision", "wide"), HasSubstr("look lognormal: interval"));
  EXPECT_THAT(reason_at_25("decision", "bimodal"), HasSubstr("look unknown"));
}

TEST(MetaRule, LooksOnlyNowAndThen) {
  EXPECT_EQ(stopped_at("decision:min=5,every=1", stream("const10", 100)), 5);
  EXPECT_EQ(stopped_at("decision:starting_sample=7,test_after=4,ci_threshold=0.01", stream("norm", 100)) % 4,
            3);
}

TEST(MetaRule, PassesParametersToTheRulesItAsks) {
  EXPECT_EQ(stopped_at("decision:hdi_threshold=100", stream("wide", 100)), 25);
  EXPECT_EQ(stopped_at("decision:hdi_max=40", stream("wide", 100)), 45);
}

TEST(StopRules, DecideAlikeHoweverOftenTheyAreAsked) {
  for (const StopRuleEntry& entry : stop_rules()) {
    for (const char* name : {"cyc5", "norm", "logn", "bimodal", "wide"}) {
      const auto values = stream(name, 90);
      const auto always = rule(entry.name);
      const auto seldom = rule(entry.name);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const Decision expected = always->add({&values[i], 1}, 1ms * i);
        seldom->take({&values[i], 1}, 1ms * i);
        if (i % 13 != 12) continue;
        const Decision decision = seldom->decide();
        EXPECT_EQ(decision.stop, expected.stop) << entry.name << ' ' << name << ' ' << i;
        EXPECT_EQ(decision.reason, expected.reason) << entry.name << ' ' << name << ' ' << i;
      }
    }
  }
}

TEST(MakeStopRule, AcceptsNamesAndParametersOfThePredecessorInAnyCase) {
  EXPECT_EQ(rule("SE")->describe(), "rse:threshold=0.1,min=15,max=100");
  EXPECT_EQ(rule("ci:ci_limit=0.9,CI_threshold=0.02,starting_sample=3")->describe(),
            "ci:threshold=0.02,level=0.9,min=3,max=100");
  EXPECT_EQ(rule("HDI:hdi_limit=0.5,error_threshold=0.2,min=9,max=20")->describe(),
            "hdi:threshold=0.2,level=0.5,min=9,max=20");
  EXPECT_EQ(rule("ks:ks_threshold=0.3")->describe(), "ks:threshold=0.3,min=5,max=1000");
  EXPECT_EQ(rule("duration:90s")->describe(), "duration:time=90s");
}

TEST(MakeStopRule, ReadsBackWhatARuleDescribes) {
  for (const StopRuleEntry& entry : stop_rules()) {
    const std::string described = rule(entry.name)->describe();
    EXPECT_EQ(rule(described)->describe(), described);
  }
}

TEST(MakeStopRule, SuggestsTheNearestRule) {
  const Error error = refusal("hdj");

  EXPECT_EQ(error.kind, ErrorKind::bad_usage);
  EXPECT_THAT(error.hint, HasSubstr("hdi"));
}

TEST(MakeStopRule, SuggestsTheNearestParameter) {
  const Error error = refusal("ci:treshold=0.1");

  EXPECT_EQ(error.kind, ErrorKind::bad_usage);
  EXPECT_THAT(error.hint, HasSubstr("threshold"));
}

TEST(MakeStopRule, RefusesBadValues) {
  for (const char* text :
       {"ci:level=1.5", "ci:threshold=narrow", "rse:min=-1", "rse:max=ten", "duration:10", "0", "-3",
        "ks:threshold=2", "ci:min=30,max=20", "ci:min=3,starting_sample=4", "count:"}) {
    EXPECT_EQ(refusal(text).kind, ErrorKind::bad_usage) << text;
  }
}

TEST(Decision, TellsTheNumbersBehindIt) {
  const auto made = rule("rse");
  Decision last;
  for (const double value : stream("cyc5", 16)) last = made->add({&value, 1}, 1s);

  EXPECT_EQ(last.reason, "relative standard error 0.03158 <= 0.1");
  EXPECT_EQ(last.progress, 1);
}

TEST(Decision, TellsAMaximumFromAnAnswer) {
  for (const char* text : {"ci:max=20", "bb:max=20", "precision:max=20"}) {
    const auto made = rule(text);
    Decision last;
    for (const double value : stream("bimodal", 25)) {
      last = made->add({&value, 1}, 1s);
      if (last.stop) break;
    }
    EXPECT_TRUE(last.stop && last.is_limit) << text;
  }
  EXPECT_EQ(stopped_at("decision:max=40", stream("logn", 100)), 45);
  EXPECT_FALSE(rule("count")->add({}, 1s).is_limit);
}

TEST(Decision, ReportsProgressBetweenZeroAndOne) {
  for (const StopRuleEntry& entry : stop_rules()) {
    const auto made = rule(entry.name);
    for (const double value : stream("wide", 60)) {
      const auto [stop, reason, progress, is_limit] = made->add({&value, 1}, 1ms);
      EXPECT_TRUE(std::isnan(progress) || (progress >= 0 && progress <= 1)) << entry.name << ' ' << progress;
      if (stop) break;
    }
  }
}

}  // namespace
}  // namespace thaw
