#include "core/launch_thread.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "core/process.h"
#include "core/spawner.h"
#include "interrupt_soon.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;

TEST(OnLaunchThread, IsOneThreadForAllWork) {
  const auto here = [] { return std::this_thread::get_id(); };

  const std::thread::id first = on_launch_thread(here);
  const std::thread::id second = on_launch_thread(here);

  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST(OnLaunchThread, RunsWorkWithinWork) {
  EXPECT_EQ(on_launch_thread([] { return on_launch_thread([] { return 7; }); }), 7);
}

TEST(OnLaunchThread, ThrowsWhatTheWorkThrows) {
  EXPECT_THROW(on_launch_thread([]() -> int { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_EQ(on_launch_thread([] { return 7; }), 7);
}

TEST(OnLaunchThread, KeepsTheSignalMaskOfTheCaller) {
  const auto blocks_hangup = [] {
    sigset_t mask;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    return ::sigismember(&mask, SIGHUP) == 1;
  };
  sigset_t hangup, before;
  ::sigemptyset(&hangup);
  ::sigaddset(&hangup, SIGHUP);

  EXPECT_FALSE(on_launch_thread(blocks_hangup));
  ::pthread_sigmask(SIG_BLOCK, &hangup, &before);
  EXPECT_TRUE(on_launch_thread(blocks_hangup));
  EXPECT_TRUE(blocks_hangup());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_FALSE(blocks_hangup());
}

TEST(OnLaunchThread, MayUseAllProcessors) {
  EXPECT_EQ(on_launch_thread(allowed_processors), allowed_processors());
}

TEST(OnLaunchThread, GetsTheInterrupt) {
  install_interrupt_handlers();
  const pid_t sender = interrupt_soon();
  const Launch launch{.command = {{"sleep", "30"}, {}}};

  const auto reports = on_launch_thread([&] { return run_processes(std::span(&launch, 1)); });

  ::waitpid(sender, nullptr, 0);
  interrupt_signal() = 0;
  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->front().outcome, Outcome::interrupted);
  EXPECT_LT(reports->front().wall, 10s);
}

}  // namespace
}  // namespace thaw
