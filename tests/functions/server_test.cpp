#include "functions/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>

#include "functions/raw_client.h"

namespace thaw::functions {
namespace {

using testing::StartsWith;
using namespace std::chrono_literals;

HttpServer listening(ServerOptions options, Handler handler) {
  options.port = 0;
  return HttpServer::listen(options, system_clock(), std::move(handler)).value();
}

HttpResponse echo(const HttpRequest& request) { return {200, request.body}; }

TEST(HttpServer, FindsAFreePort) {
  const HttpServer server = listening({}, echo);

  EXPECT_NE(server.port(), 0);
  EXPECT_EQ(server.url(), "http://127.0.0.1:" + std::to_string(server.port()));
}

TEST(HttpServer, WritesIpv6AddressesInBrackets) {
  const auto server = HttpServer::listen({.host = "::1", .port = 0}, system_clock(), echo);
  if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().what;

  EXPECT_THAT(server->url(), StartsWith("http://[::1]:"));
}

TEST(HttpServer, KeepsClientsWaitingUntilItRuns) {
  HttpServer server = listening({}, echo);
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");

  auto running = std::async(std::launch::async, [&] { return server.run(); });

  EXPECT_EQ(client.receive().body, "hi");
  server.stop();
  EXPECT_TRUE(running.get());
}

TEST(HttpServer, ReturnsAtOnceWhenStoppedBefore) {
  HttpServer server = listening({}, echo);
  server.stop();

  EXPECT_TRUE(server.run());
}

TEST(HttpServer, GivesUpWaitingForARequestAtTheDrainTimeout) {
  std::latch has_begun(1);
  std::latch may_end(1);
  HttpServer server = listening({.drain_timeout = 1ms}, [&](const HttpRequest& request) {
    has_begun.count_down();
    may_end.wait();
    return echo(request);
  });
  auto running = std::async(std::launch::async, [&] { return server.run(); });
  Client client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  has_begun.wait();

  server.stop();

  EXPECT_FALSE(running.get());
  may_end.count_down();
  EXPECT_EQ(client.receive().status, 200);
}

TEST(HttpServer, RefusesAnAddressThatIsNoNumber) {
  const auto server = HttpServer::listen({.host = "example.org"}, system_clock(), echo);

  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::bad_usage);
}

}  // namespace
}  // namespace thaw::functions
