// The corpus of every fuzzer, what once went wrong included, as ordinary tests.

#include <gtest/gtest.h>

#include <filesystem>

#include "core/files.h"
#include "fuzz/targets.h"

namespace thaw {
namespace {

const Path corpus = Path(THAW_SOURCE_DIR) / "tests/fuzz/corpus";

class Corpus : public testing::TestWithParam<fuzz::Target> {};

std::string name_of_target(const testing::TestParamInfo<fuzz::Target>& test) {
  return std::string(test.param.name);
}

TEST_P(Corpus, IsReadWithoutACrash) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus / GetParam().name)) {
    const auto bytes = read_file(entry.path());
    ASSERT_TRUE(bytes);
    GetParam().run(*bytes);
    ++files;
  }
  EXPECT_GT(files, 0U);
}

/// A cut anywhere must be an error or a shorter trace, never more.
TEST_P(Corpus, IsReadWithoutACrashWhenCutAnywhere) {
  for (const auto& entry : std::filesystem::directory_iterator(corpus / GetParam().name)) {
    const auto bytes = read_file(entry.path());
    ASSERT_TRUE(bytes);
    const std::size_t step = bytes->size() / 400 + 1;
    for (std::size_t size = 0; size < bytes->size(); size += step) GetParam().run(bytes->substr(0, size));
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, Corpus, testing::ValuesIn(fuzz::targets().begin(), fuzz::targets().end()),
                         name_of_target);

}  // namespace
}  // namespace thaw
