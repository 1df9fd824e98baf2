#include "load/async_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load_trial.h"
#include "scripted_server.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;
using tests::KeptInvocations;
using tests::Peer;
using tests::ScriptedServer;

constexpr auto nobody_stops = [] { return false; };

/// Sent at 1 ms, accepted at 3 ms.
Invocation accepted() {
  Invocation invocation;
  invocation.intended_ns = invocation.dispatched_ns = invocation.sent_ns = 1'000'000;
  invocation.first_byte_ns = invocation.done_ns = 3'000'000;
  invocation.status = 200;
  return invocation;
}

AsyncAnswers answers_from(const ScriptedServer& server, KeptInvocations& kept) {
  AsyncAnswers answers = AsyncAnswers::create({server.url(), {}}).value();
  answers.begin(kept);
  return answers;
}

/// Accepts one invocation and fetches its answer, which is this text.
Invocation collected(std::string answer) {
  const ScriptedServer server([answer](Peer& peer, int) {
    peer.read_head();
    peer.send(answer);
  });
  KeptInvocations kept;
  AsyncAnswers answers = answers_from(server, kept);
  answers.on_body("f2c5");
  answers.take(accepted());
  answers.collect(system_clock(), nobody_stops);
  EXPECT_THAT(kept.all, SizeIs(1));
  return kept.all.at(0);
}

TEST(AsyncAnswers, AskByTheIdentityOfTheCall) {
  std::string head, body;
  const ScriptedServer server([&](Peer& peer, int) {
    head = peer.read_head();
    body = peer.read_body(4);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  });
  KeptInvocations kept;
  AsyncAnswers answers = answers_from(server, kept);
  answers.on_body("f2c5");
  answers.take(accepted());

  EXPECT_THAT(kept.all, SizeIs(0));
  answers.collect(system_clock(), nobody_stops);

  EXPECT_THAT(kept.all, SizeIs(1));
  EXPECT_THAT(head, testing::StartsWith("GET / HTTP/1.1\r\n"));
  EXPECT_EQ(body, "f2c5");
}

TEST(AsyncAnswers, EndWhenAcceptanceExecutionAndFetchingAreOver) {
  const Invocation one = collected(
      "HTTP/1.1 200 OK\r\nDuration-Microseconds: 5000\r\nContent-Length: 46\r\n\r\n"
      R"({"MachineName":"worker-3","ExecutionTime":4000})");

  EXPECT_EQ(one.cause, Cause::none);
  EXPECT_EQ(one.platform_us, 5000U);
  EXPECT_GE(one.fetch_us, 1U);
  EXPECT_EQ(one.done_ns, 3'000'000 + 1000 * (std::int64_t{5000} + one.fetch_us));
  EXPECT_EQ(one.actual_us, 4000);
  EXPECT_STREQ(one.instance.data(), "worker-3");
}

TEST(AsyncAnswers, ThatAreEmptyHaveNotComeInTime) {
  EXPECT_EQ(collected("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").cause, Cause::function_timeout);
}

TEST(AsyncAnswers, ThatFailAreFailures) {
  const Invocation one = collected("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno");

  EXPECT_EQ(one.cause, Cause::status);
  EXPECT_EQ(one.status, 500);
}

TEST(AsyncAnswers, LeaveCallsAloneThatWereNotAccepted) {
  const ScriptedServer server([](Peer& peer, int) { peer.read_head(); });
  KeptInvocations kept;
  AsyncAnswers answers = answers_from(server, kept);
  Invocation failed = accepted();
  failed.cause = Cause::status;

  answers.take(failed);
  answers.take(accepted());

  EXPECT_THAT(kept.all, SizeIs(2));
}

TEST(AsyncAnswers, ThatNobodyAskedForAreInFlight) {
  const ScriptedServer server([](Peer& peer, int) { peer.read_head(); });
  KeptInvocations kept;
  AsyncAnswers answers = AsyncAnswers::create({server.url(), 1h}).value();
  answers.begin(kept);
  answers.on_body("f2c5");
  answers.take(accepted());

  answers.collect(system_clock(), [] { return true; });

  ASSERT_THAT(kept.all, SizeIs(1));
  EXPECT_TRUE(kept.all[0].is_in_flight());
}

TEST(AsyncAnswers, AreFetchedInClearText) {
  EXPECT_EQ(AsyncAnswers::create({"https://127.0.0.1/", {}}).error().where, "--async-answers");
}

}  // namespace
}  // namespace thaw
