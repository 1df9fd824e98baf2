// The program thaw-fn, driven over bare sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.h"
#include "core/process.h"
#include "functions/raw_client.h"
#include "functions/running_function.h"
#include "net/faas_executor.h"
#include "net/grpc.h"

namespace thaw::functions {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A client's connection that speaks HTTP/2.
class Http2Caller {
 public:
  explicit Http2Caller(std::uint16_t port) : client_(port) {}

  Http2Answer call(const Http2Call& what) {
    session_.send(what, 1);
    for (;;) {
      std::string out;
      session_.append_output(out);
      client_.send(out);
      if (const Http2Answer* const answer = session_.next_answer()) return *answer;
      const std::string bytes = client_.receive_bytes();
      if (bytes.empty() || !session_.feed(bytes)) session_.end();
    }
  }
  Http2ClientSession& session() { return session_; }
  Client& client() { return client_; }

 private:
  Client client_;
  Http2ClientSession session_;
};

TEST(ThawFn, WorksOverHttp1) {
  const RunningFunction function;

  const Reply reply = Client(function.port()).get("/?cpu=3&memory=8");

  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("\"MemoryUsageInKb\":8192"));
  EXPECT_THAT(reply.body, HasSubstr("\"MachineName\":\"here\""));
}

TEST(ThawFn, WorksOverHttp2OnTheSamePort) {
  const RunningFunction function;

  const Http2Answer answer = Http2Caller(function.port()).call({.authority = "x", .target = "/?cpu=3"});

  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, StartsWith("{\"Status\":\"OK\""));
}

TEST(ThawFn, WorksOverGrpcOnTheSamePort) {
  const RunningFunction function;
  std::string message;
  append_faas_request(message, {.runtime_ms = 3, .memory_mib = 4});
  std::string body;
  append_grpc_message(body, message);
  const HttpHeaders headers = {{"content-type", "application/grpc"}, {"te", "trailers"}};

  const Http2Answer answer = Http2Caller(function.port())
                                 .call({.method = "POST",
                                        .authority = "x",
                                        .target = faas_execute_path,
                                        .headers = &headers,
                                        .body = body});

  ASSERT_EQ(grpc_status(answer).code, GrpcCode::ok);
  const auto reply = parse_faas_reply(grpc_message(answer.body).value());
  ASSERT_TRUE(reply);
  EXPECT_GE(reply->duration_us, 3000U);
  EXPECT_EQ(reply->memory_kib, 4096U);
  EXPECT_EQ(reply->message, "OK - here");
}

TEST(ThawFn, AnswersPipelinedRequestsInOrder) {
  const RunningFunction function;
  Client client(function.port());
  client.send(
      "GET /?cpu=2 HTTP/1.1\r\nHost: x\r\n\r\nGET /?cpu=0 HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz "
      "HTTP/1.1\r\nHost: "
      "x\r\n\r\n");

  EXPECT_THAT(client.receive().body, HasSubstr("\"Invocation\":0"));
  EXPECT_THAT(client.receive().body, HasSubstr("\"Invocation\":1"));
  EXPECT_EQ(client.receive().body, "ok\n");
}

TEST(ThawFn, AnswersManyPipelinedRequests) {
  const RunningFunction function;
  Client client(function.port());
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(requests);

  for (int i = 0; i < 2000; ++i) ASSERT_EQ(client.receive().status, 200) << i;
}

TEST(ThawFn, LetsOthersCallWhileItWorks) {
  const RunningFunction function;
  Client slow(function.port());
  slow.send("GET /?cpu=60000&mode=sleep HTTP/1.1\r\nHost: x\r\n\r\nxx");
  Client busy(function.port());
  busy.send("GET /?cpu=60000&memory=1&mode=sleep HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(Client(function.port()).get("/").status, 200);
}

TEST(ThawFn, SleepsWithoutTheProcessor) {
  const RunningFunction function;
  const MonotonicTime begin = system_clock().now();

  const Reply reply = Client(function.port()).get("/?cpu=50&mode=sleep");

  EXPECT_GE(system_clock().now() - begin, 50ms);
  EXPECT_THAT(reply.body, HasSubstr("\"CpuTimeInMicroSec\":0"));
}

TEST(ThawFn, RefusesMalformedRequests) {
  const RunningFunction function;
  Client client(function.port());

  client.send("GET / HTTP/1.1\r\n\r\n");

  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.is_closed());
}

TEST(ThawFn, ClosesAConnectionWhoseRequestDoesNotArriveInTime) {
  const RunningFunction function({"--timeout", "100ms"});
  Client silent(function.port());
  Client slow(function.port());
  slow.send("GET / HT");

  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(slow.is_closed());
}

