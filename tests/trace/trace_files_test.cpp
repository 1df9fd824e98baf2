#include "trace/trace_files.h"

#include <gtest/gtest.h>

#include "trace/files.h"

namespace thaw {
namespace {

using tests::fixtures;

const Path published = fixtures / "traces/azure2019-20c/azure2019";

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryDirectory::create("trace");
    ASSERT_TRUE(folder);
    folder_.emplace(*std::move(folder));
  }
  Path operator/(const std::string& name) const { return folder_->path() / name; }
  /// Copies one of the published tables.
  void copy(const std::string& table, const std::string& name) const {
    std::filesystem::create_directories((*this / name).parent_path());
    std::filesystem::copy_file(published / table, *this / name);
  }
  /// A whole set under these names.
  void copy_set(const std::string& invocations, const std::string& durations,
                const std::string& memory) const {
    copy("invocations.csv", invocations);
    copy("durations.csv", durations);
    copy("memory.csv", memory);
  }
  static std::string form_of(const Path& path, const ReadOptions& options = {}) {
    const auto file = open_trace(path, options);
    return file ? std::string((*file)->form()) : render(file.error());
  }
  std::optional<TemporaryDirectory> folder_;
};

TEST_F(Folder, IsReadAsThePairThatItHolds) { EXPECT_EQ(form_of(fixtures / "traces/azure2019-20c"), "pair"); }

TEST_F(Folder, IsReadByContentWhateverTheNames) {
  copy_set("a.dat", "b.dat", "c.dat");
  EXPECT_EQ(form_of(folder_->path()), "azure2019");
  EXPECT_EQ(form_of(*this / "b.dat"), "azure2019");
}

TEST_F(Folder, ThatHoldsTwoTablesOfOneKindIsAmbiguous) {
  copy_set("a.dat", "b.dat", "c.dat");
  copy("invocations.csv", "d.dat");
  EXPECT_FALSE(open_trace(folder_->path()));
}

TEST_F(Folder, HoldsSetsWithInvRunMem) {
  copy_set("20_inv.csv", "20_run.csv", "20_mem.csv");
  EXPECT_EQ(form_of(folder_->path()), "azure2019");
  EXPECT_EQ(form_of(*this / "20"), "azure2019");
  EXPECT_EQ(form_of(*this / "20_inv.csv"), "azure2019");
}

TEST_F(Folder, HoldsSetsWithInvDurMem) {
  copy_set("20_inv.csv", "20_dur.csv", "20_mem.csv");
  EXPECT_EQ(form_of(*this / "20"), "azure2019");
}

TEST_F(Folder, HoldsSetsInFoldersOfTheirOwn) {
  copy_set("20/invocations.csv", "20/durations.csv", "20/memory.csv");
  EXPECT_EQ(form_of(*this / "20"), "azure2019");
}

TEST_F(Folder, AsksForOneOfSeveralSets) {
  copy_set("20_inv.csv", "20_dur.csv", "20_mem.csv");
  copy_set("30_inv.csv", "30_dur.csv", "30_mem.csv");
  const auto file = open_trace(folder_->path());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().what, "there are several traces: 20, 30");
  EXPECT_EQ(form_of(*this / "30"), "azure2019");
}

TEST_F(Folder, TakesTheFirstDayOfThePublishedNamesUnlessToldOtherwise) {
  for (const std::string day : {"01", "02"}) {
    copy_set("invocations_per_function_md.anon.d" + day + ".csv",
             "function_durations_percentiles.anon.d" + day + ".csv",
             "app_memory_percentiles.anon.d" + day + ".csv");
  }
  EXPECT_EQ(form_of(folder_->path()), "azure2019");
  EXPECT_EQ(form_of(folder_->path(), {.day = 2}), "azure2019");
  const auto absent = open_trace(folder_->path(), {.day = 3});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::bad_usage);
}

TEST_F(Folder, WithoutATraceIsBadInput) {
  const auto file = open_trace(folder_->path());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::bad_input);
}

TEST_F(Folder, ThatIsAbsentIsAnErrorOfTheEnvironment) {
  const auto file = open_trace(*this / "nothing");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::environment);
}

TEST(PairOfCases, IsFoundByTheCommonBeginningOfItsNames) {
  const auto trace = load_trace(fixtures / "keepalive/t1_recency");
  ASSERT_TRUE(trace) << render(trace.error());
  EXPECT_EQ(trace->invocations.size(), 10U);
  EXPECT_EQ(trace->functions.size(), 3U);
}

TEST(PairOfCases, IsFoundByOneOfItsFiles) {
  const auto trace = load_trace(fixtures / "keepalive/t1_recency.invocations.csv");
  ASSERT_TRUE(trace) << render(trace.error());
  EXPECT_EQ(trace->invocations.size(), 10U);
}

TEST(PairOfCases, IsFoundByAListOfItsFiles) {
  const std::string folder = (fixtures / "keepalive").string();
  const auto trace = load_trace(folder + "/t8_hist.invocations.csv," + folder + "/t8_hist.functions.csv");
  ASSERT_TRUE(trace) << render(trace.error());
  EXPECT_FALSE(trace->invocations.time_ms.empty());
}

TEST(GzipInput, CutOffAnywhereIsBadInput) {
  const auto whole = read_file(fixtures / "traces/azure2019-20c/invocations.csv.gz");
  ASSERT_TRUE(whole);
  for (const std::size_t size : {whole->size() - 1, whole->size() / 2, std::size_t{20}, std::size_t{3}}) {
    const auto file = InputFile::in_memory("t.gz", whole->substr(0, size)).whole(std::size_t{1} << 30);
    ASSERT_FALSE(file) << size;
    EXPECT_EQ(file.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(file.error().where, "t.gz");
  }
}

TEST(GzipInput, DamagedIsBadInput) {
  auto whole = read_file(fixtures / "traces/azure2019-20c/invocations.csv.gz");
  ASSERT_TRUE(whole);
  (*whole)[whole->size() / 2] ^= 0x55;
  EXPECT_FALSE(InputFile::in_memory("t.gz", *whole).whole(std::size_t{1} << 30));
}

}  // namespace
}  // namespace thaw
