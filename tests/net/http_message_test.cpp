#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http1_message.h"

namespace thaw {
namespace {

using testing::EndsWith;
using testing::StartsWith;

HttpRequest asking(int minor_version, std::string connection) {
  HttpRequest request{.minor_version = minor_version};
  if (!connection.empty()) request.headers.add("connection", connection);
  return request;
}

TEST(HttpRequest, KeepsHttp11ConnectionsUnlessToldOtherwise) {
  EXPECT_TRUE(asking(1, "").keeps_alive());
  EXPECT_FALSE(asking(1, "Close").keeps_alive());
  EXPECT_FALSE(asking(1, "upgrade, close").keeps_alive());
}

TEST(HttpRequest, KeepsHttp10ConnectionsOnlyWhenAsked) {
  EXPECT_FALSE(asking(0, "").keeps_alive());
  EXPECT_TRUE(asking(0, "Keep-Alive").keeps_alive());
}

TEST(HttpRequest, FindsAHeaderByItsLowerCaseName) {
  HttpRequest request;
  request.headers = {{"accept", "*/*"}, {"host", "x"}};

  EXPECT_EQ(request.header("host"), "x");
  EXPECT_EQ(request.header("expect"), std::nullopt);
}

TEST(HttpMessage, GivesTheLengthOfTheBody) {
  EXPECT_EQ(http1_response({200, "ok\n"}, true),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"
            "Connection: keep-alive\r\n\r\nok\n");
}

TEST(HttpMessage, LeavesTheBodyOutForHead) {
  const std::string message = http1_response({200, "ok\n"}, false, true);

  EXPECT_THAT(message, EndsWith("Content-Length: 3\r\nConnection: close\r\n\r\n"));
}

TEST(HttpMessage, CarriesFurtherHeaders) {
  const std::string message = http1_response({405, "", {{"Allow", "GET"}}}, false);

  EXPECT_THAT(message, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(message, EndsWith("\r\nAllow: GET\r\n\r\n"));
}

}  // namespace
}  // namespace thaw
