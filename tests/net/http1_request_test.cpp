#include "net/http1_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thaw {
namespace {

using testing::ElementsAre;
using testing::Pair;

HttpRequest read(std::string_view bytes) {
  RequestReader reader;
  reader.feed(bytes);
  EXPECT_TRUE(reader.is_complete()) << bytes;
  return reader.is_complete() ? reader.take() : HttpRequest{};
}

/// The status a stream is refused with; 0 when it is not.
int refusal(std::string_view bytes, HttpLimits limits = {}) {
  RequestReader reader(limits);
  reader.feed(bytes);
  return reader.refusal() ? reader.refusal()->status : 0;
}

/// A complete request with these header lines.
std::string with_headers(std::string_view lines) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(lines) + "\r\n";
}

TEST(RequestReader, ReadsTheRequestLine) {
  const HttpRequest request = read("GET /matmul?arg=3 HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/matmul?arg=3");
}

TEST(RequestReader, LowersHeaderNamesAndTrimsValues) {
  EXPECT_THAT(read("GET / HTTP/1.1\r\nHOST:  x \t\r\nA-b:\r\n\r\n").headers,
              ElementsAre(Pair("host", "x"), Pair("a-b", "")));
}

TEST(RequestReader, ReadsABodyOfTheGivenLength) {
  EXPECT_EQ(read(with_headers("Content-Length: 5\r\n") + "hello").body, "hello");
}

TEST(RequestReader, WaitsForTheWholeBody) {
  RequestReader reader;
  reader.feed(with_headers("Content-Length: 5\r\n") + "hell");

  EXPECT_FALSE(reader.is_complete());
  EXPECT_FALSE(reader.refusal());
}

TEST(RequestReader, JoinsChunks) {
  const std::string chunks = "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\n";

  EXPECT_EQ(read(with_headers("Transfer-Encoding: Chunked\r\n") + chunks).body, "hello world");
}

TEST(RequestReader, ReadsHexadecimalChunkSizes) {
  const std::string chunks = "1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n";

  EXPECT_EQ(read(with_headers("Transfer-Encoding: chunked\r\n") + chunks).body.size(), 26U);
}

