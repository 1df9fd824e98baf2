#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http2_pair.h"

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::Pair;

using namespace std::string_view_literals;

TEST(LooksLikeHttp2, DecidesAsSoonAsItCan) {
  EXPECT_EQ(looks_like_http2("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nmore"), true);
  EXPECT_EQ(looks_like_http2("PRI * HTTP/2"), std::nullopt);
  EXPECT_EQ(looks_like_http2("PRI / HTTP/1.1"), false);
  EXPECT_EQ(looks_like_http2("P"), std::nullopt);
  EXPECT_EQ(looks_like_http2("G"), false);
}

/// RFC 7541, appendix C.3.1, inside a HEADERS frame that ends headers and stream 1.
TEST(Http2Server, ReadsTheFirstRequestOfTheHpackExamples) {
  Http2ServerSession server;
  std::string bytes(http2_preface);
  bytes += "\0\0\0\x4\0\0\0\0\0"sv;
  bytes += "\0\0\x14\x1\x5\0\0\0\x1"sv;
  bytes += "\x82\x86\x84\x41\x0fwww.example.com"sv;

  ASSERT_TRUE(server.feed(bytes));

  HttpRequest request;
  EXPECT_EQ(server.take(request), 1);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/");
  EXPECT_THAT(request.headers, ElementsAre(Pair("host", "www.example.com")));
}

TEST(Http2Server, RefusesAnotherProtocol) {
  Http2ServerSession server;

  EXPECT_FALSE(server.feed("GET / HTTP/1.1\r\nHost: x\r\n\r\n and more"));
}

TEST(Http2, CarriesARequestAndItsAnswer) {
  Http2Pair pair;
  const HttpHeaders headers = {{"X-One", "1"}, {"Connection", "close"}};
  pair.client.send(
      {.method = "POST", .authority = "here", .target = "/f?x", .headers = &headers, .body = "ping"}, 42);
  pair.exchange();

  HttpRequest request;
  const auto stream = pair.server.take(request);
  ASSERT_TRUE(stream);
  pair.server.respond(*stream, {.status = 201, .body = "pong", .headers = {{"X-Two", "2"}}});
  pair.exchange();

  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/f?x");
  EXPECT_EQ(request.body, "ping");
  EXPECT_THAT(request.headers, ElementsAre(Pair("host", "here"), Pair("x-one", "1")));
  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].is_complete);
  EXPECT_EQ(answers[0].tag, 42U);
  EXPECT_EQ(answers[0].status, 201);
  EXPECT_EQ(answers[0].body, "pong");
  EXPECT_EQ(answers[0].headers.find("x-two"), "2");
  EXPECT_EQ(answers[0].headers.find("content-length"), "4");
  EXPECT_EQ(answers[0].began_at, 7);
}

TEST(Http2, ReadsTheSameInPiecesOfOneByte) {
  Http2Pair pair;
  pair.piece = 1;
  pair.client.send({.method = "POST", .authority = "here", .body = std::string(1000, 'x')}, 1);

  pair.echo();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, std::string(1000, 'x'));
}

TEST(Http2, CarriesManyRequestsAtOnce) {
  Http2Pair pair;
  for (std::uint64_t i = 0; i < 100; ++i) {
    pair.client.send({.method = "POST", .authority = "here", .body = std::to_string(i)}, i);
  }

  pair.echo();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 100U);
  for (const Http2Answer& answer : answers) EXPECT_EQ(answer.body, std::to_string(answer.tag));
}

TEST(Http2, KeepsToTheServersLimitOfStreams) {
  Http2Pair pair({.streams = 2});
  pair.exchange();  // The client learns the limit.
  for (std::uint64_t i = 0; i < 5; ++i) pair.client.send({.authority = "here"}, i);

  pair.exchange();

  EXPECT_EQ(pair.client.free_streams(), 0U);
  EXPECT_EQ(pair.server.open_streams(), 2U);
  for (int round = 0; round < 3; ++round) pair.echo();
  EXPECT_EQ(pair.answers().size(), 5U);
}

TEST(Http2, CarriesBodiesLargerThanTheWindows) {
  const std::string body(900'000, 'b');
  Http2Pair pair({}, {.kept_body_bytes = 1 << 20, .stream_window = 65'535, .connection_window = 65'535});
  pair.client.send({.method = "POST", .authority = "here", .body = body}, 1);

  pair.echo();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body_bytes, body.size());
  EXPECT_EQ(answers[0].body, body);
}

TEST(Http2, KeepsOnlyTheBeginningOfLargeAnswers) {
  Http2Pair pair({}, {.kept_body_bytes = 3});
  pair.client.send({.method = "POST", .authority = "here", .body = "abcdef"}, 1);

  pair.echo();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].body, "abc");
  EXPECT_EQ(answers[0].body_bytes, 6U);
}

TEST(Http2, SendsNoBodyToHead) {
  Http2Pair pair;
  pair.client.send({.method = "HEAD", .authority = "here"}, 1);
  pair.exchange();
  HttpRequest request;
  const auto stream = pair.server.take(request);
  ASSERT_TRUE(stream);

  pair.server.respond(*stream, {.body = "four"});
  pair.exchange();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].is_complete);
  EXPECT_EQ(answers[0].body_bytes, 0U);
  EXPECT_EQ(answers[0].headers.find("content-length"), "4");
}

TEST(Http2, CarriesTrailers) {
  Http2Pair pair;
  pair.client.send({.authority = "here"}, 1);
  pair.exchange();
  HttpRequest request;
  const auto stream = pair.server.take(request);
  ASSERT_TRUE(stream);

  pair.server.respond(*stream, {.body = "x", .trailers = {{"Checksum", "1"}}});
  pair.exchange();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_THAT(answers[0].trailers, ElementsAre(Pair("checksum", "1")));
  EXPECT_EQ(answers[0].headers.find("checksum"), std::nullopt);
}

