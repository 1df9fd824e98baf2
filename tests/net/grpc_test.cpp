#include "net/grpc.h"

#include <gtest/gtest.h>

namespace thaw {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

TEST(GrpcContentType, HasOnlyItsOwnSuffixes) {
  EXPECT_TRUE(is_grpc("application/grpc"));
  EXPECT_TRUE(is_grpc("application/grpc+proto"));
  EXPECT_TRUE(is_grpc("application/grpc; charset=x"));
  EXPECT_FALSE(is_grpc("application/grpc-web"));
  EXPECT_FALSE(is_grpc("application/json"));
  EXPECT_FALSE(is_grpc(std::nullopt));
}

TEST(GrpcMessage, StandsBehindFiveBytes) {
  std::string out;

  append_grpc_message(out, "abc");

  EXPECT_EQ(out,
            "\0\0\0\0\x3"
            "abc"sv);
  EXPECT_EQ(grpc_message(out), "abc"sv);
}

TEST(GrpcMessage, MayBeEmpty) { EXPECT_EQ(grpc_message("\0\0\0\0\0"sv), ""sv); }

TEST(GrpcMessage, IsExactlyOne) {
  EXPECT_EQ(grpc_message("").error().code, GrpcCode::internal);
  EXPECT_EQ(grpc_message("\0\0\0"sv).error().code, GrpcCode::internal);
  EXPECT_EQ(grpc_message("\0\0\0\0\x2"
                         "a"sv)
                .error()
                .code,
            GrpcCode::internal);
  EXPECT_EQ(grpc_message("\0\0\0\0\0\0\0\0\0\0"sv).error().code, GrpcCode::internal);
  EXPECT_EQ(grpc_message("\1\0\0\0\0"sv).error().code, GrpcCode::unimplemented);
  EXPECT_EQ(grpc_message("\0\xff\xff\xff\xff"sv).error().code, GrpcCode::internal);
}

TEST(GrpcText, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(grpc_percent_encoded("50% \xc3\xbc\n"), "50%25 %C3%BC%0A");
  EXPECT_EQ(grpc_percent_decoded("50%25 %c3%BC%0A"), "50% \xc3\xbc\n");
}

TEST(GrpcText, KeepsWhatIsNoEscape) { EXPECT_EQ(grpc_percent_decoded("%4 %zz %"), "%4 %zz %"); }

TEST(GrpcTimeout, IsReadInItsSixUnits) {
  EXPECT_EQ(parse_grpc_timeout("2H"), 2h);
  EXPECT_EQ(parse_grpc_timeout("3M"), 3min);
  EXPECT_EQ(parse_grpc_timeout("4S"), 4s);
  EXPECT_EQ(parse_grpc_timeout("100m"), 100ms);
  EXPECT_EQ(parse_grpc_timeout("5u"), 5us);
  EXPECT_EQ(parse_grpc_timeout("99999999n"), 99'999'999ns);
}

TEST(GrpcTimeout, IsRefusedWhenMalformed) {
  for (const char* text : {"", "m", "10", "1.5S", "-1S", "100000000n", "1s"}) {
    EXPECT_EQ(parse_grpc_timeout(text), std::nullopt) << text;
  }
}

TEST(GrpcTimeout, DoesNotOverflow) { EXPECT_GT(*parse_grpc_timeout("99999999H"), 24h * 365 * 200); }

TEST(GrpcTimeout, IsWrittenNoShorterThanItIs) {
  EXPECT_EQ(format_grpc_timeout(15s), "15000000u");
  EXPECT_EQ(format_grpc_timeout(100'000'001ns), "100001u");
  EXPECT_EQ(format_grpc_timeout(1ms), "1000000n");
  EXPECT_EQ(format_grpc_timeout(-1s), "0n");
}

TEST(GrpcResponse, HasItsStatusInTheTrailers) {
  HttpResponse response;

  make_grpc_response(response, {}, "abc");

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/grpc");
  EXPECT_EQ(response.trailers.find("grpc-status"), "0");
  EXPECT_EQ(grpc_message(response.body), "abc"sv);
}

TEST(GrpcResponse, HasOnlyAHeadWhenTheCallFailed) {
  HttpResponse response;

  make_grpc_response(response, {GrpcCode::unavailable, "no\nway"});

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find("grpc-status"), "14");
  EXPECT_EQ(response.headers.find("grpc-message"), "no%0Away");
  EXPECT_TRUE(response.body.empty());
}

TEST(GrpcStatus, ComesFromTheTrailersBeforeTheHeaders) {
  Http2Answer answer;
  answer.status = 200;
  answer.trailers.add("grpc-status", "5");
  answer.trailers.add("grpc-message", "gone%21");

  EXPECT_EQ(grpc_status(answer).code, GrpcCode::not_found);
  EXPECT_EQ(grpc_status(answer).message, "gone!");
}

TEST(GrpcStatus, FollowsFromTheHttpStatusWhenNoneCame) {
  Http2Answer answer;
  answer.status = 503;
  EXPECT_EQ(grpc_status(answer).code, GrpcCode::unavailable);
  answer.status = 404;
  EXPECT_EQ(grpc_status(answer).code, GrpcCode::unimplemented);
  answer.status = 200;
  EXPECT_EQ(grpc_status(answer).code, GrpcCode::internal);
}

TEST(GrpcStatus, IsUnknownWhenItsNumberIs) {
  Http2Answer answer;
  answer.status = 200;
  answer.headers.add("grpc-status", "77");

  EXPECT_EQ(grpc_status(answer).code, GrpcCode::unknown);
}

}  // namespace
}  // namespace thaw
