#pragma once
// Expected outputs as files under tests/golden/. THAW_UPDATE_GOLDEN=1 rewrites them; review shows the difference.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>

#include "core/files.h"
#include "core/text.h"

namespace thaw::testing_support {

/// The end of the number that begins at `at`, or `at` when there is none.
inline std::size_t number_end(std::string_view text, std::size_t at) {
  const bool follows_word = at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
  if (follows_word) return at;
  std::size_t end = at;
  for (std::size_t length = 1; at + length <= text.size() && length < 32; ++length) {
    const char last = text[at + length - 1];
    if (std::string_view("0123456789+-.eE").find(last) == std::string_view::npos) break;
    if (parse_number(text.substr(at, length))) end = at + length;
  }
  return end;
}

/// Equal texts, with numbers allowed to differ in their last digits: libraries of mathematics round differently.
inline testing::AssertionResult same_but_for_rounding(std::string_view expected, std::string_view actual) {
  std::size_t i = 0, j = 0;
  while (i < expected.size() && j < actual.size()) {
    const std::size_t end_i = number_end(expected, i), end_j = number_end(actual, j);
    if (end_i > i && end_j > j) {
      const double a = *parse_number(expected.substr(i, end_i - i)),
                   b = *parse_number(actual.substr(j, end_j - j));
      if (std::fabs(a - b) > 1e-9 * std::max(std::fabs(a), std::fabs(b))) break;
      i = end_i;
      j = end_j;
    } else if (expected[i] == actual[j]) {
      ++i;
      ++j;
    } else {
      break;
    }
  }
  if (i == expected.size() && j == actual.size()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "they part at:\n  expected …" << expected.substr(i, 60)
                                     << "\n  actual   …" << actual.substr(j, 60);
}

/// Compares with tests/golden/<name>.
inline void expect_golden(std::string_view name, const std::string& actual) {
  const Path path = Path(THAW_SOURCE_DIR) / "tests/golden" / name;
  if (environment_variable("THAW_UPDATE_GOLDEN")) {
    std::filesystem::create_directories(path.parent_path());
    const auto written = write_file_atomically(path, actual);
    ASSERT_TRUE(written) << render(written.error());
    return;
  }
  const auto expected = read_file(path);
  ASSERT_TRUE(expected) << "no expected output; run with THAW_UPDATE_GOLDEN=1 and review " << path;
  EXPECT_TRUE(same_but_for_rounding(*expected, actual)) << path;
}

}  // namespace thaw::testing_support
