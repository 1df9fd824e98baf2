#include "load/http2_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "load/http2_script.h"
#include "load/load_trial.h"
#include "net/faas_executor.h"
#include "net/greeter.h"
#include "net/grpc.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::Field;
using testing::SizeIs;
using tests::answering;
using tests::answering_http2;
using tests::LoadTrial;
using tests::Peer;
using tests::ScriptedServer;
using tests::spaced;
using tests::speaking_http2;

LoadTrial trial_of(const ScriptedServer& server, Protocol protocol = Protocol::http2) {
  LoadTrial trial(server.url());
  trial.target.protocol = protocol;
  return trial;
}

TEST(Http2Worker, TakesEveryInvocationToItsEnd) {
  const ScriptedServer server(speaking_http2(answering_http2("ok")));
  LoadTrial trial = trial_of(server);
  trial.sender.most_connections = 2;
  trial.sender.streams_per_connection = 16;

  const auto all = trial.send(spaced(200, 100us));

  EXPECT_THAT(all, AllOf(SizeIs(200), Each(Field(&Invocation::cause, Cause::none)),
                         Each(Field(&Invocation::status, 200))));
}

TEST(Http2Worker, KeepsToItsConnectionsAndStreams) {
  std::mutex mutex;
  std::size_t most_streams = 0;
  const ScriptedServer server(
      speaking_http2([&](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        {
          const std::scoped_lock lock(mutex);
          most_streams = std::max(most_streams, session.open_streams());
        }
        session.respond(stream, {});
        return true;
      }));
  LoadTrial trial = trial_of(server);
  trial.sender.most_connections = 2;
  trial.sender.streams_per_connection = 3;

  const auto all = trial.send(spaced(60, 0ns));

  EXPECT_THAT(all, SizeIs(60));
  EXPECT_LE(server.connections(), 2);
  EXPECT_LE(most_streams, 3U);
}

TEST(Http2Worker, KeepsToTheServersLimitOfStreams) {
  const ScriptedServer server(speaking_http2(answering_http2("ok"), {.streams = 2}));
  LoadTrial trial = trial_of(server);
  trial.sender.most_connections = 1;
  trial.sender.streams_per_connection = 50;

  EXPECT_THAT(trial.send(spaced(50, 0ns)), AllOf(SizeIs(50), Each(Field(&Invocation::cause, Cause::none))));
}

TEST(Http2Worker, StampsTheStagesInOrder) {
  const ScriptedServer server(speaking_http2(answering_http2("ok")));

  const Invocation one = trial_of(server).send_one();

  EXPECT_LE(one.intended_ns, one.dispatched_ns);
  EXPECT_LE(one.dispatched_ns, one.sent_ns);
  EXPECT_LE(one.sent_ns, one.first_byte_ns);
  EXPECT_LE(one.first_byte_ns, one.done_ns);
  EXPECT_GT(one.connect_ns, 0);
}

TEST(Http2Worker, SendsWhatTheTargetSays) {
  HttpRequest seen;
  {
    const ScriptedServer server(
        speaking_http2([&](Http2ServerSession& session, Http2StreamId stream, const HttpRequest& request) {
          seen = request;
          session.respond(stream, {});
          return true;
        }));
    LoadTrial trial(server.url("/{function}?cpu={runtime_ms}"));
    trial.target.protocol = Protocol::http2;
    trial.target.headers = {"X-Name: {index}"};
    trial.target.body = "{memory_mib} MiB";
    auto one = spaced(1, 0ns);
    one[0].runtime_ms = 12;
    one[0].memory_mib = 64;
    trial.send(one);
  }

  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/function?cpu=12");
  EXPECT_EQ(seen.header("x-name"), "0");
  EXPECT_EQ(seen.body, "64 MiB");
}

TEST(Http2Worker, ReadsWhoAnsweredAndWhetherItWasCold) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        session.respond(stream, {.body = R"({"ExecutionTime": 1234, "MemoryUsageInKb": 2048})",
                                 .headers = {{"X-Thaw-Cold", "1"}, {"X-Thaw-Instance", "abc-1"}}});
        return true;
      }));

  const Invocation one = trial_of(server).send_one();

  EXPECT_TRUE(one.knows_cold && one.is_cold);
  EXPECT_STREQ(one.instance.data(), "abc-1");
  EXPECT_EQ(one.actual_us, 1234);
  EXPECT_EQ(one.actual_memory_kib, 2048);
}

TEST(Http2Worker, SaysStatusToAnErrorOfTheFunction) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        session.respond(stream, {.status = 503});
        return true;
      }));

  const Invocation one = trial_of(server).send_one();

  EXPECT_EQ(one.cause, Cause::status);
  EXPECT_EQ(one.status, 503);
}

