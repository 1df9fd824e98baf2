// Damaged files must be read or refused, never crash or hang. Mutations come from a fixed random stream, so a failure
// repeats.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>

#include "core/random.h"
#include "record/dataset.h"

namespace thaw {
namespace {

constexpr int mutations = 200;

std::string damaged(std::string text, RandomStream& random) {
  constexpr std::string_view nasty = "\0\"{}[],\n\r#-+.eE9:\\\xff";
  const std::uint64_t edits = 1 + random.below(8);
  for (std::uint64_t i = 0; i < edits && !text.empty(); ++i) {
    const auto at = static_cast<std::size_t>(random.below(text.size()));
    const auto length =
        static_cast<std::size_t>(random.below(std::min<std::size_t>(text.size() - at, 64) + 1));
    switch (random.below(4)) {
      case 0:
        text[at] = nasty[static_cast<std::size_t>(random.below(nasty.size()))];
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(static_cast<std::size_t>(random.below(text.size())), length));
        break;
      default:
        text.resize(at);
        break;
    }
  }
  return text;
}

/// What every dataset promises, whatever the file was.
void expect_sound(const Dataset& dataset) {
  for (const Series& series : dataset.series) {
    ASSERT_EQ(series.values.size(), series.rows.size());
    for (const double value : series.values) ASSERT_TRUE(std::isfinite(value));
  }
  ASSERT_LE(dataset.failed, dataset.rows);
}

class ImportMutation : public testing::TestWithParam<std::string_view> {};

TEST_P(ImportMutation, IsReadOrRefused) {
  const Path original = Path(THAW_SOURCE_DIR) / "tests/fixtures" / GetParam();
  const auto content = read_file(original);
  ASSERT_TRUE(content);
  const auto temporary = TemporaryDirectory::create("thaw-mutation");
  ASSERT_TRUE(temporary);
  const bool is_markdown = original.extension() == ".md";
  Path values = original;
  values.replace_extension(".csv");
  if (is_markdown) std::filesystem::copy_file(values, temporary->path() / values.filename());
  const Path target = temporary->path() / original.filename();
  RandomStream random(7, "import mutation");

  for (int i = 0; i < mutations; ++i) {
    std::ofstream(target, std::ios::binary | std::ios::trunc) << damaged(*content, random);

    const auto datasets = load_datasets(target);

    if (!datasets) {
      EXPECT_FALSE(datasets.error().what.empty());
      EXPECT_NE(datasets.error().kind, ErrorKind::internal);
      continue;
    }
    for (const Dataset& dataset : *datasets) expect_sound(dataset);
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ImportMutation,
                         testing::Values("sharp/sleep_fast.csv", "sharp/sleep_fast.md", "sharp/older.csv",
                                         "sharp/older.md", "hyperfine/two_commands.json",
                                         "google_benchmark/three_benchmarks.json"));

}  // namespace
}  // namespace thaw
