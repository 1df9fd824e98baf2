#include "core/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <future>
#include <span>
#include <thread>
#include <vector>

#include "core/process_guard.h"
#include "core/text.h"
#include "interrupt_soon.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

ProcessReport run_one(Argv argv, RunLimits limits = {}) {
  const Launch launch{.command = {std::move(argv), {}}};
  const auto reports = run_processes(std::span(&launch, 1), limits);
  return reports ? reports->front() : ProcessReport{};
}

std::string output_of(Argv argv, std::vector<std::pair<std::string, std::string>> env = {}) {
  const auto output = run_tool({std::move(argv), std::move(env)});
  return output ? output->out : "no output";
}

bool is_alive(pid_t pid) {
  const auto status = read_file_if_any(fmt::format("/proc/{}/stat", pid));
  return status && status->find(") Z ") == std::string::npos;
}

/// Waits until the process is gone, at most two seconds.
bool disappears(pid_t pid) {
  for (int i = 0; i < 200 && is_alive(pid); ++i) ::usleep(10'000);
  return !is_alive(pid);
}

TEST(RunProcesses, ReportsTheExitCode) {
  const ProcessReport report = run_one({"sh", "-c", "exit 7"});

  EXPECT_EQ(report.outcome, Outcome::exited);
  EXPECT_EQ(report.exit_code, 7);
}

TEST(RunProcesses, ReportsTheSignal) {
  const ProcessReport report = run_one({"sh", "-c", "kill -USR1 $$"});

  EXPECT_EQ(report.outcome, Outcome::signalled);
  EXPECT_EQ(report.signal, SIGUSR1);
  EXPECT_EQ(report.exit_code, 128 + SIGUSR1);
}

TEST(RunProcesses, MeasuresFromSpawnToExit) {
  const ProcessReport report = run_one({"sleep", "0.05"});

  EXPECT_GE(report.wall, 50ms);
  EXPECT_LT(report.wall, 1s);
}

TEST(RunProcesses, CountsUserTimeAndMemoryOfTheChild) {
  const ProcessReport report = run_one({"sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"});

  EXPECT_GT(report.user + report.system, 5ms);
  EXPECT_GT(report.max_rss, 500_KiB);
  EXPECT_GT(report.minor_faults, 0);
}

TEST(RunProcesses, TellsTheChildsOwnPeakAfterAThreadThatStartedAnotherHasEnded) {
  // Our own peak, which a child would show if it were started by this process itself.
  std::vector<char> ballast(std::size_t{64} << 20, 'x');
  std::thread([] { output_of({"true"}); }).join();

  const ProcessReport report = run_one({"true"});

  EXPECT_EQ(ballast.back(), 'x');
  EXPECT_LT(report.max_rss, 20_MiB);
}

TEST(RunProcesses, LooksForProgramsWherePathSaysNow) {
  ASSERT_EQ(output_of({"sh", "-c", "echo before"}), "before\n");  // Starts the helper with the former PATH.
  const auto folder = TemporaryDirectory::create("search");
  ASSERT_TRUE(folder);
  const Path program = folder->path() / "only-here";
  ASSERT_TRUE(write_file_atomically(program, "#!/bin/sh\necho found\n"));
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const std::string former = environment_variable("PATH").value_or("");
  ::setenv("PATH", (folder->path().string() + ":" + former).c_str(), 1);

  const std::string output = output_of({"only-here"});

  ::setenv("PATH", former.c_str(), 1);
  EXPECT_EQ(output, "found\n");
}

/// A process that ends without waiting for its child: exec makes `sleep` the parent of what the shell started.
const Argv abandoning = {"sh", "-c", "sh -c 'exit 3' & exec sleep 0.05"};

TEST(RunProcesses, CountsTheFailureOfAnAbandonedProcessWhereItIsAskedFor) {
  const ProcessReport report = run_one(abandoning, {.adopts_abandoned = true});

  EXPECT_EQ(report.outcome, Outcome::exited);
  EXPECT_EQ(report.exit_code, 3);
}

TEST(RunProcesses, LeavesAbandonedProcessesToOthersUnlessAskedFor) {
  EXPECT_EQ(run_one(abandoning).exit_code, 0);
}

TEST(RunProcesses, GivesEachOfSeveralItsOwnAbandonedProcess) {
  const std::array<Launch, 2> launches = {Launch{.command = {{"sleep", "0.05"}, {}}},
                                          Launch{.command = {abandoning, {}}}};

  const auto reports = run_processes(launches, {.adopts_abandoned = true});

  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->at(0).exit_code, 0);
  EXPECT_EQ(reports->at(1).exit_code, 3);
}

