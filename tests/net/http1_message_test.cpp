#include "net/http1_message.h"

#include <gtest/gtest.h>

#include "net/http1_request.h"

namespace thaw {
namespace {

TEST(Http1Response, HasTheContentTypeOfItsHeadersOnly) {
  const std::string text = http1_response({200, "{}", {{"content-type", "application/json"}}}, true);

  EXPECT_EQ(text,
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n"
            "content-type: application/json\r\n\r\n{}");
}

TEST(Http1Response, HasNoLengthWhereNoBodyMayBe) {
  EXPECT_EQ(http1_response({.status = 204, .content_type = {}}, false),
            "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(Http1Request, LeavesOutWhatConcernsOneConnection) {
  HttpRequest request{.method = "POST", .target = "/f?x=1", .body = "abc"};
  request.headers = {
      {"host", "there"}, {"connection", "close"}, {"x-a", "b"}, {"transfer-encoding", "chunked"}};
  std::string out;

  append_http1_request(out, request, "here:8080");

  EXPECT_EQ(out, "POST /f?x=1 HTTP/1.1\r\nHost: here:8080\r\nx-a: b\r\nContent-Length: 3\r\n\r\nabc");
}

TEST(Http1Request, IsReadBackAsItWas) {
  HttpRequest request{.method = "PUT", .target = "/f", .body = "abc"};
  request.headers = {{"x-a", "b"}};
  std::string out;
  append_http1_request(out, request, "x");
  RequestReader reader;

  reader.feed(out);

  ASSERT_TRUE(reader.is_complete());
  const HttpRequest back = reader.take();
  EXPECT_EQ(back.method, "PUT");
  EXPECT_EQ(back.header("x-a"), "b");
  EXPECT_EQ(back.body, "abc");
}

TEST(HttpRequest, SplitsTheTargetAtItsQuery) {
  const HttpRequest request{.target = "/a?b?c"};

  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query(), "b?c");
}

TEST(QueryValue, DecodesTheFirstValueOfAName) {
  EXPECT_EQ(query_value("a=1&cpu=%31+2&cpu=3", "cpu"), "1 2");
  EXPECT_EQ(query_value("a=1&cpus=3", "cpu"), std::nullopt);
  EXPECT_EQ(query_value("flag", "flag"), "");
  EXPECT_EQ(query_value("cpu=%4", "cpu"), std::nullopt);
}

}  // namespace
}  // namespace thaw
