#include "load/sites_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load/load_trial.h"
#include "load/scripted_server.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::SizeIs;
using tests::answering;
using tests::LoadTrial;
using tests::ok_answer;
using tests::Peer;
using tests::ScriptedServer;
using tests::spaced;

/// So many invocations, of the functions in turn.
std::vector<Invocation> in_turn(std::size_t count, std::size_t functions, Nanos gap) {
  auto all = spaced(count, gap);
  for (std::size_t i = 0; i < count; ++i) all[i].function = static_cast<FunctionIndex>(i % functions);
  return all;
}

/// What came of one function's invocations.
std::vector<Invocation> of(FunctionIndex function, const std::vector<Invocation>& all) {
  std::vector<Invocation> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
               [function](const Invocation& one) { return one.function == function; });
  return chosen;
}

TEST(SitesWorker, CallsEachFunctionAtItsPlace) {
  const ScriptedServer first(answering(ok_answer));
  const ScriptedServer second(answering(ok_answer));
  LoadTrial trial(std::vector<std::string>{first.url(), second.url()});

  const auto all = trial.send(in_turn(200, 2, 100us));

  EXPECT_THAT(all, AllOf(SizeIs(200), Each(Field(&Invocation::cause, Cause::none))));
  EXPECT_GE(first.connections(), 1);
  EXPECT_GE(second.connections(), 1);
}

TEST(SitesWorker, LimitsConnectionsOfEachSite) {
  const ScriptedServer first(answering(ok_answer));
  const ScriptedServer second(answering(ok_answer));
  LoadTrial trial(std::vector<std::string>{first.url(), second.url()});
  trial.sender.most_connections = 1;

  const auto all = trial.send(in_turn(100, 2, 0ns));

  EXPECT_THAT(all, SizeIs(100));
  EXPECT_EQ(first.connections(), 1);
  EXPECT_EQ(second.connections(), 1);
  EXPECT_EQ(trial.health.connections_opened, 2U);
}

TEST(SitesWorker, FailsOnlyTheFunctionsOfASiteThatRefuses) {
  const ScriptedServer there(answering(ok_answer));
  LoadTrial trial(std::vector<std::string>{there.url(), "http://127.0.0.1:1/"});

  const auto all = trial.send(in_turn(20, 2, 1ms));

  EXPECT_THAT(of(0, all), AllOf(SizeIs(10), Each(Field(&Invocation::cause, Cause::none))));
  EXPECT_THAT(of(1, all), AllOf(SizeIs(10), Each(Field(&Invocation::cause, Cause::connect_refused))));
}

TEST(SitesWorker, KeepsTheTimeLimitOfASiteThatIsSilent) {
  const ScriptedServer there(answering(ok_answer));
  const ScriptedServer silent([](Peer& peer, int) { peer.wait_for_end(); });
  LoadTrial trial(std::vector<std::string>{there.url(), silent.url()});
  trial.sender.function_timeout = 50ms;

  const auto all = trial.send(in_turn(4, 2, 1ms));

  EXPECT_THAT(of(0, all), Each(Field(&Invocation::cause, Cause::none)));
  EXPECT_THAT(of(1, all), Each(Field(&Invocation::cause, Cause::function_timeout)));
}

TEST(SitesWorker, CountsWhatIsInFlightOverAllSites) {
  const ScriptedServer first(answering(ok_answer));
  const ScriptedServer second(answering(ok_answer));
  LoadTrial trial(std::vector<std::string>{first.url(), second.url()});

  trial.send(in_turn(50, 2, 0ns));

  EXPECT_GE(trial.health.most_in_flight, 2U);
  EXPECT_LE(trial.health.most_in_flight, 50U);
}

}  // namespace
}  // namespace thaw
