#include "functions/trace_work.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace thaw::functions {
namespace {

using namespace std::chrono_literals;

WorkReport done(const TraceCall& call) {
  WorkMemory memory;
  return perform(call, system_clock(), memory);
}

/// Of this process, in kB.
long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

TEST(TraceWork, UsesTheProcessorForTheAskedTime) {
  const WorkReport report = done({.runtime = 20ms});

  EXPECT_GE(report.cpu, 20ms);
  EXPECT_LT(report.cpu, 21ms);
  EXPECT_GE(report.wall, report.cpu - 1ms);
}

TEST(TraceWork, WaitsWithoutTheProcessorWhenAsleep) {
  const WorkReport report = done({.mode = TraceCall::Mode::sleep, .runtime = 20ms});

  EXPECT_GE(report.wall, 20ms);
  EXPECT_LT(report.cpu, 5ms);
}

TEST(TraceWork, EndsByTheWallClockWhenAsked) {
  const WorkReport report = done({.mode = TraceCall::Mode::wall, .runtime = 20ms});

  EXPECT_GE(report.wall, 20ms);
  EXPECT_LE(report.cpu, report.wall + 1ms);
}

TEST(TraceWork, WaitsForTheShareOfIo) {
  const WorkReport report = done({.runtime = 40ms, .io_share = 0.75});

  EXPECT_GE(report.cpu, 10ms);
  EXPECT_LT(report.cpu, 15ms);
  EXPECT_GE(report.wall, 40ms);
}

TEST(TraceWork, TouchesEveryPage) {
  WorkMemory memory;
  const long before = resident_kib();

  const WorkReport report = perform({.memory = 64_MiB}, system_clock(), memory);

  EXPECT_EQ(report.memory, 64_MiB);
  EXPECT_GT(resident_kib() - before, 60 << 10);
}

TEST(TraceWork, GivesMemoryBackWhenAsked) {
  WorkMemory memory(false);
  const long before = resident_kib();

  (void)perform({.memory = 64_MiB}, system_clock(), memory);

  EXPECT_LT(resident_kib() - before, 8 << 10);
}

TEST(TraceWork, CountsTouchingIntoTheRuntime) {
  const WorkReport report = done({.runtime = 200ms, .memory = 16_MiB});

  EXPECT_GE(report.cpu, 200ms);
  EXPECT_LT(report.cpu, 202ms);
}

TEST(TraceWork, SaysThatTheSystemHasNoMemory) {
  const WorkReport report = done({.runtime = 1ms, .memory = Bytes(std::int64_t{1} << 46)});

  EXPECT_FALSE(report.could_have_memory);
}

TEST(TraceWork, DoesFixedWorkWithAMultiplier) {
  // Twice the work takes about twice the time, whatever the machine's speed.
  const double once = to_seconds(done({.runtime = 40ms, .multiplier = 100}).cpu);
  const double twice = to_seconds(done({.runtime = 40ms, .multiplier = 200}).cpu);

  EXPECT_GT(twice / once, 1.3);
  EXPECT_LT(twice / once, 3.0);
}

TEST(TraceWork, DoesNothingWhenNothingIsAsked) {
  const WorkReport report = done({});

  EXPECT_LT(report.cpu, 1ms);
  EXPECT_TRUE(report.could_have_memory);
}

TEST(WorkMemory, HandsOutAgainWhatCameBack) {
  WorkMemory memory;
  const WorkMemory::Piece first = memory.take(1 << 20);
  memory.give_back(first);

  const WorkMemory::Piece second = memory.take(1 << 16);

  EXPECT_EQ(second.begin, first.begin);
  EXPECT_EQ(second.bytes, std::size_t{1} << 20);
  memory.give_back(second);
}

}  // namespace
}  // namespace thaw::functions
