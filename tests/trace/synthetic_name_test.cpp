#include "trace/synthetic_name.h"

#include <gtest/gtest.h>

#include "trace/azure_like.h"
#include "trace/files.h"
#include "trace/mixed_trace.h"

namespace thaw {
namespace {

using tests::expect_value;

/// A trace that is opened by its name.
Trace named(const std::string& name, const ReadOptions& options = {}) {
  return expect_value(load_trace(Path(name), options));
}

TEST(SyntheticName, OfAnAzureLikeTraceIsThatTrace) {
  const Trace trace = named("synth:azure2019:functions=50:invocations=20000:seed=7");
  const auto same = AzureLikeTrace::create({.functions = 50, .invocations = 20000, .seed = 7});
  const auto source = same->open();
  InvocationBlock first;
  ASSERT_TRUE(source->next(first));
  ASSERT_GT(first.size(), 0U);
  EXPECT_EQ(trace.invocations.size(), 20000U);
  EXPECT_EQ(trace.invocations.time_ms.front(), first.time_ms.front());
  EXPECT_EQ(trace.functions.back().memory_mb, same->functions().back().memory_mb);
}

TEST(SyntheticName, OfAMixedTraceIsThatTrace) {
  const Trace trace = named("synth:mixed:functions=50:invocations=5000:seed=7");
  const Trace same = make_mixed_trace({.functions = 50, .invocations = 5000, .seed = 7}).value();
  EXPECT_EQ(trace.invocations.time_ms, same.invocations.time_ms);
  EXPECT_EQ(trace.invocations.function, same.invocations.function);
}

TEST(SyntheticName, OfAToyTraceTakesItsOwnNumberOfInvocations) {
  EXPECT_EQ(named("synth:low-well").invocations.size(), 1000U);
  EXPECT_EQ(named("synth:prewarmable:invocations=7").invocations.size(), 7U);
}

TEST(SyntheticName, SelectsAWindow) {
  const std::string name = "synth:azure2019:functions=50:invocations=20000";
  const Trace all = named(name);
  const ReadOptions window{.begin_ms = 3.6e6, .end_ms = 7.2e6};
  const Trace hour = named(name, window);
  std::vector<double> expected;
  for (const double time : all.invocations.time_ms) {
    if (time >= window.begin_ms && time < window.end_ms) expected.push_back(time - window.begin_ms);
  }
  EXPECT_EQ(hour.invocations.time_ms, expected);
  ASSERT_FALSE(expected.empty());
}

TEST(SyntheticName, RefusesWhatItDoesNotKnow) {
  for (const char* name : {"synth:azure2018", "synth:azure2019:function=5", "synth:azure2019:functions=0",
                           "synth:azure2019:functions=5:invocations=3", "synth:low-well:functions=2",
                           "synth:", "synth:mixed:duration=0s"}) {
    const auto file = open_trace(Path(name));
    ASSERT_FALSE(file) << name;
    EXPECT_EQ(file.error().kind, ErrorKind::bad_usage) << name << ": " << render(file.error());
  }
}

TEST(SyntheticName, IsNoPath) {
  EXPECT_TRUE(is_synthetic_name("synth:mixed"));
  EXPECT_FALSE(is_synthetic_name("traces/synth:mixed"));
}

}  // namespace
}  // namespace thaw
