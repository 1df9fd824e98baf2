#include "record/container_event.h"

#include <gmock/gmock.h>

#include <fstream>

namespace thaw {
namespace {

using testing::HasSubstr;

class ContainerLogFile : public testing::Test {
 protected:
  [[nodiscard]] Path path() const { return folder_.path() / "events.ndjson"; }
  [[nodiscard]] ContainerLog log(const ContainerLogHeader& header = {}) const {
    return ContainerLog::create(path(), header).value();
  }
  TemporaryDirectory folder_ = TemporaryDirectory::create("thaw-events").value();
};

TEST_F(ContainerLogFile, BeginsWithALineAboutTheRun) {
  ContainerLog written =
      log({.source = "serve", .policy = "gd", .memory_mb = 2000, .begin = "2026-11-21T09:06:15Z"});

  ASSERT_TRUE(written.flush());

  EXPECT_EQ(read_file(path()).value(),
            "{\"schema\":\"thaw.events/1\",\"source\":\"serve\",\"policy\":\"gd\",\"memory_mb\":2000.0,"
            "\"begin\":\"2026-11-21T09:06:15Z\"}\n");
}

TEST_F(ContainerLogFile, HasALineForEachEvent) {
  ContainerLog written = log();
  written.add({.at = Nanos{1'234'567'891},
               .moment = ContainerMoment::start,
               .kind = StartKind::warm,
               .function = "f",
               .instance = 7,
               .used_bytes = 170'000'000});
  ASSERT_TRUE(written.flush());

  EXPECT_THAT(
      read_file(path()).value(),
      HasSubstr(
          "\n{\"t_ms\":1234.567,\"event\":\"start\",\"start\":\"warm\",\"function\":\"f\",\"instance\":7,"
          "\"used_mb\":170.000}\n"));
}

TEST_F(ContainerLogFile, ReadsBackWhatWasWritten) {
  ContainerLog written = log({.source = "sim", .policy = "lru", .memory_mb = 1000});
  written.add({.at = std::chrono::milliseconds(5),
               .moment = ContainerMoment::drop,
               .function = "a \"quoted\" name",
               .used_bytes = 5'000'000,
               .reason = "no-memory"});
  ASSERT_TRUE(written.flush());

  std::vector<std::string> events;
  const auto header = read_container_log(path(), [&](const ContainerEvent& event) {
    events.push_back(fmt::format("{} {} {} {} {}", event.at.count(), name_of(event.moment), event.function,
                                 event.used_bytes, event.reason));
  });

  ASSERT_TRUE(header);
  EXPECT_EQ(header->policy, "lru");
  EXPECT_THAT(events, testing::ElementsAre("5000000 drop a \"quoted\" name 5000000 no-memory"));
}

TEST_F(ContainerLogFile, KeepsEveryLineOfALongLog) {
  ContainerLog written = log();
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    written.add({.at = Nanos{static_cast<std::int64_t>(i)}, .function = "f", .instance = i});
  }
  ASSERT_TRUE(written.flush());

  std::uint64_t sum = 0;
  ASSERT_TRUE(read_container_log(path(), [&](const ContainerEvent& event) { sum += event.instance; }));
  EXPECT_EQ(sum, 50'005'000U);
}

TEST_F(ContainerLogFile, AnUnknownEventIsAnErrorWithItsLine) {
  std::ofstream(path()) << "{\"schema\":\"thaw.events/1\"}\n{\"t_ms\":1,\"event\":\"melt\"}\n";

  const auto header = read_container_log(path(), [](const ContainerEvent&) {});

  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().kind, ErrorKind::bad_input);
  EXPECT_THAT(header.error().where, testing::EndsWith("events.ndjson:2"));
}

TEST_F(ContainerLogFile, AnotherFileIsRefused) {
  std::ofstream(path()) << "{\"schema\":\"thaw.run/1\"}\n";

  EXPECT_FALSE(read_container_log(path(), [](const ContainerEvent&) {}));
}

TEST_F(ContainerLogFile, AFolderThatDoesNotExistIsAnErrorOfTheEnvironment) {
  EXPECT_EQ(ContainerLog::create("/nowhere/events.ndjson", {}).error().kind, ErrorKind::environment);
}

}  // namespace
}  // namespace thaw
