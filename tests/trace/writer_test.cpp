#include "trace/writer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "trace/files.h"

namespace thaw {
namespace {

using tests::expect_value;
using tests::fixtures;

class RoundTrip : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryDirectory::create("trace");
    ASSERT_TRUE(folder);
    folder_.emplace(*std::move(folder));
  }
  /// Writes the trace in that form and reads it again.
  Trace through(const TraceFile& file, const WriteOptions& options) const {
    const Path out = folder_->path() / "out";
    EXPECT_TRUE(write_trace(file, out, options));
    return expect_value(load_trace(out));
  }
  static std::unique_ptr<TraceFile> open(const Path& path) {
    return expect_value(open_trace(fixtures / "traces" / path));
  }
  static void expect_same(const Trace& a, const Trace& b) {
    EXPECT_EQ(a.invocations.time_ms, b.invocations.time_ms);
    EXPECT_EQ(a.invocations.function, b.invocations.function);
    EXPECT_EQ(a.invocations.duration_ms, b.invocations.duration_ms);
    ASSERT_EQ(a.functions.size(), b.functions.size());
    for (std::size_t i = 0; i < a.functions.size(); ++i) {
      EXPECT_EQ(a.functions[i].name, b.functions[i].name);
      EXPECT_EQ(a.functions[i].memory_mb, b.functions[i].memory_mb);
      EXPECT_EQ(a.functions[i].cold_ms, b.functions[i].cold_ms);
      EXPECT_EQ(a.functions[i].warm_ms, b.functions[i].warm_ms);
    }
  }
  std::optional<TemporaryDirectory> folder_;
};

TEST_F(RoundTrip, OfAPairIsExact) {
  const auto file = open("azure2019-20b");
  expect_same(expect_value(load_trace(*file)), through(*file, {.form = "pair"}));
}

TEST_F(RoundTrip, OfACompressedPairIsExact) {
  const auto file = open("azure2019-20b");
  expect_same(expect_value(load_trace(*file)), through(*file, {.form = "pair", .is_gzip = true}));
}

TEST_F(RoundTrip, OfAPairKeepsDurationsAndLabels) {
  const auto file = open("azure2021");
  const Trace before = expect_value(load_trace(*file)), after = through(*file, {.form = "pair"});
  expect_same(before, after);
  EXPECT_EQ(before.functions[3].app, after.functions[3].app);
}

TEST_F(RoundTrip, OfAzure2019IsExactWhereCallsAreSpacedEvenly) {
  const auto file = open("azure2019-20b");
  expect_same(expect_value(load_trace(*file)), through(*file, {.form = "azure2019"}));
}

TEST_F(RoundTrip, OfAzure2019KeepsStatistics) {
  const auto file = open("azure2019-20c/azure2019");
  const Trace before = expect_value(load_trace(*file)),
              after = through(*file, {.form = "azure2019", .is_gzip = true});
  expect_same(before, after);
  EXPECT_EQ(before.functions[5].duration->p99, after.functions[5].duration->p99);
  EXPECT_EQ(before.functions[5].memory->count, after.functions[5].memory->count);
  EXPECT_EQ(before.functions[5].owner, after.functions[5].owner);
}

TEST_F(RoundTrip, OfAzure2021IsExactToNanoseconds) {
  const auto file = open("azure2021");
  const Trace before = expect_value(load_trace(*file)), after = through(*file, {.form = "azure2021"});
  ASSERT_EQ(before.invocations.size(), after.invocations.size());
  EXPECT_EQ(before.functions.size(), after.functions.size());
  for (std::size_t i = 0; i < before.invocations.size(); ++i) {
    EXPECT_NEAR(before.invocations.time_ms[i], after.invocations.time_ms[i], 1e-6);
    EXPECT_NEAR(before.invocations.duration_ms[i], after.invocations.duration_ms[i], 1e-6);
    EXPECT_EQ(before.functions[before.invocations.function[i]].name,
              after.functions[after.invocations.function[i]].name);
  }
}

TEST_F(RoundTrip, OfIluvatarIsExactToWholeMilliseconds) {
  const auto file = open("azure2019-20c");
  const Trace before = expect_value(load_trace(*file)), after = through(*file, {.form = "iluvatar"});
  ASSERT_EQ(before.invocations.size(), after.invocations.size());
  for (std::size_t i = 0; i < before.invocations.size(); ++i) {
    EXPECT_EQ(std::floor(before.invocations.time_ms[i]), after.invocations.time_ms[i]);
  }
  EXPECT_EQ(before.invocations.function, after.invocations.function);
}

TEST_F(RoundTrip, KeepsNamesWithCommasAndQuotes) {
  Trace trace;
  trace.functions = {{.name = "a,\"b\"", .memory_mb = 1, .cold_ms = 2, .warm_ms = 1}};
  trace.invocations = {.time_ms = {0, 0.1}, .function = {0, 0}};
  const auto file = as_trace_file(trace);
  expect_same(trace, through(*file, {.form = "pair"}));
}

TEST_F(RoundTrip, OfRecordedDurationsGivesTheirPercentiles) {
  Trace trace;
  trace.functions = {{.name = "f", .memory_mb = 10, .cold_ms = 40, .warm_ms = 20}};
  trace.invocations = {.time_ms = {0, 30000, 60000}, .function = {0, 0, 0}, .duration_ms = {10, 40, 20}};
  const Trace after = through(*as_trace_file(trace), {.form = "azure2019"});
  EXPECT_EQ(after.functions[0].duration->p50, 20);
  EXPECT_EQ(after.functions[0].duration->p75, 30);
  EXPECT_EQ(after.functions[0].duration->count, 3);
}

TEST_F(RoundTrip, ToAnUnknownFormIsRefusedWithTheNearestName) {
  const auto result = write_trace(*open("azure2021"), folder_->path() / "out", {.form = "azure2012"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::bad_usage);
  EXPECT_NE(result.error().hint.find("azure20"), std::string::npos);
}

TEST_F(RoundTrip, LeavesNoTemporaryFiles) {
  through(*open("azure2019-20c"), {.form = "azure2019"});
  for (const auto& entry : std::filesystem::directory_iterator(folder_->path() / "out")) {
    EXPECT_EQ(entry.path().extension(), ".csv") << entry.path();
  }
}

}  // namespace
}  // namespace thaw
