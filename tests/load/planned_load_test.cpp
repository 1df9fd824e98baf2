#include "load/planned_load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "load/load_trial.h"
#include "load/stepping_time.h"
#include "trace/rate_plan.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::SizeIs;
using tests::KeptInvocations;
using tests::NotingWorker;
using tests::SteppingTime;

/// One function, so many arrivals a second, for so many minutes.
std::unique_ptr<PlanSource> arrivals(double per_second, double seconds) {
  return plan_from_rate({.per_second = per_second, .seconds = seconds}).value().source;
}

std::vector<Invocation> all_of(InvocationPlan& plan) {
  std::vector<Invocation> all;
  while (const Invocation* next = plan.next().value()) all.push_back(*next);
  return all;
}

class BrokenSource final : public PlanSource {
 public:
  Result<> next(std::vector<PlannedInvocation>&) override { return fail(ErrorKind::bad_input, "torn"); }
};

TEST(PlannedInvocations, DivideTimesBySpeedup) {
  PlannedInvocations plan(arrivals(10, 1), {.speedup = 4}, {});

  const auto all = all_of(plan);

  ASSERT_THAT(all, SizeIs(10));
  EXPECT_EQ(all.back().intended_ns, 225'000'000);
}

TEST(PlannedInvocations, AreWarmUpInTheFirstColumns) {
  PlannedInvocations plan(arrivals(5, 3), {.warmup_columns = 1}, {});

  std::vector<int> phases;
  for (const Invocation& invocation : all_of(plan)) phases.push_back(invocation.phase);

  EXPECT_THAT(phases, ElementsAre(1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2));
}

TEST(Shards, TogetherAreTheWholePlan) {
  std::set<std::int64_t> instants;
  std::size_t count = 0;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    PlannedInvocations plan(arrivals(100, 1), {}, {i, 3});
    for (const Invocation& invocation : all_of(plan)) {
      instants.insert(invocation.intended_ns);
      ++count;
    }
  }

  EXPECT_EQ(count, 100U);
  EXPECT_THAT(instants, SizeIs(100));
}

TEST(Shards, CountFromZeroOrFromOne) {
  EXPECT_TRUE(parse_shard("0/2")->has(0));
  EXPECT_TRUE(parse_shard("2/2")->has(0));
  EXPECT_TRUE(parse_shard("1/2")->has(1));
}

TEST(Shards, RefuseWhatIsNone) {
  for (const char* text : {"", "1", "3/2", "1/0", "-1/2", "a/b"}) EXPECT_FALSE(parse_shard(text)) << text;
}

TEST(ReadAhead, GivesWhatItsSourceGives) {
  PlannedInvocations plain(arrivals(5000, 20), {}, {});
  PlannedInvocations ahead(std::make_unique<ReadAhead>(arrivals(5000, 20)), {}, {});

  const auto expected = all_of(plain), got = all_of(ahead);

  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i].intended_ns, expected[i].intended_ns);
}

TEST(ReadAhead, EndsInTheMiddleOfAPlan) {
  auto plan = std::make_unique<ReadAhead>(arrivals(100'000, 60), 1);
  std::vector<PlannedInvocation> block;
  ASSERT_TRUE(plan->next(block));

  plan.reset();

  EXPECT_FALSE(block.empty());
}

TEST(ReadAhead, PassesErrorsOn) {
  ReadAhead plan(std::make_unique<BrokenSource>());
  std::vector<PlannedInvocation> block;

  EXPECT_FALSE(plan.next(block));
}

/// Three functions in one graph of width and depth 2: a root, its successor, a branch.
class WorkflowsTest : public testing::Test {
 protected:
  std::vector<TraceFunction> functions_{named("root"), named("next"), named("branch"), named("spare")};

  static TraceFunction named(std::string name) {
    TraceFunction function;
    function.name = std::move(name);
    function.memory_mb = 128;
    function.warm_ms = 10;
    return function;
  }

  [[nodiscard]] std::unique_ptr<Workflows> workflows(std::size_t roots, const Shard& shard = {},
                                                     bool has_join = false) const {
    auto graphs = build_call_graphs(has_join ? 4 : 3, {.shape = {2, 2}, .has_join = has_join}).value();
    return Workflows::create(arrivals(1, static_cast<double>(roots)), functions_, std::move(graphs), {},
                             shard, 1)
        .value();
  }

  /// Sends it to a worker of 10 ms whose n-th answer fails where `fails` says so.
  std::vector<Invocation> run(Workflows& plan) {
    SteppingTime time;
    NotingWorker worker(time, 10ms);
    KeptInvocations kept;
    Pacer pacer(worker, {}, time, kept, &plan);
    EXPECT_TRUE(pacer.run(plan, time.now(), [] { return false; }));
    return kept.all;
  }
};

TEST_F(WorkflowsTest, SendThreeInvocationsOfOneIdentity) {
  const auto plan = workflows(1);

  const auto all = run(*plan);

  ASSERT_THAT(all, SizeIs(3));
  EXPECT_THAT(all, Each(Field(&Invocation::cause, Cause::none)));
  EXPECT_THAT(all, Each(Field(&Invocation::column, 0U)));
  EXPECT_THAT(all, Each(Field(&Invocation::number, 0U)));
  EXPECT_THAT(all, Each(Field(&Invocation::graph, 0U)));
}

TEST_F(WorkflowsTest, StartSuccessorsTogetherWhenTheirPredecessorHasAnswered) {
  const auto plan = workflows(1);

  const auto all = run(*plan);

  EXPECT_EQ(all.at(1).intended_ns, all.at(0).done_ns);
  EXPECT_EQ(all.at(2).intended_ns, all.at(0).done_ns);
}

TEST_F(WorkflowsTest, JoinWhenAllBranchesHaveAnswered) {
  const auto plan = workflows(1, {}, true);

  const auto all = run(*plan);

  ASSERT_THAT(all, SizeIs(4));
  EXPECT_EQ(all.at(3).intended_ns, std::max(all.at(1).done_ns, all.at(2).done_ns));
}

TEST_F(WorkflowsTest, RunAsOftenAsTheirFirstFunctionArrives) {
  const auto plan = workflows(5);

  EXPECT_THAT(run(*plan), SizeIs(15));
}

TEST_F(WorkflowsTest, KeepTheirExecutionsInAShard) {
  const auto plan = workflows(6, {1, 2});

  const auto all = run(*plan);

  EXPECT_THAT(all, SizeIs(9));
  EXPECT_THAT(all, Each(Field(&Invocation::runtime_ms, 10U)));
}

TEST_F(WorkflowsTest, SendAFailedCallOnceMore) {
  const auto plan = workflows(1);
  Invocation root = *plan->next().value();
  root.cause = Cause::status;
  root.done_ns = 5;
  std::vector<Invocation> next;

  plan->follow(root, next);

  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].node, 0U);
  EXPECT_EQ(next[0].attempt, 2);
}

TEST_F(WorkflowsTest, AreAbandonedAfterASecondFailure) {
  const auto plan = workflows(1);
  Invocation root = *plan->next().value();
  root.cause = Cause::status;
  root.done_ns = 5;
  std::vector<Invocation> next;
  plan->follow(root, next);
  Invocation again = next.at(0);
  again.cause = Cause::status;
  next.clear();

  plan->follow(again, next);

  EXPECT_TRUE(next.empty());
  EXPECT_EQ(plan->abandoned(), 2U);
}

}  // namespace
}  // namespace thaw
