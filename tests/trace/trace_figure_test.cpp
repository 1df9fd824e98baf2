#include "trace/trace_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trace/toy_traces.h"
#include "trace/writer.h"

namespace thaw {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string figure_of(Trace trace) {
  const auto file = as_trace_file(std::move(trace));
  return draw_trace(profile(*file).value(), file->functions());
}

TEST(TraceFigure, ShowsRatePopularityDurationsAndMemory) {
  const std::string svg = figure_of((*find_toy_trace("lambda"))->make(1000, 1));
  for (const char* title : {"Invocations per second", "Share of invocations", "Execution time", "Memory"})
    EXPECT_THAT(svg, HasSubstr(title));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(TraceFigure, OfAnEmptyTraceHasNoInvalidNumber) {
  const std::string svg = figure_of({});
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(TraceFigure, OfOneInvocationHasNoInvalidNumber) {
  const std::string svg = figure_of((*find_toy_trace("low-well"))->make(1, 1));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(TraceFigure, IsTheSameForTheSameTrace) {
  EXPECT_EQ(figure_of((*find_toy_trace("planned"))->make(90, 1)),
            figure_of((*find_toy_trace("planned"))->make(90, 1)));
}

}  // namespace
}  // namespace thaw
