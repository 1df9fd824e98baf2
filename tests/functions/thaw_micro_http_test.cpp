// The program as a server, spoken to over real sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "functions/micro_program.h"
#include "functions/raw_client.h"

namespace thaw::functions {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(ThawMicroServer, SaysWhatItServesAndWhere) {
  const RunningServer server({"matmul"});

  EXPECT_EQ(server.log(), "thaw-micro: serving matmul on http://127.0.0.1:" + std::to_string(server.port()));
}

TEST(ThawMicroServer, AnswersWithTheFunctionsOutput) {
  const RunningServer server({"inc"});

  const Reply reply = Client(server.port()).post("/", R"(["1000","0"])");

  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, StartsWith("incremented 1000 numbers\n@@@ Time inc 0."));
}

TEST(ThawMicroServer, KeepsTheConnectionForFurtherRequests) {
  const RunningServer server({"args"});
  Client client(server.port());

  for (int i = 0; i < 100; ++i) {
    const std::string word = std::to_string(i);
    const Reply reply = client.post("/", word);

    ASSERT_EQ(reply.status, 200);
    ASSERT_THAT(reply.head, HasSubstr("Connection: keep-alive\r\n"));
    ASSERT_THAT(reply.body, StartsWith("\"" + word + "\"\n"));
  }
}

TEST(ThawMicroServer, ClosesWhenAsked) {
  const RunningServer server({"nope"});
  Client client(server.port());

  EXPECT_THAT(client.post("/", "", "Connection: close\r\n").head, HasSubstr("Connection: close\r\n"));
  EXPECT_TRUE(client.is_closed());
}

TEST(ThawMicroServer, AnswersPipelinedRequestsInOrder) {
  const RunningServer server({"all"});
  Client client(server.port());
  client.send("GET /args?arg=1 HTTP/1.1\r\nHost: x\r\n\r\nGET /args?arg=2 HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_THAT(client.receive().body, StartsWith("\"1\"\n"));
  EXPECT_THAT(client.receive().body, StartsWith("\"2\"\n"));
}

TEST(ThawMicroServer, ChoosesAmongAllByPath) {
  const RunningServer server({"all"});
  Client client(server.port());

  EXPECT_THAT(client.get("/nope").body, StartsWith("@@@ Time nope"));
  EXPECT_THAT(client.get("/matmul").body, HasSubstr("@@@ Time matmul"));
  EXPECT_EQ(client.get("/healthz").body, "ok\n");
  EXPECT_EQ(client.get("/nowhere").status, 404);
}

TEST(ThawMicroServer, GivesTheHeadAloneForHead) {
  const RunningServer server({"nope"});
  Client client(server.port());
  client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

  // The three bytes of "ok\n" are announced and do not come.
  const Reply reply = client.receive();

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST(ThawMicroServer, ExplainsBadArguments) {
  const RunningServer server({"matmul"});

  const Reply reply = Client(server.port()).post("/", "[\"many\"]");

  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, StartsWith("thaw: error: n must be a whole number"));
}

TEST(ThawMicroServer, KeepsTheConnectionAfterBadArguments) {
  const RunningServer server({"matmul"});
  Client client(server.port());
  client.post("/", "many");

  EXPECT_EQ(client.post("/", "10").status, 200);
}

TEST(ThawMicroServer, RefusesABadRequestAndCloses) {
  const RunningServer server({"nope"});
  Client client(server.port());
  client.send("nonsense\r\n\r\n");

  EXPECT_EQ(client.receive().status, 400);
  EXPECT_TRUE(client.is_closed());
}

TEST(ThawMicroServer, RefusesAnOversizedBodyThatIsBeingSent) {
  const RunningServer server({"--max-body", "1KiB", "bounce"});

  EXPECT_EQ(Client(server.port()).post("/", std::string(1 << 20, 'x')).status, 413);
}

TEST(ThawMicroServer, LimitsBodiesToOneMebibyteByDefault) {
  const RunningServer server({"bounce"});

  EXPECT_EQ(Client(server.port()).post("/", std::string(1 << 20, 'x')).body.size(),
            (1U << 20) + std::string_view("\n@@@ Time bounce 0.000000000\n").size());
  EXPECT_EQ(Client(server.port()).post("/", std::string((1 << 20) + 1, 'x')).status, 413);
}

