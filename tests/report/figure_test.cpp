#include "report/figure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace thaw {
namespace {

Figure cold_figure(std::vector<FigureSeries> series) {
  return {.name = "cold",
          .title = "Cold starts",
          .x = {.title = "memory", .unit = "MB"},
          .y = {.title = "cold", .unit = "%"},
          .series = std::move(series)};
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Figure, HasATitleUnitsOnBothAxesAndATextAlternative) {
  const std::string svg = draw(cold_figure({{.name = "lru", .points = {{1, 2}, {2, 1}}}}));
  EXPECT_TRUE(holds(svg, "<title>Cold starts</title>"));
  EXPECT_TRUE(holds(svg, ">memory [MB]</text>"));
  EXPECT_TRUE(holds(svg, ">cold [%]</text>"));
  EXPECT_TRUE(holds(svg, "aria-label=\"Cold starts: cold [%] against memory [MB], for lru\""));
}

TEST(Figure, ShowsHostileNamesAsText) {
  const std::string svg = draw(cold_figure({{.name = "</script><b>\"'&", .points = {{1, 2}}}}));
  EXPECT_FALSE(holds(svg, "<b>"));
  EXPECT_TRUE(holds(svg, "&lt;/script&gt;&lt;b&gt;&quot;&#39;&amp;"));
}

TEST(Figure, MarksASinglePoint) {
  const std::string svg = draw(cold_figure({{.name = "lru", .points = {{400, 0}}}}));
  EXPECT_EQ(count_of(svg, "<circle"), 1U);
  EXPECT_FALSE(holds(svg, "nan"));
}

TEST(Figure, InterruptsALineWhereAValueIsMissing) {
  const std::string svg = draw(cold_figure({{.name = "lru", .points = {{1, 1}, {2, NAN}, {3, 1}, {4, 2}}}}));
  EXPECT_EQ(count_of(svg, "<circle"), 3U);
  EXPECT_FALSE(holds(svg, "nan"));
}

TEST(Figure, SaysThatItHasNoData) { EXPECT_TRUE(holds(draw(cold_figure({})), ">no data</text>")); }

TEST(Figure, SaysThatAnAxisIsLogarithmic) {
  Figure figure = cold_figure({{.name = "lru", .points = {{1, 0.5}, {2, 500}, {3, 0}}}});
  figure.y.scale = FigureScale::logarithmic;
  const std::string svg = draw(figure);
  EXPECT_TRUE(holds(svg, ">cold [%], logarithmic</text>"));
  EXPECT_EQ(count_of(svg, "<circle"), 2U);
}

TEST(Figure, NamesNoHostBesideTheSvgNamespace) {
  const std::string svg = draw(cold_figure({{.name = "lru", .points = {{1, 2}}}}));
  EXPECT_EQ(count_of(svg, "http"), 1U);
  EXPECT_EQ(count_of(svg, "xmlns=\"http://www.w3.org/2000/svg\""), 1U);
}

TEST(Figure, GivesEqualBytesForEqualValues) {
  const Figure figure = cold_figure({{.name = "lru", .points = {{1, 2}, {3, 4}}}});
  EXPECT_EQ(draw(figure), draw(figure));
}

TEST(Figure, DrawsTheKnownLine) {
  const std::string svg = draw(cold_figure({{.name = "lru", .points = {{0, 0}, {100, 10}}}}));
  EXPECT_TRUE(holds(svg, "d=\"M72.0,310.0L560.0,40.0\""));
}

TEST(DistributionOf, RisesFromZeroToOne) {
  const FigureSeries series = distribution_of("lru", {3, 1, NAN, 2, 2});
  ASSERT_EQ(series.points.size(), 5U);
  EXPECT_EQ(series.points.front().x, 1);
  EXPECT_EQ(series.points.front().y, 0);
  EXPECT_EQ(series.points[1].y, 0.25);
  EXPECT_EQ(series.points.back().x, 3);
  EXPECT_EQ(series.points.back().y, 1);
}

TEST(DistributionOf, ThinsManyValuesAndKeepsTheLargest) {
  std::vector<double> values;
  for (int i = 0; i < 10'001; ++i) values.push_back(i);
  const FigureSeries series = distribution_of("lru", values);
  EXPECT_LE(series.points.size(), 402U);
  EXPECT_EQ(series.points.back().x, 10'000);
  EXPECT_EQ(series.points.back().y, 1);
}

TEST(ScaleFor, IsLogarithmicAboveTwoDecadesWithoutZeros) {
  EXPECT_EQ(scale_for({{.name = "a", .points = {{0, 1}, {1, 1000}}}}), FigureScale::logarithmic);
  EXPECT_EQ(scale_for({{.name = "a", .points = {{0, 0}, {1, 1000}}}}), FigureScale::from_zero);
  EXPECT_EQ(scale_for({{.name = "a", .points = {{0, 1}, {1, 50}}}}), FigureScale::from_zero);
}

}  // namespace
}  // namespace thaw
