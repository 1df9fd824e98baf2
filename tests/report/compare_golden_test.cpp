// Whole outputs of comparisons and statistics. See golden.h for how to renew the expected files.

#include <gtest/gtest.h>

#include "report/compare_text.h"
#include "report/golden.h"
#include "report/stats_text.h"

namespace thaw {
namespace {

using testing_support::expect_golden;

/// A fixture whose source does not depend on where the tree lies.
Dataset fixture(const std::string& name) {
  Dataset dataset = *load_dataset(Path(THAW_SOURCE_DIR) / "tests/fixtures" / name);
  dataset.source = name;
  return dataset;
}

Comparison slowdown() {
  return *compare({fixture("sharp/sleep_fast.csv"), fixture("sharp/sleep_slow.csv")},
                  {.gates = *parse_gates("p99 > +5%, failed > 0")});
}

TEST(CompareGolden, Table) { expect_golden("compare/slowdown.txt", render(slowdown(), TableFormat::text)); }

TEST(CompareGolden, Markdown) {
  expect_golden("compare/slowdown.md", render(slowdown(), TableFormat::markdown));
}

TEST(CompareGolden, Csv) { expect_golden("compare/slowdown.csv", render(slowdown(), TableFormat::csv)); }

TEST(CompareGolden, Json) { expect_golden("compare/slowdown.json", render(slowdown(), TableFormat::json)); }

TEST(CompareGolden, SeveralCandidates) {
  const auto comparison = compare(
      {fixture("sharp/sleep_fast.csv"), fixture("sharp/sleep_slow.csv"), fixture("sharp/nope_test.csv")});

  ASSERT_TRUE(comparison);
  expect_golden("compare/three.txt", render(*comparison, TableFormat::text));
}

TEST(CompareGolden, Pairs) {
  const auto comparison =
      compare({fixture("sharp/sleep_slow.csv"), fixture("sharp/sleep_fast.csv")}, {.paired = true});

  ASSERT_TRUE(comparison);
  expect_golden("compare/paired.txt", render(*comparison, TableFormat::text));
}

TEST(CompareGolden, TooFewValues) {
  const auto comparison = compare({fixture("hyperfine/failing.json"), fixture("sharp/sleep_fast.csv")});

  ASSERT_TRUE(comparison);
  expect_golden("compare/not_comparable.txt", render(*comparison, TableFormat::text));
}

TEST(StatsGolden, Summary) {
  const Dataset dataset = fixture("sharp/sleep_slow.csv");

  expect_golden("stats/summary.json", render_summary(*sample_of(dataset), TableFormat::json));
  expect_golden("stats/summary.txt", render_summary(*sample_of(dataset), TableFormat::text));
  expect_golden("stats/summary.csv", render_summary(*sample_of(dataset), TableFormat::csv));
}

TEST(StatsGolden, Classification) {
  const Dataset dataset = fixture("sharp/sleep_slow.csv");

  expect_golden("stats/classification.json", render_classification(*sample_of(dataset), TableFormat::json));
  expect_golden("stats/classification.txt", render_classification(*sample_of(dataset), TableFormat::text));
}

TEST(StatsGolden, Comparison) {
  expect_golden("stats/comparison.json", render_stats_comparison(slowdown(), TableFormat::json));
}

}  // namespace
}  // namespace thaw
