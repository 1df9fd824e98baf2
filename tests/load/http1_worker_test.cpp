#include "load/http1_worker.h"

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
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;
using tests::answering;
using tests::LoadTrial;
using tests::ok_answer;
using tests::Peer;
using tests::ScriptedServer;
using tests::spaced;

TEST(Http1Worker, TakesEveryInvocationToItsEnd) {
  const ScriptedServer server(answering(ok_answer));

  const auto all = LoadTrial(server.url()).send(spaced(200, 100us));

  EXPECT_THAT(all, AllOf(SizeIs(200), Each(Field(&Invocation::cause, Cause::none))));
}

TEST(Http1Worker, UsesAConnectionAgain) {
  const ScriptedServer server(answering(ok_answer));
  LoadTrial trial(server.url());
  trial.sender.most_connections = 1;

  trial.send(spaced(50, 100us));

  EXPECT_EQ(server.connections(), 1);
}

TEST(Http1Worker, OpensNoMoreConnectionsThanAllowed) {
  const ScriptedServer server(answering(ok_answer));
  LoadTrial trial(server.url());
  trial.sender.most_connections = 3;

  const auto all = trial.send(spaced(100, 0ns));

  EXPECT_LE(server.connections(), 3);
  EXPECT_THAT(all, SizeIs(100));
}

TEST(Http1Worker, StampsTheStagesInOrder) {
  const ScriptedServer server(answering(ok_answer));

  const Invocation one = LoadTrial(server.url()).send_one();

  EXPECT_LE(one.intended_ns, one.dispatched_ns);
  EXPECT_LE(one.dispatched_ns, one.sent_ns);
  EXPECT_LE(one.sent_ns, one.first_byte_ns);
  EXPECT_LE(one.first_byte_ns, one.done_ns);
}

TEST(Http1Worker, TellsTheTimeOfANewConnectionOnce) {
  const ScriptedServer server(answering(ok_answer));
  LoadTrial trial(server.url());
  trial.sender.most_connections = 1;

  const auto all = trial.send(spaced(2, 20ms));

  EXPECT_GT(all.at(0).connect_ns, 0);
  EXPECT_EQ(all.at(1).connect_ns, missing_ns);
}

TEST(Http1Worker, SaysRefusedWhereNobodyListens) {
  std::string url;
  {
    const ScriptedServer gone(answering(ok_answer));
    url = gone.url();
  }

  const Invocation one = LoadTrial(url).send_one();

  EXPECT_EQ(one.cause, Cause::connect_refused);
  EXPECT_GT(one.done_ns, one.dispatched_ns);
}

TEST(Http1Worker, SaysTimeoutWhenNoAnswerComes) {
  const ScriptedServer server([](Peer& peer, int) { peer.wait_for_end(); });
  LoadTrial trial(server.url());
  trial.sender.function_timeout = 50ms;

  const Invocation one = trial.send_one();

  EXPECT_EQ(one.cause, Cause::function_timeout);
  EXPECT_GE(one.done_ns - one.sent_ns, 50'000'000);
  EXPECT_LT(one.done_ns - one.sent_ns, 2'000'000'000);
}

TEST(Http1Worker, SaysConnectTimeoutWhenConnectingTakesTooLong) {
  // A backlog of one that nobody takes from: further connections hang.
  const Endpoint any = resolve("127.0.0.1", 0).value();
  const FileDescriptor listener = listen_at(any, 0).value();
  LoadTrial trial(fmt::format("http://127.0.0.1:{}/", local_port(listener.get())));
  trial.sender.connect_timeout = 50ms;
  trial.sender.function_timeout = 60ms;

  const auto all = trial.send(spaced(8, 0ns));

  EXPECT_THAT(all, testing::Contains(Field(&Invocation::cause, Cause::connect_timeout)));
}

TEST(Http1Worker, SaysResetWhenTheServerEndsInTheMiddleOfABody) {
  const ScriptedServer server([](Peer& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });

  EXPECT_EQ(LoadTrial(server.url()).send_one().cause, Cause::reset);
}

TEST(Http1Worker, SaysBadAnswerToWhatIsNoHttp) {
  const ScriptedServer server([](Peer& peer, int) {
    peer.read_head();
    peer.send("220 mail.example.org ESMTP ready\r\n\r\n");
    peer.wait_for_end();
  });

  EXPECT_EQ(LoadTrial(server.url()).send_one().cause, Cause::bad_answer);
}

TEST(Http1Worker, SaysBadAnswerToBytesBehindTheAnswer) {
  const ScriptedServer server(answering(ok_answer + "and more"));

  EXPECT_EQ(LoadTrial(server.url()).send_one().cause, Cause::bad_answer);
}

TEST(Http1Worker, SaysStatusToAnErrorOfTheFunction) {
  const ScriptedServer server(answering("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"));

  const Invocation one = LoadTrial(server.url()).send_one();

  EXPECT_EQ(one.cause, Cause::status);
  EXPECT_EQ(one.status, 503);
}

TEST(Http1Worker, TellsDropsOfThePlatformFromErrorsOfTheFunction) {
  const auto cause_with = [](std::string_view header) {
    const ScriptedServer server(
        answering(fmt::format("HTTP/1.1 503 Busy\r\n{}\r\nContent-Length: 0\r\n\r\n", header)));
    return LoadTrial(server.url()).send_one().cause;
  };

  EXPECT_EQ(cause_with("X-Thaw-Error: no-memory"), Cause::platform_dropped);
  EXPECT_EQ(cause_with("X-Thaw-Error: queue-full"), Cause::platform_dropped);
  EXPECT_EQ(cause_with("X-Thaw-Error: queue-timeout"), Cause::platform_dropped);
  EXPECT_EQ(cause_with("X-Thaw-Error: draining"), Cause::status);
}

TEST(Http1Worker, ReadsChunkedBodies) {
  const ScriptedServer server(
      answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));

  EXPECT_THAT(LoadTrial(server.url()).send(spaced(3, 1ms)), Each(Field(&Invocation::cause, Cause::none)));
}