TEST(Http2Worker, SaysRefusedWhereNobodyListens) {
  std::string url;
  {
    const ScriptedServer gone(speaking_http2(answering_http2("")));
    url = gone.url();
  }
  LoadTrial trial(url);
  trial.target.protocol = Protocol::http2;

  EXPECT_EQ(trial.send_one().cause, Cause::connect_refused);
}

TEST(Http2Worker, SaysTimeoutWhenNoAnswerComesAndGoesOn) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        if (stream > 1) session.respond(stream, {});
        return true;
      }));
  LoadTrial trial = trial_of(server);
  trial.sender.most_connections = 1;
  trial.sender.function_timeout = 100ms;

  const auto all = trial.send(spaced(2, 0ns));

  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].cause, Cause::function_timeout);
  EXPECT_EQ(server.connections(), 1);
}

TEST(Http2Worker, SaysResetWhenTheServerResetsTheStream) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        session.reset(stream, Http2Code::internal_error);
        return true;
      }));

  const Invocation one = trial_of(server).send_one();

  EXPECT_EQ(one.cause, Cause::reset);
  EXPECT_EQ(one.attempt, 1);
}

TEST(Http2Worker, SaysResetWhenTheConnectionEndsBeforeTheAnswer) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession&, Http2StreamId, const HttpRequest&) { return false; }));

  EXPECT_EQ(trial_of(server).send_one().cause, Cause::reset);
}

TEST(Http2Worker, SendsAgainWhatTheServerRefusedToLookAt) {
  int refused = 0;
  const ScriptedServer server(
      speaking_http2([&](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        if (refused++ == 0) {
          session.reset(stream, Http2Code::refused_stream);
        } else {
          session.respond(stream, {});
        }
        return true;
      }));

  const Invocation one = trial_of(server).send_one();

  EXPECT_EQ(one.cause, Cause::none);
  EXPECT_EQ(one.attempt, 2);
}

TEST(Http2Worker, GivesUpAfterThreeRefusals) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        session.reset(stream, Http2Code::refused_stream);
        return true;
      }));

  const Invocation one = trial_of(server).send_one();

  EXPECT_EQ(one.cause, Cause::reset);
  EXPECT_EQ(one.attempt, 3);
}

TEST(Http2Worker, ConnectsAgainWhenTheServerShutsDown) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        session.respond(stream, {});
        session.shut_down();
        return true;
      }));
  LoadTrial trial = trial_of(server);
  trial.sender.most_connections = 1;

  EXPECT_THAT(trial.send(spaced(4, 5ms)), AllOf(SizeIs(4), Each(Field(&Invocation::cause, Cause::none))));
  EXPECT_EQ(server.connections(), 4);
}

TEST(Http2Worker, SaysBadAnswerToWhatIsNotHttp2) {
  const ScriptedServer server([](Peer& peer, int) {
    peer.read_body(24);
    peer.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });

  EXPECT_EQ(trial_of(server).send_one().cause, Cause::bad_answer);
}

TEST(Http2Worker, LeavesWhatIsInFlightAtTheEndWithoutAnEnd) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession&, Http2StreamId, const HttpRequest&) { return true; }));
  LoadTrial trial = trial_of(server);
  trial.pacer.drain = 10ms;

  const Invocation one = trial.send_one();

  EXPECT_TRUE(one.is_in_flight());
  EXPECT_NE(one.sent_ns, missing_ns);
}

TEST(Http2Worker, SendsABodyOfManyMegabytes) {
  constexpr std::size_t size = 3 << 20;
  const ScriptedServer server(speaking_http2(answering_http2("ok"), {.body_bytes = size}));
  LoadTrial trial = trial_of(server);
  trial.target.body.assign(size, 'x');

  EXPECT_EQ(trial.send_one().cause, Cause::none);
}

TEST(Http2Worker, TellsDropsOfThePlatformFromErrorsOfTheFunction) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        HttpResponse response{.status = 503};
        response.headers.add("X-Thaw-Error", "queue-full");
        session.respond(stream, response);
        return true;
      }));

  EXPECT_EQ(trial_of(server).send_one().cause, Cause::platform_dropped);
}

// --- gRPC --------------------------------------------------------------------------------------------------------------

/// Answers with a status and, when that is OK, the bytes of a message.
tests::Http2Script answering_grpc(GrpcStatus status, std::string message) {
  return [=](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
    HttpResponse response;
    make_grpc_response(response, status, message);
    session.respond(stream, response);
    return true;
  };
}

std::string faas_reply(const FaasReply& reply) {
  std::string bytes;
  append_faas_reply(bytes, reply);
  return bytes;
}

