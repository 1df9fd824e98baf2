#include "record/gzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "record/dataset.h"
#include "record/run_folder.h"

namespace thaw {
namespace {

/// What `gzip -n` makes of "v\n1\n2\n3\n".
constexpr std::string_view packed_numbers(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x2b\xe3\x32\xe4\x32\xe2\x32\xe6\x02\x00\x4b\xed\xf0\x6d"
    "\x08\x00\x00\x00",
    28);

TEST(Gunzip, ReadsWhatGzipWrote) { EXPECT_EQ(gunzip(packed_numbers, "x").value(), "v\n1\n2\n3\n"); }

TEST(Gunzip, ReadsAllMembers) {
  const std::string twice = std::string(packed_numbers) + std::string(packed_numbers);

  EXPECT_EQ(gunzip(twice, "x").value(), "v\n1\n2\n3\nv\n1\n2\n3\n");
}

TEST(Gunzip, RefusesEveryFileThatIsCutOff) {
  for (std::size_t length = 2; length < packed_numbers.size(); ++length) {
    const auto content = gunzip(packed_numbers.substr(0, length), "x.gz");

    ASSERT_FALSE(content) << length;
    EXPECT_EQ(content.error().what, "the compressed file is cut off") << length;
    EXPECT_EQ(content.error().where, "x.gz");
  }
}

TEST(Gunzip, RefusesADamagedFile) {
  std::string damaged(packed_numbers);
  damaged[21] ^= 1;  // The check sum of the content.

  EXPECT_EQ(gunzip(damaged, "x.gz").error().what, "the compressed file is damaged");
}

TEST(LoadDatasets, ReadsACompressedFile) {
  const auto folder = TemporaryDirectory::create("thaw-gzip");
  std::ofstream(folder->path() / "v.csv.gz", std::ios::binary) << packed_numbers;

  const auto dataset = load_dataset(folder->path() / "v.csv.gz");

  ASSERT_TRUE(dataset) << render(dataset.error());
  EXPECT_THAT(dataset->series.at(0).values, testing::ElementsAre(1, 2, 3));
}

TEST(RunFolder, IsNotContinuedWhileItsSamplesAreCompressed) {
  const auto folder = TemporaryDirectory::create("thaw-gzip");
  std::ofstream(folder->path() / "samples.csv.gz", std::ios::binary) << packed_numbers;

  EXPECT_THAT(RunFolder::reopen(folder->path()).error().hint, testing::HasSubstr("gunzip"));
}

}  // namespace
}  // namespace thaw
