#include "functions/swapbytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "functions/functions.h"
#include "functions/stepping_clock.h"

namespace thaw::functions {
namespace {

using testing::StartsWith;

std::vector<unsigned char> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::uint32_t fletcher32(std::string_view text) {
  Fletcher32 sum;
  sum.add(bytes_of(text));
  return sum.value();
}

Result<std::string> swapbytes(std::vector<std::string> args, bool may_use_files = true) {
  SteppingClock clock(std::chrono::milliseconds(1));
  return (*find_function("swapbytes"))
      ->run({.clock = clock, .args = std::move(args), .is_served = true, .may_use_files = may_use_files});
}

TEST(SwapBytePairs, ExchangesNeighbours) {
  auto bytes = bytes_of("badcfe");

  swap_byte_pairs(bytes);

  EXPECT_EQ(bytes, bytes_of("abcdef"));
}

TEST(SwapBytePairs, LeavesAnOddLastByte) {
  auto bytes = bytes_of("bax");

  swap_byte_pairs(bytes);

  EXPECT_EQ(bytes, bytes_of("abx"));
}

// The usual test vectors of the checksum.
TEST(Fletcher32, MatchesKnownAnswers) {
  EXPECT_EQ(fletcher32("abcde"), 0xF04FC729U);
  EXPECT_EQ(fletcher32("abcdef"), 0x56502D2AU);
  EXPECT_EQ(fletcher32("abcdefgh"), 0xEBE19591U);
}

TEST(Fletcher32, IsTheSameInPiecesOfEvenLength) {
  const std::string text(10'000, '\xf7');
  Fletcher32 pieces;
  pieces.add(bytes_of(text.substr(0, 4096)));
  pieces.add(bytes_of(text.substr(4096)));

  EXPECT_EQ(pieces.value(), fletcher32(text));
}

TEST(Fletcher32, DoesNotOverflowOnLargeWords) {
  // Every word is 65535, which is 0 modulo 65535.
  EXPECT_EQ(fletcher32(std::string(1 << 20, '\xff')), 0U);
}

TEST(Swapbytes, SwapsOneMebibyteByDefault) {
  EXPECT_THAT(*swapbytes({}), StartsWith("swapped 1048576 bytes, checksum "));
}

TEST(Swapbytes, GeneratesTheSameBytesEveryTime) {
  EXPECT_EQ(swapbytes({"2"}).value(), swapbytes({"2"}).value());
}

TEST(Swapbytes, WritesTheSwappedFile) {
  const auto folder = TemporaryDirectory::create("swapbytes-test");
  ASSERT_TRUE(folder);
  const Path in = folder->path() / "in";
  const Path out = folder->path() / "out";
  ASSERT_TRUE(write_file_atomically(in, "badcfex"));

  const auto output = swapbytes({in.string(), out.string()});

  ASSERT_TRUE(output);
  EXPECT_THAT(*output, StartsWith("swapped 7 bytes, checksum "));
  EXPECT_EQ(read_file(out), "abcdefx");
}

TEST(Swapbytes, SumsTheSwappedBytes) {
  const auto folder = TemporaryDirectory::create("swapbytes-test");
  ASSERT_TRUE(folder);
  const Path in = folder->path() / "in";
  ASSERT_TRUE(write_file_atomically(in, "badcfe"));

  EXPECT_THAT(*swapbytes({in.string()}), StartsWith("swapped 6 bytes, checksum 56502d2a\n"));
}

TEST(Swapbytes, NamesAnAbsentFile) {
  const auto output = swapbytes({"/nowhere/file"});

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().kind, ErrorKind::environment);
  EXPECT_EQ(output.error().where, "/nowhere/file");
}

TEST(Swapbytes, OpensNoFileForAnUntrustedCaller) {
  const auto output = swapbytes({"/etc/hostname"}, false);

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().kind, ErrorKind::bad_usage);
}

TEST(Swapbytes, LimitsTheGeneratedSize) { EXPECT_FALSE(swapbytes({"100000"})); }

}  // namespace
}  // namespace thaw::functions
