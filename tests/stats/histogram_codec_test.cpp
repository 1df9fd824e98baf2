#include "stats/histogram_codec.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace thaw {
namespace {

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

/// Cookie, length of the counts, offset, digits, lowest 1, highest 3.6e12 = 0x34630b8a000, ratio 1.0, counts.
std::string encoding(std::string_view counts, std::string_view digits = "00000003") {
  return from_hex(fmt::format("1c849313{:08x}00000000{}00000000000000010000034630b8a0003ff0000000000000{}",
                              counts.size() / 2, digits, counts));
}

Histogram histogram_of(const std::vector<std::int64_t>& values, const HistogramRange& range = {}) {
  Histogram histogram = Histogram::create(range).value();
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

// Bins 0 … 2047 hold the values 0 … 2047. A count c is the zigzag number 2c, a run of z > 1 empty bins is -z
// and so the zigzag number 2z - 1; seven bits a byte, lowest first: 2·997 - 1 = 1993 = 15·128 + 73 is c9 0f.
TEST(HistogramEncoding, MatchesBytesDerivedByHand) {
  EXPECT_EQ(to_hex(encode(histogram_of({1, 2, 2, 1000}))), to_hex(encoding("000204c90f02")));
}

TEST(HistogramEncoding, OfNothingIsTheHeader) { EXPECT_EQ(encode(histogram_of({})), encoding("")); }

TEST(HistogramEncoding, UsesNineBytesForTheLargestCount) {
  Histogram histogram = Histogram::create().value();
  histogram.record_n(0, std::numeric_limits<std::int64_t>::max());

  // Zigzag 2⁶⁴ - 2: the ninth byte carries eight bits.
  EXPECT_EQ(to_hex(encode(histogram)), to_hex(encoding("feffffffffffffffff")));
  EXPECT_EQ(decode_histogram(encode(histogram))->count(), histogram.count());
}

TEST(HistogramEncoding, MovesValuesOutsideTheRangeIntoTheNearestBin) {
  const Histogram histogram = histogram_of({-5, 3, 5000}, {.lowest = 1, .highest = 1000});
  const Histogram decoded = decode_histogram(encode(histogram)).value();

  EXPECT_EQ(decoded.count(), 3U);
  EXPECT_EQ(decoded.count_at(0), 1U);
  EXPECT_EQ(decoded.count_at(decoded.last_in_range()), 1U);
}

TEST(HistogramDecoding, RestoresEveryBin) {
  for (const int digits : {1, 3, 5}) {
    Histogram histogram =
        Histogram::create({.lowest = 10, .highest = 1LL << 50, .significant_digits = digits}).value();
    RandomStream stream(1, "test.histogram");
    for (int i = 0; i < 3000; ++i) {
      histogram.record_n(static_cast<std::int64_t>(std::exp2(50 * stream.uniform())), stream.below(1 << 20));
    }

    const Histogram decoded = decode_compressed_histogram(encode_compressed(histogram)).value();

    EXPECT_EQ(decoded.range(), histogram.range());
    EXPECT_EQ(decoded.bins(), histogram.bins());
  }
}

TEST(HistogramDecoding, ReadsWhatAnotherImplementationWrote) {
  // Python package hdrhistogram 0.10: 1, 2, 2, 1000, 123456, 5000000, 3000000000 recorded into (1, 3.6e12,
  // 3).
  const std::string bytes =
      from_base64("HISTFAAAADF4nJNpmSzMwMAgwAABzFCaEch0M9ixgMH+A1SAieUkP9P+PKbPIUwLJzMyAQC5qgjr").value();
  const Histogram histogram = decode_compressed_histogram(bytes).value();

  EXPECT_EQ(histogram.bins(), histogram_of({1, 2, 2, 1000, 123456, 5000000, 3000000000}).bins());
  EXPECT_EQ(histogram.quantile(0.99), 3001024511);
}

TEST(HistogramDecoding, RefusesDamagedBytes) {
  const std::string good = encoding("000204c90f02");

  EXPECT_FALSE(decode_histogram(""));
  EXPECT_FALSE(decode_histogram(good.substr(0, 39)));
  EXPECT_FALSE(decode_histogram(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(decode_histogram("x" + good));
  EXPECT_FALSE(decode_histogram(encoding("0002c9")));              // A number without its end.
  EXPECT_FALSE(decode_histogram(encoding("ffffffffffffffffff")));  // More empty bins than any range has.
  EXPECT_FALSE(decode_histogram(encoding("02", "00000009")));      // Nine digits.
  EXPECT_FALSE(decode_compressed_histogram(from_hex("1c84931400000004deadbeef")));
  EXPECT_FALSE(decode_compressed_histogram(from_hex("1c849314000000ff00")));
}

TEST(HistogramDecoding, AcceptsAsManyEmptyBinsAsTheRangeHas) {
  EXPECT_TRUE(decode_histogram(encoding("ff8f04")));     // 33 792 of them.
  EXPECT_FALSE(decode_histogram(encoding("819004")));    // One more.
  EXPECT_FALSE(decode_histogram(encoding("ff8f0402")));  // A count after the last bin.
}

TEST(HistogramDecoding, RefusesEveryTruncation) {
  const std::string whole = encode_compressed(histogram_of({1, 2, 2, 1000, 5'000'000}));

  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode_compressed_histogram(whole.substr(0, size))) << size;
  }
}

// The test vectors of RFC 4648, section 10.
TEST(Base64, MatchesTheStandardsVectors) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, ReadsBackEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));

  for (std::size_t size = 0; size <= all.size(); ++size) {
    EXPECT_EQ(from_base64(to_base64(all.substr(0, size))).value(), all.substr(0, size));
  }
}

TEST(Base64, RefusesOtherText) {
  EXPECT_FALSE(from_base64("Zg="));
  EXPECT_FALSE(from_base64("Z!=="));
  EXPECT_FALSE(from_base64("Zg==Zg=="));
  EXPECT_FALSE(from_base64("===="));
}

}  // namespace
}  // namespace thaw
