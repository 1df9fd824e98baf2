#include <gtest/gtest.h>

#include "sim/course/course_simulation.h"
#include "sim/course/simulator.h"

namespace thaw {
namespace {

std::vector<TraceFunction> two_functions() {
  std::vector<TraceFunction> functions(2);
  functions[0].name = "a";
  functions[0].memory_mb = 100;
  functions[0].cold_ms = 600;
  functions[0].warm_ms = 100;
  functions[1] = functions[0];
  functions[1].name = "b";
  return functions;
}

/// Chooses the same places again and again.
class FixedPicker final : public VictimPicker {
 public:
  explicit FixedPicker(std::vector<std::size_t> victims) : victims_(std::move(victims)) {}
  std::vector<std::size_t> pick(const VictimRequest& request, std::span<const IdleContainer> idle) override {
    to_free_mb = request.to_free_mb;
    seen.assign(idle.begin(), idle.end());
    return victims_;
  }
  double to_free_mb = 0;
  std::vector<IdleContainer> seen;

 private:
  std::vector<std::size_t> victims_;
};

TEST(CourseSimulator, ColdRunLastsThreeSecondsAndAFifthMore) {
  const auto functions = two_functions();
  FixedPicker picker({});
  course::Simulator simulator(functions, picker, 200, nullptr);
  ASSERT_TRUE(simulator.run_invocation(0, 0));
  ASSERT_TRUE(simulator.run_invocation(3719, 0));
  EXPECT_EQ(simulator.outcome().cold, 2U);
  ASSERT_TRUE(simulator.run_invocation(3720, 0));
  EXPECT_EQ(simulator.outcome().warm, 1U);
}

TEST(CourseSimulator, RefusesToRemoveARunningContainer) {
  const auto functions = two_functions();
  FixedPicker picker({});
  course::Simulator simulator(functions, picker, 200, nullptr);
  ASSERT_TRUE(simulator.run_invocation(0, 0));
  const auto removed = simulator.remove_from_pool(simulator.container_pool().front().id);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().kind, ErrorKind::internal);
}

TEST(CourseSimulator, RefusesAnEvictionThatNamesAContainerTwice) {
  const auto functions = two_functions();
  FixedPicker picker({0, 0});
  course::Simulator simulator(functions, picker, 150, nullptr);
  ASSERT_TRUE(simulator.run_invocation(0, 0));
  const auto step = simulator.run_invocation(10000, 1);
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().kind, ErrorKind::internal);
}

TEST(CourseSimulator, RefusesAnEvictionOutsideTheList) {
  const auto functions = two_functions();
  FixedPicker picker({1});
  course::Simulator simulator(functions, picker, 150, nullptr);
  ASSERT_TRUE(simulator.run_invocation(0, 0));
  EXPECT_FALSE(simulator.run_invocation(10000, 1));
}

TEST(CourseSimulator, DropsTheInvocationWhenTheEvictionFreesNothing) {
  const auto functions = two_functions();
  FixedPicker picker({});
  course::Simulator simulator(functions, picker, 150, nullptr);
  ASSERT_TRUE(simulator.run_invocation(0, 0));
  ASSERT_TRUE(simulator.run_invocation(10000, 1));
  EXPECT_EQ(simulator.outcome().functions[1].dropped, 1U);
  EXPECT_EQ(simulator.mem_used(), 100);
}

TEST(CourseSimulator, ShowsTheEvictionWhatIsIdle) {
  const auto functions = two_functions();
  FixedPicker picker({0});
  course::Simulator simulator(functions, picker, 150, nullptr);
  ASSERT_TRUE(simulator.run_invocation(0, 0));
  ASSERT_TRUE(simulator.run_invocation(5000, 0));
  ASSERT_TRUE(simulator.run_invocation(10000, 1));
  EXPECT_EQ(picker.to_free_mb, 100);
  ASSERT_EQ(picker.seen.size(), 1U);
  EXPECT_EQ(picker.seen[0].uses, 2U);
  EXPECT_EQ(picker.seen[0].last_start_ms, 5000);
  EXPECT_EQ(picker.seen[0].cold_ms, 600);
  EXPECT_EQ(picker.seen[0].function_calls, 2U);
}

TEST(CourseSimulator, MemoryAddsUpAfterEveryChange) {
  const auto functions = two_functions();
  FixedPicker picker({0});
  course::Simulator simulator(functions, picker, 200, nullptr);
  const auto id = simulator.add_to_pool(0);
  ASSERT_TRUE(id);
  EXPECT_TRUE(simulator.check_memory());
  EXPECT_EQ(simulator.mem_used(), 100);
  ASSERT_TRUE(simulator.remove_from_pool(*id));
  EXPECT_TRUE(simulator.check_memory());
  EXPECT_EQ(simulator.mem_used(), 0);
}

TEST(CourseModel, TakesAnEvictionFunctionOfTheCallers) {
  const auto functions = two_functions();
  auto simulation = CourseSimulation::create({.policy = "mine", .memory_mb = 150}, functions,
                                             std::make_unique<FixedPicker>(std::vector<std::size_t>{0}));
  ASSERT_TRUE(simulation);
  InvocationBlock block;
  block.time_ms = {0, 10000};
  block.function = {0, 1};
  ASSERT_TRUE(simulation->take(block));
  EXPECT_EQ(simulation->finish().evictions, 1U);
  EXPECT_EQ(simulation->finish().point.policy, "mine");
}

TEST(CourseModel, SlowdownOfAColdRunHasTheOverhead) {
  const auto functions = two_functions();
  Trace trace;
  trace.functions = functions;
  trace.invocations.time_ms = {0};
  trace.invocations.function = {0};
  const auto outcome = simulate_course({.policy = "lru", .memory_mb = 150}, functions, *source_of(trace));
  EXPECT_DOUBLE_EQ(outcome->slowdown_p50, 37.2);
}

}  // namespace
}  // namespace thaw