TEST(ThawMicroServer, ReadsChunkedBodies) {
  const RunningServer server({"bounce"});
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.send("3\r\ndef\r\n0\r\n\r\n");

  EXPECT_THAT(client.receive().body, StartsWith("abcdef\n@@@"));
}

TEST(ThawMicroServer, TellsAWaitingClientToContinue) {
  const RunningServer server({"bounce"});
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");

  EXPECT_EQ(client.receive().head, "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_THAT(client.receive().body, StartsWith("abc\n@@@"));
}

TEST(ThawMicroServer, CutsASlowClientOff) {
  const RunningServer server({"--timeout", "100ms", "nope"});
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");

  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.is_closed());
}

TEST(ThawMicroServer, ClosesASilentConnection) {
  const RunningServer server({"--timeout", "50ms", "nope"});
  Client client(server.port());

  EXPECT_TRUE(client.is_closed());
}

TEST(ThawMicroServer, SlowClientsDoNotHoldUpOthers) {
  const RunningServer server({"nope"});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<Client>(server.port()));
    slow.back()->send("POST / HTTP/1.1\r\nHost:");
  }

  EXPECT_EQ(Client(server.port()).post("/", "").status, 200);
}

TEST(ThawMicroServer, LongRequestsDoNotHoldUpOthers) {
  const RunningServer server({"all"});
  Client sleeper(server.port());
  sleeper.send("GET /sleep?arg=600 HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(Client(server.port()).get("/nope").status, 200);
}

TEST(ThawMicroServer, TurnsAwayConnectionsOverTheLimit) {
  const RunningServer server({"--connections", "2", "nope"});
  Client first(server.port());
  Client second(server.port());
  ASSERT_EQ(first.get("/").status, 200);
  ASSERT_EQ(second.get("/").status, 200);

  const Reply reply = Client(server.port()).get("/");

  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.head, HasSubstr("Retry-After: 1\r\n"));
}

TEST(ThawMicroServer, AnswersManyClientsAtOnce) {
  const RunningServer server({"args"});
  std::vector<std::thread> clients;
  clients.reserve(16);
  std::atomic<int> right = 0;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&server, &right, i] {
      Client client(server.port());
      for (int j = 0; j < 50; ++j) {
        const std::string word = std::to_string(i * 1000 + j);
        if (client.post("/", word).body.starts_with("\"" + word + "\"\n")) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();

  EXPECT_EQ(right, 16 * 50);
}

TEST(ThawMicroServer, SurvivesAClientThatLeavesEarly) {
  const RunningServer server({"bounce"});
  { Client(server.port()).send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"); }

  EXPECT_EQ(Client(server.port()).get("/healthz").status, 200);
}

TEST(ThawMicroServer, EndsWithZeroOnSigterm) {
  RunningServer server({"nope"});

  EXPECT_EQ(server.end(SIGTERM), 0);
}

TEST(ThawMicroServer, EndsWith130OnSigint) {
  RunningServer server({"nope"});

  EXPECT_EQ(server.end(SIGINT), 130);
}

TEST(ThawMicroServer, ClosesIdleConnectionsOnSigterm) {
  RunningServer server({"nope"});
  Client client(server.port());
  client.get("/");

  EXPECT_EQ(server.end(SIGTERM), 0);
  EXPECT_TRUE(client.is_closed());
}

TEST(ThawMicroServer, FinishesRunningRequestsOnSigterm) {
  RunningServer server({"all"});
  Client client(server.port());
  client.send("POST /sleep HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  ASSERT_EQ(client.receive().status, 100);  // The request is being read: no longer an idle connection.
  server.signal(SIGTERM);
  client.send("0.2");

  const Reply reply = client.receive();

  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, HasSubstr("Connection: close\r\n"));
}

TEST(ThawMicroServer, ServesThePingPong) {
#ifdef THAW_HAS_MPI
  const LeaksAllowed leaks_allowed;
  const RunningServer server({"mpi-pingpong"});

  const Reply reply = Client(server.port()).post("/", "[10, 8]");

  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, HasSubstr("@@@ Time pingpong 0."));
#else
  GTEST_SKIP() << "built without MPI (apt install libopenmpi-dev)";
#endif
}

}  // namespace
}  // namespace thaw::functions
