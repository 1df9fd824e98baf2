#include "stats/histogram_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr WallTime noon{1'700'000'000s};

Histogram histogram_of(const std::vector<std::int64_t>& values) {
  Histogram histogram = Histogram::create().value();
  for (const std::int64_t value : values) histogram.record(value);
  return histogram;
}

std::string log_of(const std::vector<HistogramInterval>& intervals) {
  std::ostringstream out;
  HistogramLogWriter writer(out, noon);
  for (const auto& interval : intervals) EXPECT_TRUE(writer.write(interval));
  return out.str();
}

TEST(HistogramLog, StartsWithVersionAndTimes) {
  EXPECT_EQ(log_of({}),
            "#[Histogram log format version 1.3]\n"
            "#[StartTime: 1700000000.000 (seconds since epoch)]\n"
            "#[BaseTime: 1700000000.000 (seconds since epoch)]\n"
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");
}

TEST(HistogramLog, WritesALinePerIntervalWithTheMaximumInMilliseconds) {
  const std::string log = log_of({{"", noon + 1500ms, 1s, histogram_of({2'500'000})}});

  EXPECT_THAT(log, HasSubstr("\n1.500,1.000,2.500,HISTFAAAA"));
}

TEST(HistogramLog, ReadsBackWhatItWrote) {
  const std::string log = log_of({{"", noon, 1s, histogram_of({1, 2, 3})},
                                  {"reads", noon + 1001ms, 999ms, histogram_of({5'000'000})},
                                  {"reads", noon + 2s, 1s, histogram_of({})}});

  const auto intervals = read_histogram_log(log).value();

  ASSERT_THAT(intervals, SizeIs(3));
  EXPECT_THAT(intervals[0].tag, IsEmpty());
  EXPECT_EQ(intervals[0].start, noon);
  EXPECT_EQ(intervals[0].histogram.bins(), histogram_of({1, 2, 3}).bins());
  EXPECT_EQ(intervals[1].tag, "reads");
  EXPECT_EQ(intervals[1].start, noon + 1001ms);
  EXPECT_EQ(intervals[1].length, 999ms);
  EXPECT_EQ(intervals[1].histogram.bins(), histogram_of({5'000'000}).bins());
  EXPECT_EQ(intervals[2].histogram.count(), 0U);
}

TEST(HistogramLog, RefusesATagThatWouldSplitTheLine) {
  std::ostringstream out;
  HistogramLogWriter writer(out, noon);

  EXPECT_FALSE(writer.write({"a,b", noon, 1s, histogram_of({1})}));
  EXPECT_FALSE(writer.write({"a b", noon, 1s, histogram_of({1})}));
  EXPECT_FALSE(writer.write({"a\nb", noon, 1s, histogram_of({1})}));
}

TEST(HistogramLog, ReadsWhatTheReferenceImplementationWrote) {
  // Java library HdrHistogram 2.2.2.
  const auto intervals =
      read_histogram_log(
          "#[Histogram log format version 1.3]\n"
          "#[StartTime: 1700000000.123 (seconds since epoch), Tue Nov 14 22:13:20 UTC 2023]\n"
          "#[BaseTime: 1700000000.123 (seconds since epoch)]\n"
          "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
          "Tag=reads,1.000,1.500,3001.025,HISTFAAAADF42pNpmSzMwMAgwAABzFCaEch0M9ixgMH+A1SEieUkP9P+"
          "PKbPIUwLJzMyAQC5mgjq\n")
          .value();

  ASSERT_THAT(intervals, SizeIs(1));
  EXPECT_EQ(intervals[0].tag, "reads");
  EXPECT_EQ(intervals[0].start, noon + 1123ms);
  EXPECT_EQ(intervals[0].length, 1500ms);
  EXPECT_EQ(intervals[0].histogram.bins(), histogram_of({1, 2, 2, 1000, 123456, 5000000, 3000000000}).bins());
}

class HistogramLogTimes : public testing::Test {
 protected:
  static WallTime start_of_line(const std::string& head, const std::string& stamp) {
    const std::string written = log_of({{"", noon, 1s, histogram_of({1})}});
    const std::string histogram = written.substr(written.rfind(',') + 1);
    return read_histogram_log(head + stamp + ",1.000,0.000," + histogram).value().at(0).start;
  }
};

TEST_F(HistogramLogTimes, CountFromTheBaseTime) {
  EXPECT_EQ(start_of_line("#[StartTime: 1700000000.000 (…)]\n#[BaseTime: 1600000000.5 (…)]\n", "2.250"),
            WallTime{1'600'000'002s + 750ms});
}

TEST_F(HistogramLogTimes, CountFromTheStartTimeWhenTheyAreMuchOlder) {
  EXPECT_EQ(start_of_line("#[StartTime: 1700000000.000 (…)]\n", "2.250"), noon + 2250ms);
}

TEST_F(HistogramLogTimes, AreAbsoluteWithoutABase) {
  EXPECT_EQ(start_of_line("#[StartTime: 1700000000.000 (…)]\n", "1700000003.5"), noon + 3500ms);
  EXPECT_EQ(start_of_line("", "2.250"), WallTime{2250ms});
}

TEST(HistogramLog, SkipsCommentsLegendsAndEmptyLines) {
  EXPECT_THAT(read_histogram_log("#hello\n\n\"StartTimestamp\",\"…\"\r\n").value(), IsEmpty());
}

TEST(HistogramLog, NamesTheLineThatIsDamaged) {
  const Result<std::vector<HistogramInterval>> read =
      read_histogram_log("#[BaseTime: 1.0]\n0.1,1.0,2.0,HISTFAAA\n");

  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(read.error().where, "2");
}

TEST(HistogramLog, RefusesLinesWithoutAllColumns) {
  EXPECT_FALSE(read_histogram_log("1.0,2.0\n"));
  EXPECT_FALSE(read_histogram_log("Tag=x\n"));
  EXPECT_FALSE(read_histogram_log("nan,1,1,HISTFAAA\n"));
  EXPECT_FALSE(read_histogram_log("1e300,1,1,HISTFAAA\n"));
}

}  // namespace
}  // namespace thaw
