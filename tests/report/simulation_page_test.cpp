#include "report/simulation_page.h"

#include <gtest/gtest.h>

#include "core/files.h"
#include "record/csv.h"

namespace thaw {
namespace {

constexpr const char* header =
    "point,policy,memory_mb,cold,warm,dropped,hit_ratio,exec_increase_pct,idle_gb_s,slowdown_p99,cold_ms_"
    "total,"
    "trace,functions,seed\n";

RunRecord record_of(const std::string& rows, const Path& folder = "/nowhere") {
  RunRecord record{.folder = folder};
  record.document = {{"command", "sim sweep"},
                     {"task", "sim-</script><b>"},
                     {"status", "completed"},
                     {"command_line", {"thaw", "sim", "sweep", "</script><b>"}},
                     {"seed", 1}};
  record.samples = *read_columns(CsvReader::over(header + rows, "samples.csv"));
  return record;
}

std::string html_of(const RunRecord& record) { return render(*simulation_page(record)); }

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const std::string two_policies =
    "0,lru,1000,10,80,10,0.8,12,3,2,900,t,20,1\n"
    "1,gd,1000,5,90,5,0.9,6,3,2,500,t,20,1\n";

TEST(SimulationPage, AnswersFirstWithTheBestPolicy) {
  const auto page = simulation_page(record_of(two_policies));
  ASSERT_TRUE(page);
  EXPECT_EQ(
      page->answer,
      "With 1000 MB, gd finds a warm container for 90 % of 100 invocations; 5.2632 % of the served start "
      "cold and 5 % of all are dropped. It is the best of 2 policies; lru finds one for 80 %.");
}

TEST(SimulationPage, DrawsEveryQuantityOfASinglePoint) {
  const auto page = simulation_page(record_of("0,lru,1000,10,80,10,0.8,12,3,2,900,t,20,1\n"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->figures.size(), 6U);
  for (const Figure& figure : page->figures) {
    EXPECT_FALSE(figure.x.unit.empty() || figure.y.unit.empty() || figure.title.empty()) << figure.name;
  }
}

TEST(SimulationPage, TakesColdStartsOfTheServedAndDroppedOfAll) {
  const auto page = simulation_page(record_of("0,lru,1000,10,30,60,0.3,12,3,2,900,t,20,1\n"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->figures[0].series[0].points[0].y, 25);
  EXPECT_EQ(page->figures[1].series[0].points[0].y, 60);
}

TEST(SimulationPage, AveragesOverTheSeeds) {
  const auto page =
      simulation_page(record_of("0,rand,1000,10,90,0,0.9,1,3,2,9,t,20,1\n"
                                "1,rand,1000,30,70,0,0.7,1,3,2,9,t,20,2\n"));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->figures[0].series.size(), 1U);
  EXPECT_EQ(page->figures[0].series[0].points[0].y, 20);
}

TEST(SimulationPage, KeepsTheTracesApart) {
  const auto page =
      simulation_page(record_of("0,lru,1000,10,90,0,0.9,1,3,2,9,a,20,1\n"
                                "1,lru,1000,30,70,0,0.7,1,3,2,9,b,20,1\n"));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->figures[0].series.size(), 2U);
}

TEST(SimulationPage, DrawsTwelveOfManyPoliciesAndListsAll) {
  std::string rows;
  for (int i = 0; i < 36; ++i) {
    rows += fmt::format("{},policy-{},1000,10,80,10,0.{},12,3,2,900,t,20,1\n", i, i, 100 + i);
  }
  const auto page = simulation_page(record_of(rows));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->figures[0].series.size(), 12U);
  EXPECT_EQ(page->tables[0].rows.size(), 36U);
}

TEST(SimulationPage, BearsMissingValues) {
  const std::string html = html_of(record_of("0,lru,1000,0,0,10,0,,,,0,t,20,1\n"));
  EXPECT_FALSE(holds(html, "nan"));
}

TEST(SimulationPage, NeedsNoOtherHost) {
  const std::string html = html_of(record_of(two_policies));
  for (const char* reference : {"src=\"http", "href=\"http", "url(http", "<link", "<img", "@import"}) {
    EXPECT_FALSE(holds(html, reference)) << reference;
  }
  EXPECT_TRUE(holds(html, "Content-Security-Policy\" content=\"default-src 'none'"));
}

TEST(SimulationPage, ShowsHostileNamesAsText) {
  const std::string html = html_of(record_of("0,</script><b>,1000,10,80,10,0.8,12,3,2,900,t,20,1\n"));
  EXPECT_FALSE(holds(html, "</script><b>"));
  EXPECT_TRUE(holds(html, "&lt;/script&gt;&lt;b&gt;"));
}

TEST(SimulationPage, GivesEqualBytesForEqualRecords) {
  EXPECT_EQ(html_of(record_of(two_policies)), html_of(record_of(two_policies)));
}

TEST(SimulationPage, DrawsFunctionsBoundsAndTimelinesWhereTheyAre) {
  auto folder = TemporaryDirectory::create("thaw-page-");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(write_file_atomically(folder->path() / "functions.csv",
                                    "point,policy,memory_mb,function,cold,warm\n0,lru,1000,f,1,1\n"));
  ASSERT_TRUE(write_file_atomically(folder->path() / "bounds.csv",
                                    "memory_mb,policy,cost_ms\n1000,bound,10\n1000,lru,20\n"));
  ASSERT_TRUE(write_file_atomically(folder->path() / "memory.csv",
                                    "point,policy,memory_mb,minute,used_mb,running_mb\n0,lru,1000,0,5,1\n"));
  const auto page = simulation_page(record_of(two_policies, folder->path()));
  ASSERT_TRUE(page);
  std::string names;
  for (const Figure& figure : page->figures) names += figure.name + " ";
  EXPECT_TRUE(holds(names, "bound functions memory")) << names;
}

TEST(SimulationPage, RefusesARecordWithoutPoints) { EXPECT_FALSE(simulation_page(record_of(""))); }

}  // namespace
}  // namespace thaw