TEST(Http1Worker, SkipsInformationalAnswers) {
  const ScriptedServer server(answering("HTTP/1.1 100 Continue\r\n\r\n" + ok_answer));

  EXPECT_EQ(LoadTrial(server.url()).send_one().status, 200);
}

TEST(Http1Worker, WaitsForAnAnswerThatComesByteByByte) {
  const ScriptedServer server([](Peer& peer, int) {
    peer.read_head();
    for (const char& byte : ok_answer) {
      peer.send(std::string_view(&byte, 1));
      std::this_thread::yield();
    }
    peer.wait_for_end();
  });

  const Invocation one = LoadTrial(server.url()).send_one();

  EXPECT_EQ(one.cause, Cause::none);
  EXPECT_LT(one.first_byte_ns, one.done_ns);
}

TEST(Http1Worker, ReadsABodyThatEndsWithTheConnection) {
  const ScriptedServer server([](Peer& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.0 200 OK\r\n\r\nall of it");
  });

  EXPECT_THAT(LoadTrial(server.url()).send(spaced(5, 1ms)), Each(Field(&Invocation::cause, Cause::none)));
}

TEST(Http1Worker, ConnectsAgainWhenTheServerSaysClose) {
  const ScriptedServer server([](Peer& peer, int) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });

  EXPECT_THAT(LoadTrial(server.url()).send(spaced(5, 1ms)), Each(Field(&Invocation::cause, Cause::none)));
  EXPECT_EQ(server.connections(), 5);
}

TEST(Http1Worker, SendsAgainWhatMetAConnectionThatHadJustBeenClosed) {
  // The second request on the first connection is read and the connection ended without an answer.
  const ScriptedServer server([](Peer& peer, int number) {
    for (int i = 0; !peer.read_head().empty() && (number > 0 || i == 0); ++i) peer.send(ok_answer);
  });
  LoadTrial trial(server.url());
  trial.sender.most_connections = 1;

  const auto all = trial.send(spaced(2, 20ms));

  EXPECT_THAT(all, Each(Field(&Invocation::cause, Cause::none)));
  EXPECT_EQ(all.at(1).attempt, 2);
}

TEST(Http1Worker, DoesNotSendAgainWhatANewConnectionLost) {
  const ScriptedServer server([](Peer& peer, int) {
    peer.read_head();
    peer.reset();
  });

  const Invocation one = LoadTrial(server.url()).send_one();

  EXPECT_EQ(one.cause, Cause::reset);
  EXPECT_EQ(one.attempt, 1);
}

TEST(Http1Worker, ReadsWhoAnsweredAndWhetherItWasCold) {
  const std::string body = "{\"ExecutionTime\": 1234, \"MemoryUsageInKb\":2048}";
  const ScriptedServer server(answering(fmt::format(
      "HTTP/1.1 200 OK\r\nX-Thaw-Cold: 1\r\nX-Thaw-Instance: abc-1\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body)));

  const Invocation one = LoadTrial(server.url()).send_one();

  EXPECT_TRUE(one.knows_cold && one.is_cold);
  EXPECT_STREQ(one.instance.data(), "abc-1");
  EXPECT_EQ(one.actual_us, 1234);
  EXPECT_EQ(one.actual_memory_kib, 2048);
}

TEST(Http1Worker, SendsABodyOfManyMegabytes) {
  constexpr std::size_t size = 8 << 20;
  const ScriptedServer server([](Peer& peer, int) {
    const std::string head = peer.read_head();
    if (peer.read_body(size).size() == size) peer.send(ok_answer);
    peer.wait_for_end();
  });
  LoadTrial trial(server.url());
  trial.target.body.assign(size, 'x');

  EXPECT_EQ(trial.send_one().cause, Cause::none);
}

TEST(Http1Worker, LeavesWhatIsInFlightAtTheEndWithoutAnEnd) {
  const ScriptedServer server([](Peer& peer, int) { peer.wait_for_end(); });
  LoadTrial trial(server.url());
  trial.pacer.drain = 10ms;

  const Invocation one = trial.send_one();

  EXPECT_TRUE(one.is_in_flight());
  EXPECT_NE(one.sent_ns, missing_ns);
}

TEST(Http1Worker, GivesUpWaitingForABusyConnectionAtTheFunctionTimeout) {
  const ScriptedServer server([](Peer& peer, int) { peer.wait_for_end(); });
  LoadTrial trial(server.url());
  trial.sender.most_connections = 1;
  trial.sender.function_timeout = 50ms;

  const auto all = trial.send(spaced(2, 0ns));

  EXPECT_THAT(all, testing::Contains(Field(&Invocation::cause, Cause::function_timeout)));
  EXPECT_THAT(
      all, testing::Contains(Field(&Invocation::cause, testing::AnyOf(Cause::local, Cause::function_timeout)))
               .Times(2));
}

}  // namespace
}  // namespace thaw