TEST(RunProcesses, KeepsItsOwnSocketsAndMemoryFromAChild) {
  const std::string descriptors = output_of({"ls", "-l", "/proc/self/fd"});

  EXPECT_THAT(descriptors, HasSubstr("memfd:stdout"));
  EXPECT_THAT(descriptors, Not(HasSubstr("socket:")));
  EXPECT_THAT(descriptors, Not(HasSubstr("memfd:thaw-spawn")));
}

TEST(RunProcesses, TellsEachThreadWhetherItsOwnProgramWasStarted) {
  const auto fails_each_time = [] {
    for (int i = 0; i < 50; ++i) {
      if (run_one({"/nonexistent/program"}).outcome != Outcome::not_started) return false;
    }
    return true;
  };
  const auto runs_each_time = [] {
    for (int i = 0; i < 50; ++i) {
      if (run_one({"true"}).outcome != Outcome::exited) return false;
    }
    return true;
  };
  bool failed = false;
  std::thread other([&] { failed = fails_each_time(); });
  EXPECT_TRUE(runs_each_time());
  other.join();
  EXPECT_TRUE(failed);
}

/// Ends this process with 0 when a program outlives the thread that was the first to run one.
[[noreturn]] void outlive_the_first_launcher() {
  std::promise<void> second_runs;
  std::promise<void> first_ran;
  std::thread first([&] {
    run_one({"true"});
    first_ran.set_value();
    second_runs.get_future().wait();
  });
  first_ran.get_future().wait();
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) std::_Exit(2);
  Outcome outcome = Outcome::not_started;
  std::thread second([&] {
    const Launch launch{.command = {{"sh", "-c", "echo; exec sleep 0.1"}, {}}, .stdout_fd = ends[1]};
    outcome = run_processes(std::span(&launch, 1)).value().front().outcome;
  });
  char byte = 0;
  if (::read(ends[0], &byte, 1) != 1) std::_Exit(3);
  second_runs.set_value();
  first.join();
  second.join();
  std::_Exit(outcome == Outcome::exited ? 0 : 1);
}

TEST(RunProcessesDeathTest, LetsAProgramOutliveTheThreadThatWasTheFirstToRunOne) {
  // Only in a fresh process is a thread the first.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(outlive_the_first_launcher(), testing::ExitedWithCode(0), "");
}

TEST(RunProcesses, ReportsAMissingProgramAsNotStarted) {
  const ProcessReport report = run_one({"/nonexistent/program"});

  EXPECT_EQ(report.outcome, Outcome::not_started);
  EXPECT_EQ(report.exit_code, 127);
}

TEST(RunProcesses, ReportsAProgramWithoutPermissionAsNotStarted) {
  const ProcessReport report = run_one({"/etc/passwd"});

  EXPECT_EQ(report.outcome, Outcome::not_started);
  EXPECT_EQ(report.exit_code, 126);
}

TEST(RunProcesses, GivesEachCopyItsOwnTime) {
  const std::vector<Launch> launches = {{.command = {{"sleep", "0.01"}, {}}},
                                        {.command = {{"sleep", "0.3"}, {}}}};

  const auto reports = run_processes(launches).value();

  EXPECT_LT(reports[0].wall, 200ms);
  EXPECT_GE(reports[1].wall, 300ms);
}

TEST(RunProcesses, StartsCopiesAtOneMoment) {
  const std::vector<Launch> launches(4, Launch{.command = {{"true"}, {}}});

  const auto reports = run_processes(launches).value();

  for (const ProcessReport& report : reports) EXPECT_EQ(report.started, reports.front().started);
}

TEST(RunProcesses, EndsTheWholeGroupAtTheTimeout) {
  const FileDescriptor out = memory_file("pids").value();
  const Launch launch{.command = {{"sh", "-c", "sleep 60 & echo $!; wait"}, {}}, .stdout_fd = out.get()};

  const auto reports = run_processes(std::span(&launch, 1), {.timeout = 200ms}).value();

  EXPECT_EQ(reports[0].outcome, Outcome::timed_out);
  const auto grandchild = parse_integer(trim(read_all(out.get())));
  ASSERT_TRUE(grandchild);
  EXPECT_TRUE(disappears(static_cast<pid_t>(*grandchild)));
}