TEST(RequestReader, KeepsTheNextRequestForLater) {
  RequestReader reader;
  reader.feed(with_headers("Content-Length: 1\r\n") + "aGET /next HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(reader.take().body, "a");
  ASSERT_TRUE(reader.is_complete());
  EXPECT_EQ(reader.take().target, "/next");
  EXPECT_TRUE(reader.is_between_requests());
}

TEST(RequestReader, UsesTheMemoryOfEarlierRequestsAgain) {
  const std::string bytes = with_headers("User-Agent: somebody with a long name\r\n");
  RequestReader reader;
  HttpRequest request;
  for (int i = 0; i < 2; ++i) {
    reader.feed(bytes);
    reader.take(request);
  }
  const char* const first = request.headers[0].first.data();
  reader.feed(bytes);
  reader.take(request);
  const char* const second = request.headers[0].first.data();

  reader.feed(bytes);
  reader.take(request);

  EXPECT_NE(first, second);  // The reader's memory and the request's take turns.
  EXPECT_EQ(request.headers[0].first.data(), first);
  EXPECT_EQ(request.header("user-agent"), "somebody with a long name");
}

TEST(RequestReader, SkipsAnEmptyLineBeforeTheRequest) {
  EXPECT_EQ(read("\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n").method, "GET");
}

TEST(RequestReader, CutsAnAbsoluteTargetDownToItsPath) {
  EXPECT_EQ(read("GET http://x:80/a?b HTTP/1.1\r\nHost: x\r\n\r\n").target, "/a?b");
  EXPECT_EQ(read("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n").target, "/");
}

TEST(RequestReader, AcceptsHttp10WithoutAHost) { EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n").minor_version, 0); }

TEST(RequestReader, RefusesHttp11WithoutOneHost) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"), 400);
}

TEST(RequestReader, RefusesMalformedRequestLines) {
  EXPECT_EQ(refusal("GET /\r\n"), 400);
  EXPECT_EQ(refusal("GET  / HTTP/1.1\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1 \r\n"), 400);
  EXPECT_EQ(refusal("G(T / HTTP/1.1\r\n"), 400);
  EXPECT_EQ(refusal("GET x HTTP/1.1\r\n"), 400);
  EXPECT_EQ(refusal("GET /\x01 HTTP/1.1\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTX/1.1\r\n"), 400);
}

TEST(RequestReader, RefusesOtherVersions) {
  EXPECT_EQ(refusal("GET / HTTP/2.0\r\n"), 505);
  EXPECT_EQ(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
}

TEST(RequestReader, RefusesMalformedHeaders) {
  EXPECT_EQ(refusal(with_headers("no colon\r\n")), 400);
  EXPECT_EQ(refusal(with_headers("Name : value\r\n")), 400);
  EXPECT_EQ(refusal(with_headers("A: b\r\n folded\r\n")), 400);
  EXPECT_EQ(refusal(with_headers(": value\r\n")), 400);
  EXPECT_EQ(refusal(with_headers("A: b\x01\r\n")), 400);
}

TEST(RequestReader, RefusesLinesThatEndOtherwise) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: x\n\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n"), 400);
}

TEST(RequestReader, RefusesAmbiguousLengths) {
  EXPECT_EQ(refusal(with_headers("Content-Length: 1\r\nContent-Length: 2\r\n")), 400);
  EXPECT_EQ(refusal(with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal(with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(RequestReader, AcceptsTheSameLengthTwice) {
  EXPECT_EQ(read(with_headers("Content-Length: 1\r\nContent-Length: 1\r\n") + "a").body, "a");
}

TEST(RequestReader, RefusesLengthsThatAreNoNumber) {
  for (const char* length : {"", "-1", "+1", "0x1", "1 1", "99999999999999999999"}) {
    EXPECT_EQ(refusal(with_headers("Content-Length: " + std::string(length) + "\r\n")), 400) << length;
  }
}

TEST(RequestReader, RefusesUnknownCodings) {
  EXPECT_EQ(refusal(with_headers("Transfer-Encoding: gzip, chunked\r\n")), 501);
}

TEST(RequestReader, RefusesMalformedChunks) {
  const std::string head = with_headers("Transfer-Encoding: chunked\r\n");

  EXPECT_EQ(refusal(head + "x\r\n"), 400);
  EXPECT_EQ(refusal(head + "-1\r\n"), 400);
  EXPECT_EQ(refusal(head + "\r\n"), 400);
  EXPECT_EQ(refusal(head + "1\r\nab\r\n"), 400);
  EXPECT_EQ(refusal(head + "1000000000000000000\r\n"), 400);
}

TEST(RequestReader, RefusesABodyOverTheLimitBeforeItArrives) {
  EXPECT_EQ(refusal(with_headers("Content-Length: 11\r\n"), {.body_bytes = 10}), 413);
}

TEST(RequestReader, AcceptsABodyAtTheLimit) {
  EXPECT_EQ(refusal(with_headers("Content-Length: 10\r\n") + "0123456789", {.body_bytes = 10}), 0);
}

TEST(RequestReader, RefusesChunksThatAddUpOverTheLimit) {
  const std::string chunks = "6\r\nabcdef\r\n5\r\n";

  EXPECT_EQ(refusal(with_headers("Transfer-Encoding: chunked\r\n") + chunks, {.body_bytes = 10}), 413);
}

TEST(RequestReader, RefusesATooLongRequestLineBeforeItEnds) {
  EXPECT_EQ(refusal("GET /" + std::string(20'000, 'a')), 414);
}

TEST(RequestReader, RefusesTooManyHeaderBytes) {
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += "Name: value\r\n";

  EXPECT_EQ(refusal(with_headers(lines)), 431);
}

TEST(RequestReader, RefusesAnEndlessChunkLine) {
  EXPECT_EQ(refusal(with_headers("Transfer-Encoding: chunked\r\n") + "1;" + std::string(300, 'a')), 431);
}

TEST(RequestReader, AcceptsManySmallChunks) {
  std::string chunks;
  for (int i = 0; i < 10'000; ++i) chunks += "1\r\na\r\n";

  EXPECT_EQ(read(with_headers("Transfer-Encoding: chunked\r\n") + chunks + "0\r\n\r\n").body.size(), 10'000U);
}

TEST(RequestReader, SaysOnceThatTheClientWaitsForContinue) {
  RequestReader reader;
  reader.feed(with_headers("Content-Length: 5\r\nExpect: 100-continue\r\n"));

  EXPECT_TRUE(reader.wants_continue());
  EXPECT_FALSE(reader.wants_continue());
}

TEST(RequestReader, NeedsNoContinueWhenTheBodyIsThere) {
  RequestReader reader;
  reader.feed(with_headers("Content-Length: 5\r\nExpect: 100-continue\r\n") + "hello");

  EXPECT_FALSE(reader.wants_continue());
}

TEST(RequestReader, RefusesOtherExpectations) {
  EXPECT_EQ(refusal(with_headers("Expect: miracles\r\n")), 417);
}

}  // namespace
}  // namespace thaw
