#include "core/lasting_child.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>

#include <thread>

namespace thaw {
namespace {

Launch launch(std::vector<std::string> words) {
  Launch launch;
  launch.command.argv = std::move(words);
  return launch;
}

/// Waits until the child has ended, at most ten seconds.
std::optional<std::string> end_of(LastingChild& child) {
  pollfd watched{child.descriptor(), POLLIN, 0};
  ::poll(&watched, 1, 10'000);
  return child.ended();
}

TEST(LastingChild, TellsItsExitCode) {
  LastingChild child = LastingChild::start(launch({"sh", "-c", "exit 3"})).value();

  EXPECT_EQ(end_of(child), "exit code 3");
}

TEST(LastingChild, TellsTheSignalThatKilledIt) {
  LastingChild child = LastingChild::start(launch({"sleep", "1000"})).value();

  child.signal(SIGKILL);

  EXPECT_EQ(end_of(child), "killed by signal 9");
}

TEST(LastingChild, HasNotEndedWhileItRuns) {
  LastingChild child = LastingChild::start(launch({"sleep", "1000"})).value();

  EXPECT_EQ(child.ended(), std::nullopt);
}

TEST(LastingChild, LivesOnWhenTheThreadThatAskedForItEnds) {
  std::optional<LastingChild> child;
  std::thread([&] { child.emplace(LastingChild::start(launch({"sleep", "1000"})).value()); }).join();

  pollfd watched{child->descriptor(), POLLIN, 0};

  EXPECT_EQ(::poll(&watched, 1, 100), 0);
}

TEST(LastingChild, IsStoppedByForceWhenItIgnoresTheFirstSignal) {
  const TemporaryDirectory folder = TemporaryDirectory::create("thaw-child").value();
  const Path ready = folder.path() / "ready";
  const std::string script = fmt::format("trap '' TERM; : > {}; sleep 1000; sleep 1000", ready.string());
  LastingChild child = LastingChild::start(launch({"sh", "-c", script})).value();
  while (!std::filesystem::exists(ready)) std::this_thread::yield();

  child.stop(std::chrono::milliseconds(50));

  EXPECT_EQ(child.ended(), "killed by signal 9");
}

TEST(LastingChild, EndsWithItsObject) {
  pid_t pid = 0;
  {
    const LastingChild child = LastingChild::start(launch({"sleep", "1000"})).value();
    pid = child.pid();
  }

  EXPECT_EQ(process_start_ticks(pid), std::nullopt);
}

TEST(LastingChild, AProgramThatDoesNotExistIsAnErrorOfTheEnvironment) {
  const auto child = LastingChild::start(launch({"no-such-program"}));

  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().kind, ErrorKind::environment);
}

TEST(KillLeftBehind, SparesAProcessThatStartedAtAnotherTime) {
  LastingChild child = LastingChild::start(launch({"sleep", "1000"})).value();
  const std::uint64_t ticks = process_start_ticks(child.pid()).value();

  EXPECT_FALSE(kill_left_behind(child.pid(), ticks + 1));
  EXPECT_TRUE(kill_left_behind(child.pid(), ticks));
}

}  // namespace
}  // namespace thaw
