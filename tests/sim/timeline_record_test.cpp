#include "sim/timeline_record.h"

#include <gtest/gtest.h>

#include "sim/simulation.h"

namespace thaw {
namespace {

TEST(MinuteAverages, AveragesStepsOverEachMinute) {
  MinuteAverages averages;
  averages.step_to(30'000, 100);
  averages.step_to(90'000, 0);
  averages.step_to(120'000, 0);
  EXPECT_EQ(averages.averages(), (std::vector<double>{50, 50}));
}

TEST(MinuteAverages, AveragesRampsOverEachMinute) {
  MinuteAverages averages;
  averages.ramp_to(120'000, 120);
  EXPECT_EQ(averages.averages(), (std::vector<double>{30, 90}));
}

TEST(MinuteAverages, LeavesOutTimesBeyondItsLimit) {
  MinuteAverages averages;
  averages.step_to(1e15, 1);
  EXPECT_EQ(averages.averages().size(), MinuteAverages::most_minutes);
}

/// What a simulation of one function of 100 MB (cold 2 s, warm 1 s) tells.
struct ServedMemory final : SimulationObserver {
  std::vector<double> used, running;
  void on_invocation(double, FunctionIndex, Served) override {}
  void on_memory(double, std::string_view, double, double, std::span<const EvictedContainer>) override {}
  void on_served(double, double used_mb, double running_mb) override {
    used.push_back(used_mb);
    running.push_back(running_mb);
  }
};

TEST(CleanSimulation, TellsTheMemoryInUseAndTheRunningPartOfIt) {
  const std::vector<TraceFunction> functions = {
      {.name = "f", .memory_mb = 100, .cold_ms = 2000, .warm_ms = 1000}};
  ServedMemory observer;
  auto simulation = make_simulation({"lru", Model::clean, 1000, 1}, functions, &observer);
  ASSERT_TRUE(simulation);
  InvocationBlock block;
  block.time_ms = {0, 500, 10'000};
  block.function = {0, 0, 0};
  ASSERT_TRUE((*simulation)->take(block));
  EXPECT_EQ(observer.used, (std::vector<double>{100, 200, 200}));
  EXPECT_EQ(observer.running, (std::vector<double>{100, 200, 100}));
}

}  // namespace
}  // namespace thaw