TEST(RunProcesses, EndsAtTheTimeoutWhatLeftItsGroup) {
  const FileDescriptor out = memory_file("pids").value();
  const Launch launch{.command = {{"sh", "-c", "setsid sh -c 'echo $$; exec sleep 60' & wait"}, {}},
                      .stdout_fd = out.get()};

  const auto reports = run_processes(std::span(&launch, 1), {.timeout = 300ms}).value();

  EXPECT_EQ(reports[0].outcome, Outcome::timed_out);
  const auto escaped = parse_integer(trim(read_all(out.get())));
  ASSERT_TRUE(escaped);
  EXPECT_TRUE(disappears(static_cast<pid_t>(*escaped)));
}

TEST(RunProcesses, EndsAProgramThatIgnoresTheTerminationSignal) {
  const ProcessReport report =
      run_one({"sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"}, {.timeout = 100ms});

  EXPECT_EQ(report.outcome, Outcome::timed_out);
  EXPECT_LT(report.wall, 5s);
}

TEST(RunProcesses, StopsARunThatPrintsTooMuch) {
  const FileDescriptor out = memory_file("flood").value();
  const Launch launch{.command = {{"sh", "-c", "head -c 3000000 /dev/zero; sleep 30"}, {}},
                      .stdout_fd = out.get()};

  const auto reports = run_processes(std::span(&launch, 1), {.timeout = 20s, .output_limit = 1_MiB}).value();

  EXPECT_EQ(reports[0].outcome, Outcome::output_limit);
}

TEST(RunProcesses, PinsToAProcessor) {
  const FileDescriptor out = memory_file("affinity").value();
  const Launch launch{.command = {{"grep", "Cpus_allowed_list", "/proc/self/status"}, {}},
                      .stdout_fd = out.get(),
                      .cpus = {0}};

  ASSERT_TRUE(run_processes(std::span(&launch, 1)));

  EXPECT_EQ(read_all(out.get()), "Cpus_allowed_list:\t0\n");
}

TEST(RunProcesses, HoldsNeitherTheChildNorItselfOnOneProcessor) {
  const std::vector<int> before = allowed_processors();

  const std::string seen = output_of({"sh", "-c", "nproc"});

  EXPECT_EQ(parse_integer(trim(seen)).value_or(0), static_cast<std::int64_t>(before.size()));
  EXPECT_EQ(allowed_processors(), before);
}

TEST(RunProcesses, LeavesSeveralChildrenAllProcessors) {
  FileDescriptor first = *memory_file("first"), second = *memory_file("second");
  const std::vector<Launch> launches = {{.command = {{"nproc"}, {}}, .stdout_fd = first.get()},
                                        {.command = {{"nproc"}, {}}, .stdout_fd = second.get()}};
  // The small process that starts children was held on one processor for this one.
  run_one({"true"});

  ASSERT_TRUE(run_processes(launches));

  const std::string all = fmt::format("{}\n", allowed_processors().size());
  EXPECT_EQ(read_all(first.get()), all);
  EXPECT_EQ(read_all(second.get()), all);
}

TEST(LaunchSeries, HoldsNoChildOnOneProcessor) {
  const std::string all = fmt::format("{}\n", allowed_processors().size());
  const LaunchSeries series;

  for (int child = 0; child < 3; ++child) EXPECT_EQ(output_of({"nproc"}), all);
}

TEST(LaunchSeries, IsHeldForShortChildrenOnly) {
  const std::vector<int> all = allowed_processors();
  {
    const LaunchSeries series;
    run_one({"true"});
    run_one({"sleep", "0.1"});
    EXPECT_EQ(allowed_processors(), all);
    run_one({"true"});
  }
  EXPECT_EQ(allowed_processors(), all);
}