TEST(Http2, RefusesABodyOverTheLimitAndGoesOn) {
  Http2Pair pair({.body_bytes = 10});
  pair.client.send({.method = "POST", .authority = "here", .body = std::string(300'000, 'x')}, 1);
  pair.client.send({.method = "POST", .authority = "here", .body = "small"}, 2);

  pair.echo();

  auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 2U);
  std::ranges::sort(answers, {}, &Http2Answer::tag);
  EXPECT_EQ(answers[0].status, 413);
  EXPECT_EQ(answers[1].body, "small");
}

TEST(Http2, EndsAStreamThatGoesOnSendingAfterItsRefusal) {
  Http2Pair pair({.body_bytes = 10});
  pair.client.send({.method = "POST", .authority = "here", .body = std::string(8 << 20, 'x')}, 1);

  pair.exchange();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 413);
  EXPECT_EQ(pair.server.open_streams(), 0U);
}

TEST(Http2, RefusesTooManyHeaderBytes) {
  Http2Pair pair({.head_bytes = 1000});
  const HttpHeaders headers = {{"x-long", std::string(2000, 'v')}};
  pair.client.send({.authority = "here", .headers = &headers}, 1);

  pair.exchange();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 431);
}

TEST(Http2, BoundsTheBodiesThatWaitTogether) {
  Http2Pair pair({.waiting_bytes = 25});
  for (std::uint64_t i = 0; i < 3; ++i) {
    pair.client.send({.method = "POST", .authority = "here", .body = std::string(10, 'x')}, i);
  }

  pair.exchange();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].status, 503);
}

TEST(Http2, TellsTheServerThatARequestWasGivenUp) {
  Http2Pair pair;
  const auto sent = pair.client.send({.authority = "here"}, 1);
  pair.exchange();
  HttpRequest request;
  const auto taken = pair.server.take(request);

  pair.client.cancel(*sent);
  pair.exchange();
  pair.server.respond(*taken, {.body = "late"});
  pair.exchange();

  EXPECT_EQ(pair.server.take_cancelled(), *taken);
  EXPECT_TRUE(pair.answers().empty());
  EXPECT_EQ(pair.server.open_streams(), 0U);
  EXPECT_EQ(pair.client.open_streams(), 0U);
}

TEST(Http2, ForgetsARequestThatWasGivenUpBeforeItWasTaken) {
  Http2Pair pair;
  const auto sent = pair.client.send({.authority = "here"}, 1);
  pair.exchange();

  pair.client.cancel(*sent);
  pair.exchange();

  HttpRequest request;
  EXPECT_EQ(pair.server.take(request), std::nullopt);
  EXPECT_EQ(pair.server.take_cancelled(), std::nullopt);
}

TEST(Http2, CancelsARequestThatHasNotBeenSent) {
  Http2Pair pair;
  const auto sent = pair.client.send({.authority = "here"}, 1);

  pair.client.cancel(*sent);
  pair.echo();

  EXPECT_TRUE(pair.answers().empty());
  EXPECT_EQ(pair.client.open_streams(), 0U);
}

TEST(Http2, ReportsAStreamThatTheServerResets) {
  Http2Pair pair;
  pair.client.send({.authority = "here"}, 9);
  pair.exchange();
  HttpRequest request;
  const auto stream = pair.server.take(request);

  pair.server.reset(*stream, Http2Code::internal_error);
  pair.exchange();

  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(answers[0].is_complete);
  EXPECT_EQ(answers[0].code, Http2Code::internal_error);
  EXPECT_FALSE(answers[0].was_not_processed);
}

TEST(Http2, LetsRunningRequestsEndWhenTheServerShutsDown) {
  Http2Pair pair;
  pair.client.send({.method = "POST", .authority = "here", .body = "x"}, 1);
  pair.exchange();

  pair.server.shut_down();
  pair.echo();

  EXPECT_FALSE(pair.client.takes_requests());
  EXPECT_EQ(pair.client.send({.authority = "here"}, 2), std::nullopt);
  const auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].is_complete);
  EXPECT_TRUE(pair.server.is_finished());
}

TEST(Http2, SaysWhichRequestsTheServerNeverSaw) {
  Http2Pair pair;
  pair.exchange();
  pair.client.send({.authority = "here"}, 1);
  std::string first;
  pair.client.append_output(first);
  pair.client.send({.authority = "here"}, 2);

  pair.client.end();

  auto answers = pair.answers();
  ASSERT_EQ(answers.size(), 2U);
  std::ranges::sort(answers, {}, &Http2Answer::tag);
  EXPECT_FALSE(answers[0].was_not_processed);
  EXPECT_TRUE(answers[1].was_not_processed);
}

TEST(Http2, UsesStreamsAgain) {
  Http2Pair pair;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    pair.client.send({.method = "POST", .authority = "here", .body = "x"}, i);
    pair.echo();
    ASSERT_EQ(pair.answers().size(), 1U) << i;
  }

  EXPECT_EQ(pair.server.open_streams(), 0U);
  EXPECT_EQ(pair.client.open_streams(), 0U);
}

TEST(Http2Client, FailsOnAnAnswerThatIsNotHttp2) {
  Http2ClientSession client;
  client.send({.authority = "here"}, 1);

  const bool was_taken = client.feed("HTTP/1.1 400 Bad Request\r\n\r\n").has_value();
  std::string out;
  client.append_output(out);

  EXPECT_TRUE(!was_taken || client.has_failed());
  EXPECT_TRUE(client.is_finished());
}

}  // namespace
}  // namespace thaw
