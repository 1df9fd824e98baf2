#include <gtest/gtest.h>

#include "core/files.h"
#include "trace/files.h"

namespace thaw {
namespace {

using tests::expect_value;

struct Tables {
  std::string requests = "day,time,f,g,h\n0,0,1,,\n0,60,,2,\n0,120,3,1,\n";
  std::string delay = "day,time,f,g,h\n0,0,1,10,1\n0,60,2,,1\n0,120,3.555,,1\n";
  std::string memory = "day,time,f,g,h\n0,0,,10,1\n0,60,10,50,1\n0,120,20,90,1\n";
};

Result<std::unique_ptr<TraceFile>> open_tables(const Tables& tables, const ReadOptions& options = {}) {
  return forms::open_huawei2023(
      {InputFile::in_memory("requests.csv", tables.requests), InputFile::in_memory("delay.csv", tables.delay),
       InputFile::in_memory("memory.csv", tables.memory)},
      options);
}

TEST(Huawei2023, TakesDelaysOfMinutesAsDurations) {
  const auto file = open_tables({});
  ASSERT_TRUE(file) << render(file.error());
  const DurationStatistics& duration = *(*file)->functions()[0].duration;
  EXPECT_DOUBLE_EQ(duration.average, 2.185);
  EXPECT_EQ(duration.count, 3);
  EXPECT_DOUBLE_EQ(duration.p1, 1.02);
  EXPECT_DOUBLE_EQ(duration.p25, 1.5);
  EXPECT_DOUBLE_EQ(duration.p50, 2);
  EXPECT_DOUBLE_EQ(duration.p75, 2.7775);
  EXPECT_DOUBLE_EQ(duration.p99, 3.5239);
}

TEST(Huawei2023, LeavesMissingMinutesOutOfTheMemory) {
  const auto file = open_tables({});
  ASSERT_TRUE(file);
  const MemoryStatistics& memory = *(*file)->functions()[0].memory;
  EXPECT_EQ(memory.count, 2);
  EXPECT_DOUBLE_EQ(memory.average, 15);
  EXPECT_DOUBLE_EQ(memory.p1, 10.1);
  EXPECT_DOUBLE_EQ(memory.p5, 10.5);
  EXPECT_DOUBLE_EQ(memory.p25, 12.5);
  EXPECT_DOUBLE_EQ(memory.p75, 17.5);
  EXPECT_DOUBLE_EQ(memory.p95, 19.5);
  EXPECT_DOUBLE_EQ(memory.p99, 19.9);
}

TEST(Huawei2023, InterpolatesBetweenMinutes) {
  const auto file = open_tables({});
  ASSERT_TRUE(file);
  const MemoryStatistics& memory = *(*file)->functions()[1].memory;
  EXPECT_DOUBLE_EQ(memory.p1, 10.8);
  EXPECT_DOUBLE_EQ(memory.p5, 14);
  EXPECT_DOUBLE_EQ(memory.p25, 30);
  EXPECT_DOUBLE_EQ(memory.p75, 70);
  EXPECT_DOUBLE_EQ(memory.p95, 86);
  EXPECT_DOUBLE_EQ(memory.p99, 89.2);
}

TEST(Huawei2023, CountsAMissingMinuteAsNone) {
  const auto file = open_tables({});
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->counts()->counts[0], (std::vector<std::uint32_t>{1, 0, 3}));
  EXPECT_EQ((*file)->counts()->counts[1], (std::vector<std::uint32_t>{0, 2, 1}));
}

TEST(Huawei2023, LeavesOutFunctionsThatAreMissingInEveryMinute) {
  const auto file = open_tables({});
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->functions().size(), 2U);
  ASSERT_EQ((*file)->remarks().size(), 1U);
  EXPECT_EQ((*file)->remarks()[0].what, "functions never called left out");
}

TEST(Huawei2023, TakesTheStatisticsOfTheSelectedMinutes) {
  const auto file = open_tables({}, {.begin_ms = 60000, .end_ms = 120000});
  ASSERT_TRUE(file) << render(file.error());
  ASSERT_EQ((*file)->functions().size(), 0U) << "f has no request there, g no delay";
}

TEST(Huawei2023, RefusesANegativeValueWithFileAndLine) {
  Tables tables;
  tables.requests += "0,180,-1,0,0\n";
  const auto file = open_tables(tables);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().where, "requests.csv:5");
  EXPECT_EQ(file.error().kind, ErrorKind::bad_input);
}

TEST(Huawei2023, IsFoundByItsFolders) {
  const auto folder = TemporaryDirectory::create("huawei");
  ASSERT_TRUE(folder);
  const Tables tables;
  for (const auto& [name, text] :
       {std::pair{"requests_minute", tables.requests}, std::pair{"function_delay_minute", tables.delay},
        std::pair{"memory_limit_minute", tables.memory}}) {
    std::filesystem::create_directories(folder->path() / name);
    ASSERT_TRUE(write_file_atomically(folder->path() / name / "day_000.csv", text));
  }
  const auto file = open_trace(folder->path());
  ASSERT_TRUE(file) << render(file.error());
  EXPECT_EQ((*file)->form(), "huawei2023");
  EXPECT_EQ((*file)->invocations(), 7U);
  EXPECT_FALSE(open_trace(folder->path(), {.day = 1}));
}

TEST(Huawei2023, RefusesAMinuteThatIsThereTwice) {
  Tables tables;
  tables.requests += "0,150,9,9,9\n";
  const auto file = open_tables(tables);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().what, "minute 2 of the day is there twice");
  EXPECT_EQ(file.error().where, "requests.csv:5");
}

TEST(Huawei2023, KeepsTheFirstOfAMinuteUnderRepair) {
  Tables tables;
  tables.requests += "0,150,9,9,9\n";
  const auto file = open_tables(tables, {.repair = true});
  ASSERT_TRUE(file) << render(file.error());
  EXPECT_EQ((*file)->invocations(), open_tables({}).value()->invocations());
  ASSERT_EQ((*file)->repairs().size(), 1U);
  EXPECT_EQ((*file)->repairs()[0].count, 1U);
}

TEST(Huawei2023, RefusesMemoryZero) {
  Tables tables;
  tables.memory = "day,time,f,g,h\n0,0,,10,1\n0,60,0,50,1\n";
  const auto file = open_tables(tables);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().where, "memory.csv:3");
}

TEST(Huawei2023, TakesMemoryZeroAsMissingUnderRepair) {
  Tables tables;
  tables.memory = "day,time,f,g,h\n0,0,20,10,1\n0,60,0,50,1\n";
  const auto file = open_tables(tables, {.repair = true});
  ASSERT_TRUE(file) << render(file.error());
  EXPECT_EQ((*file)->functions()[0].memory_mb, 20);
  EXPECT_EQ((*file)->repairs().size(), 1U);
}

}  // namespace
}  // namespace thaw