TEST(LaunchSeries, LeavesSeveralChildrenAllProcessors) {
  const std::string all = fmt::format("{}\n", allowed_processors().size());
  FileDescriptor first = *memory_file("first"), second = *memory_file("second");
  const std::vector<Launch> launches = {{.command = {{"nproc"}, {}}, .stdout_fd = first.get()},
                                        {.command = {{"nproc"}, {}}, .stdout_fd = second.get()}};
  const LaunchSeries series;
  run_one({"true"});

  ASSERT_TRUE(run_processes(launches));

  EXPECT_EQ(read_all(first.get()), all);
  EXPECT_EQ(read_all(second.get()), all);
}

TEST(LaunchSeries, EndsAProgramAtItsTimeLimit) {
  const LaunchSeries series;

  EXPECT_EQ(run_one({"sleep", "30"}, {.timeout = 1ms}).outcome, Outcome::timed_out);
  EXPECT_EQ(run_one({"sleep", "30"}, {.timeout = 100ms}).outcome, Outcome::timed_out);
}

TEST(RunProcesses, StopsWhenInterrupted) {
  install_interrupt_handlers();
  const pid_t sender = interrupt_soon();

  const ProcessReport report = run_one({"sleep", "30"});

  ::waitpid(sender, nullptr, 0);
  interrupt_signal() = 0;
  EXPECT_EQ(report.outcome, Outcome::interrupted);
  EXPECT_LT(report.wall, 10s);
}

TEST(RunTool, PassesArgumentsWithoutAShell) {
  EXPECT_EQ(output_of({"printf", "%s|", "a b", "$HOME", "*", "x\ny"}), "a b|$HOME|*|x\ny|");
}

TEST(RunTool, PutsVariablesOverTheInheritedOnes) {
  EXPECT_EQ(output_of({"sh", "-c", "echo $HOME $FRESH"}, {{"HOME", "/h"}, {"FRESH", "1"}, {"FRESH", "2"}}),
            "/h 2\n");
}

TEST(RunTool, SeesWhatHasChangedInTheEnvironmentSinceTheLastRun) {
  const Argv echo = {"sh", "-c", "echo $THAW_TEST_SEASON"};
  ::setenv("THAW_TEST_SEASON", "winter", 1);
  EXPECT_EQ(output_of(echo), "winter\n");
  ::setenv("THAW_TEST_SEASON", "spring", 1);
  EXPECT_EQ(output_of(echo), "spring\n");
  EXPECT_EQ(output_of(echo, {{"THAW_TEST_SEASON", "summer"}}), "summer\n");
  ::unsetenv("THAW_TEST_SEASON");
  EXPECT_EQ(output_of(echo), "\n");
}

TEST(RunTool, GivesTheInput) { EXPECT_EQ(run_tool({{"cat"}, {}}, "hello").value().out, "hello"); }

TEST(RunTool, RefusesAnEmptyCommand) {
  const auto output = run_tool({{}, {}});

  ASSERT_FALSE(output);
  EXPECT_THAT(output.error().what, HasSubstr("empty"));
}

TEST(ProcessGuard, EndsEveryChildWhenTheProgramIsKilled) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const TemporaryDirectory folder = TemporaryDirectory::create("thaw-guard").value();
  const std::string marker = (folder.path() / "cleaned").string();
  const pid_t victim = ::fork();
  if (victim == 0) {
    const Command cleanup{{"touch", marker}, {}};
    if (!start_process_guard()) ::_exit(1);
    set_guard_cleanup(std::span(&cleanup, 1));
    const Launch launch{.command = {{"sh", "-c", "setsid sleep 60 & echo $!; sleep 60"}, {}},
                        .stdout_fd = ends[1]};
    static_cast<void>(run_processes(std::span(&launch, 1)));
    ::_exit(0);
  }
  ::close(ends[1]);
  std::array<char, 32> text{};
  ASSERT_GT(::read(ends[0], text.data(), text.size() - 1), 0);
  const auto escaped = parse_integer(trim(std::string_view(text.data())));
  ::close(ends[0]);

  ::kill(victim, SIGKILL);
  ::waitpid(victim, nullptr, 0);

  ASSERT_TRUE(escaped);
  EXPECT_TRUE(disappears(static_cast<pid_t>(*escaped)));
  for (int i = 0; i < 200 && !std::filesystem::exists(marker); ++i) ::usleep(10'000);
  EXPECT_TRUE(std::filesystem::exists(marker));
}

}  // namespace
}  // namespace thaw