TEST(ThawFn, ClosesConnectionsOverItsLimit) {
  const RunningFunction function({"--connections", "1"});
  Client first(function.port());
  EXPECT_EQ(first.get("/").status, 200);

  Client second(function.port());

  EXPECT_TRUE(second.is_closed());
  EXPECT_EQ(first.get("/").status, 200);
}

TEST(ThawFn, ClosesWhenTheClientAsksItTo) {
  const RunningFunction function;
  Client client(function.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  EXPECT_THAT(client.receive().head, HasSubstr("Connection: close"));
  EXPECT_TRUE(client.is_closed());
}

TEST(ThawFn, DrainsOnSigterm) {
  RunningFunction function;
  Client working(function.port());
  working.send("GET /?cpu=300&mode=sleep HTTP/1.1\r\nHost: x\r\n\r\n");
  Client idle(function.port());
  EXPECT_EQ(idle.get("/").status, 200);

  function.signal(SIGTERM);

  EXPECT_TRUE(idle.is_closed());
  const Reply reply = working.receive();
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, HasSubstr("Connection: close"));
  EXPECT_EQ(function.wait(), 0);
}

TEST(ThawFn, DrainsHttp2OnSigterm) {
  RunningFunction function;
  Http2Caller caller(function.port());
  EXPECT_EQ(caller.call({.authority = "x", .target = "/healthz"}).status, 200);

  function.signal(SIGTERM);

  while (caller.session().takes_requests()) {
    const std::string bytes = caller.client().receive_bytes();
    ASSERT_FALSE(bytes.empty());
    ASSERT_TRUE(caller.session().feed(bytes));
  }
  EXPECT_EQ(function.wait(), 0);
}

TEST(ThawFn, DoesNotWaitForCallsBeyondItsDrainTime) {
  RunningFunction function({"--drain", "50ms"});
  Client hanging(function.port());
  hanging.send("GET / HTTP/1.1\r\nHost: x\r\nX-Thaw-Fault: hang\r\n\r\n");
  EXPECT_EQ(Client(function.port()).get("/").status, 200);

  EXPECT_EQ(function.end(SIGTERM), 0);
}

TEST(ThawFn, EndsWith130OnSigint) {
  RunningFunction function;

  EXPECT_EQ(function.end(SIGINT), 130);
}

TEST(ThawFn, BreaksOffAsAsked) {
  const RunningFunction function;
  const auto meets = [&](std::string_view fault) {
    Client client(function.port());
    client.send(fmt::format("GET / HTTP/1.1\r\nHost: x\r\nX-Thaw-Fault: {}\r\n\r\n", fault));
    return client.receive_all();
  };

  EXPECT_EQ(meets("reset"), "");
  EXPECT_THAT(meets("garbage"), HasSubstr("this is no HTTP"));
  EXPECT_THAT(meets("status=418"), StartsWith("HTTP/1.1 418"));
  const std::string truncated = meets("truncate");
  EXPECT_THAT(truncated, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(truncated, testing::Not(EndsWith("}\n")));
}

TEST(ThawFn, ResetsOnlyTheStreamOverHttp2) {
  const RunningFunction function;
  Http2Caller caller(function.port());
  const HttpHeaders headers = {{"x-thaw-fault", "reset"}};

  const Http2Answer broken = caller.call({.authority = "x", .headers = &headers});
  const Http2Answer next = caller.call({.authority = "x"});

  EXPECT_FALSE(broken.is_complete);
  EXPECT_EQ(broken.code, Http2Code::internal_error);
  EXPECT_EQ(next.status, 200);
}

TEST(ThawFn, EndsWithTheCodeThatAFaultSays) {
  RunningFunction function;
  Client client(function.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Thaw-Fault: exit=7\r\n\r\n");

  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(function.wait(), 7);
}

TEST(ThawFn, CrashesWhenAsked) {
  RunningFunction function({"--fault", "crash"});
  Client client(function.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(function.wait(), -1);
}

TEST(ThawFn, AnswersLaterWhenAsked) {
  const RunningFunction function({"--fault", "delay=50ms"});
  const MonotonicTime begin = system_clock().now();

  EXPECT_EQ(Client(function.port()).get("/").status, 200);

  EXPECT_GE(system_clock().now() - begin, 50ms);
}

TEST(ThawFn, SaysThatAPortIsTaken) {
  const RunningFunction function;

  const auto second = run_tool({{THAW_FN, "--port", std::to_string(function.port())}, {}});

  ASSERT_TRUE(second);
  EXPECT_EQ(second->report.exit_code, 4);
  EXPECT_THAT(second->err, HasSubstr("choose one with --port"));
}

TEST(ThawFn, PrintsItsHelpAndVersion) {
  EXPECT_THAT(run_tool({{THAW_FN, "--help"}, {}})->out, HasSubstr("examples:"));
  EXPECT_THAT(run_tool({{THAW_FN, "--version"}, {}})->out, StartsWith("thaw-fn "));
}

}  // namespace
}  // namespace thaw::functions