TEST(GrpcWorker, CallsExecuteWithTheRuntimeAndTheMemory) {
  HttpRequest seen;
  {
    const ScriptedServer server(
        speaking_http2([&](Http2ServerSession& session, Http2StreamId stream, const HttpRequest& request) {
          seen = request;
          HttpResponse response;
          make_grpc_response(response, {}, "");
          session.respond(stream, response);
          return true;
        }));
    LoadTrial trial = trial_of(server, Protocol::grpc);
    trial.sender.function_timeout = 2s;
    auto one = spaced(1, 0ns);
    one[0].runtime_ms = 12;
    one[0].memory_mib = 64;
    EXPECT_EQ(trial.send(one).at(0).cause, Cause::none);
  }

  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/faas.Executor/Execute");
  EXPECT_EQ(seen.header("content-type"), "application/grpc");
  EXPECT_EQ(seen.header("te"), "trailers");
  EXPECT_EQ(seen.header("grpc-timeout"), "2000000u");
  const auto message = parse_faas_request(grpc_message(seen.body).value());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message, "nothing");
  EXPECT_EQ(message->runtime_ms, 12U);
  EXPECT_EQ(message->memory_mib, 64U);
}

TEST(GrpcWorker, ReadsTheReply) {
  const ScriptedServer server(speaking_http2(answering_grpc(
      {}, faas_reply({.message = "OK - trace-func-0-17", .duration_us = 12'345, .memory_kib = 65'536}))));

  const Invocation one = trial_of(server, Protocol::grpc).send_one();

  EXPECT_EQ(one.cause, Cause::none);
  EXPECT_EQ(one.actual_us, 12'345);
  EXPECT_EQ(one.actual_memory_kib, 65'536);
  EXPECT_STREQ(one.instance.data(), "trace-func-0-17");
}

TEST(GrpcWorker, GreetsBenchmarkServicesAndReadsWhichOneAnswered) {
  HttpRequest seen;
  Invocation one;
  {
    const ScriptedServer server(
        speaking_http2([&](Http2ServerSession& session, Http2StreamId stream, const HttpRequest& request) {
          seen = request;
          std::string reply;
          append_hello_reply(reply, "Hello: fn: aes-python | runtime: python");
          HttpResponse response;
          make_grpc_response(response, {}, reply);
          session.respond(stream, response);
          return true;
        }));
    LoadTrial trial = trial_of(server, Protocol::grpc);
    trial.target.url += "helloworld.Greeter/SayHello";
    one = trial.send_one();
  }

  EXPECT_EQ(one.cause, Cause::none);
  EXPECT_STREQ(one.instance.data(), "aes-python");
  EXPECT_EQ(seen.target, greeter_path);
  const auto message = parse_hello_request(grpc_message(seen.body).value());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->name, "Invoke Relay");
  const auto metadata = nlohmann::json::parse(message->metadata);
  EXPECT_EQ(metadata["WorkflowId"].get<std::string>().size(), 36U);
  EXPECT_NE(metadata["WorkflowId"], metadata["InvocationId"]);
  EXPECT_TRUE(parse_utc(metadata["InvokedOn"].get<std::string>()));
}

TEST(GrpcWorker, SeesThatTheFunctionGotNoMemory) {
  const ScriptedServer server(
      speaking_http2(answering_grpc({}, faas_reply({.message = "FAILURE - mem_alloc"}))));

  const Invocation one = trial_of(server, Protocol::grpc).send_one();

  EXPECT_EQ(one.cause, Cause::none);
  EXPECT_TRUE(one.could_not_allocate);
}

TEST(GrpcWorker, TellsDropsOfThePlatformFromErrorsOfTheFunction) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        HttpResponse response;
        make_grpc_response(response, {GrpcCode::unavailable, "no-memory: no room"}, "");
        response.headers.add("X-Thaw-Error", "no-memory");
        session.respond(stream, response);
        return true;
      }));

  const Invocation one = trial_of(server, Protocol::grpc).send_one();

  EXPECT_EQ(one.cause, Cause::platform_dropped);
  EXPECT_EQ(one.status, 14);
}

TEST(GrpcWorker, KeepsTheStatusOfAFailedCall) {
  const ScriptedServer server(speaking_http2(answering_grpc({GrpcCode::unavailable, "not now"}, "")));

  const Invocation one = trial_of(server, Protocol::grpc).send_one();

  EXPECT_EQ(one.cause, Cause::status);
  EXPECT_EQ(one.status, 14);
}

TEST(GrpcWorker, KeepsTheStatusOfAProxyInBetween) {
  const ScriptedServer server(
      speaking_http2([](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
        session.respond(stream, {.status = 502, .body = "<html>"});
        return true;
      }));

  const Invocation one = trial_of(server, Protocol::grpc).send_one();

  EXPECT_EQ(one.cause, Cause::status);
  EXPECT_EQ(one.status, 502);
}

TEST(GrpcWorker, SaysBadAnswerToAMalformedReply) {
  const ScriptedServer server(speaking_http2(answering_grpc({}, "\x0a\x07")));

  EXPECT_EQ(trial_of(server, Protocol::grpc).send_one().cause, Cause::bad_answer);
}

}  // namespace
}  // namespace thaw
