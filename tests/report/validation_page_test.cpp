#include "report/validation_page.h"

#include <gtest/gtest.h>

#include "core/files.h"
#include "record/container_event.h"
#include "record/csv.h"

namespace thaw {
namespace {

/// Records of loads of 10 s with three invocations, and the event logs of their platforms and simulations.
class ValidationPage : public ::testing::Test {
 protected:
  using Events = std::vector<ContainerEvent>;

  static ContainerEvent start(double at_s, StartKind kind, std::int64_t used_mb) {
    return {.at = from_seconds(at_s),
            .kind = kind,
            .function = "f",
            .instance = 1,
            .used_bytes = used_mb * 1'000'000};
  }

  static void write_log(const Path& path, const Events& events) {
    auto log = ContainerLog::create(path, {.source = "serve", .policy = "lru", .memory_mb = 1000});
    ASSERT_TRUE(log);
    for (const ContainerEvent& event : events) log->add(event);
    ASSERT_TRUE(log->flush());
  }

  RunRecord record_of(const std::string& policy, const Events& measured, const Events& simulated) {
    RunRecord record{.folder = temporary_.path() / fmt::format("run-{}", records_++)};
    std::filesystem::create_directories(record.folder);
    write_log(record.folder / "events.ndjson", measured);
    write_log(simulated_log_of(record.folder), simulated);
    record.document = {{"command", "load"},
                       {"status", "completed"},
                       {"command_line", {"thaw", "load"}},
                       {"context", {{"platform", {{"policy", policy}}}}},
                       {"summary",
                        {{"duration_s", 10},
                         {"planned", 3},
                         {"ok", 2},
                         {"verdict", "healthy"},
                         {"response", {{"mean_ms", 20}, {"p50_ms", 21}, {"p99_ms", 29}}},
                         {"service", {{"mean_ms", 10}, {"p50_ms", 11}, {"p99_ms", 19}}},
                         {"lateness", {{"p50_us", 25}, {"p99_us", 80}, {"max_us", 900}}}}}};
    record.samples =
        *read_columns(CsvReader::over("intended_ns,dispatched_ns,sent_ns,done_ns\n"
                                      "0,1000000,2000000,5000000\n"
                                      "1000000000,1003000000,1004000000,1010000000\n"
                                      "2000000000,2000000000,,\n",
                                      "samples.csv"));
    return record;
  }

  static Page page_of(const std::vector<RunRecord>& records) {
    auto page = validation_page(records, "The simulator knows.", {});
    EXPECT_TRUE(page) << render(page.error());
    return page ? *page : Page{};
  }

  static const Figure& figure(const Page& page, std::string_view name) {
    for (const Figure& one : page.figures) {
      if (one.name == name) return one;
    }
    ADD_FAILURE() << "no figure " << name;
    return page.figures.front();
  }

  const Events two_cold = {start(1, StartKind::cold, 100), start(2, StartKind::warm, 100),
                           start(3, StartKind::cold, 200)};
  const Events one_cold = {start(1, StartKind::cold, 100)};

  TemporaryDirectory temporary_ = TemporaryDirectory::create("thaw-validation-page-test").value();
  int records_ = 0;
};

TEST_F(ValidationPage, PutsMeasuredColdStartsBesideSimulatedOnesForEachPolicy) {
  const Page page = page_of({record_of("lru", two_cold, one_cold), record_of("gd", one_cold, one_cold)});

  const Figure& cold = figure(page, "cold-starts");
  std::vector<std::pair<std::string, double>> ends;
  for (const FigureSeries& series : cold.series) ends.emplace_back(series.name, series.points.back().y);
  EXPECT_EQ(ends, (std::vector<std::pair<std::string, double>>{
                      {"lru", 2}, {"lru, simulated", 1}, {"gd", 1}, {"gd, simulated", 1}}));
}

TEST_F(ValidationPage, CountsColdStartsOnlyAndUntilTheEndOfTheRun) {
  const Page page = page_of({record_of(
      "lru",
      {start(1, StartKind::cold, 100), start(2, StartKind::prewarm, 200), start(11, StartKind::cold, 300)},
      one_cold)});

  const FigureSeries& measured = figure(page, "cold-starts").series.front();
  EXPECT_EQ(measured.points.back().x, 10);
  EXPECT_EQ(measured.points.back().y, 1);
}

TEST_F(ValidationPage, DrawsTheMemoryOfEachPolicyWithTheSimulationForReference) {
  const Page page = page_of({record_of("ttl:5s", two_cold, one_cold)});

  const Figure& memory = figure(page, "memory-ttl-5s");
  ASSERT_EQ(memory.series.size(), 2U);
  EXPECT_TRUE(memory.series[0].is_reference);
  EXPECT_EQ(memory.series[0].points.back().y, 100);
  EXPECT_EQ(memory.series[1].points.back().y, 200);
}

TEST_F(ValidationPage, DrawsResponseServiceAndLatenessOfRowsThatHaveThem) {
  const Page page = page_of({record_of("lru", two_cold, one_cold)});

  EXPECT_EQ(figure(page, "response").series.front().points.back().x, 10);
  EXPECT_EQ(figure(page, "service").series.front().points.back().x, 6);
  EXPECT_EQ(figure(page, "lateness").series.front().points.back().x, 3);
}

TEST_F(ValidationPage, ListsLatenciesAndWhetherTheGeneratorWasOnTime) {
  const std::string html = render(page_of({record_of("lru", two_cold, one_cold)}));

  for (const char* text :
       {"The simulator knows.", "intended start (response)", "sending (service)", "healthy", "900"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
}

TEST_F(ValidationPage, GivesEveryFigureATitleAndUnits) {
  for (const Figure& one : page_of({record_of("lru", two_cold, one_cold)}).figures) {
    EXPECT_FALSE(one.title.empty() || one.x.unit.empty() || one.y.unit.empty()) << one.name;
  }
}

TEST_F(ValidationPage, SaysWhichRunDidNotComeToItsEnd) {
  RunRecord record = record_of("lru", two_cold, one_cold);
  record.document["status"] = "interrupted";

  EXPECT_FALSE(page_of({record}).warnings.empty());
}

TEST_F(ValidationPage, ShowsHostileNamesAsText) {
  const std::string html = render(page_of({record_of("</script><b>", two_cold, one_cold)}));

  EXPECT_EQ(html.find("</script><b>"), std::string::npos);
}

TEST_F(ValidationPage, WithoutAnEventLogIsRefused) {
  const RunRecord record = record_of("lru", two_cold, one_cold);
  std::filesystem::remove(simulated_log_of(record.folder));

  EXPECT_FALSE(validation_page({record}, "", {}));
}

}  // namespace
}  // namespace thaw
