#include "functions/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "functions/stepping_clock.h"

namespace thaw::functions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

HttpRequest post(std::string target, std::string body, std::string content_type = {}) {
  HttpRequest request{.method = "POST", .target = std::move(target), .body = std::move(body)};
  if (!content_type.empty()) request.headers.add("content-type", content_type);
  return request;
}

class ServiceTest : public testing::Test {
 protected:
  HttpResponse answer(std::string_view function, const HttpRequest& request,
                      std::vector<std::string> default_args = {}) {
    Service::Options options;
    if (function != "all") options.only = *find_function(function);
    options.default_args = std::move(default_args);
    Service service(clock_, options);
    return service.answer(request);
  }

  SteppingClock clock_{std::chrono::milliseconds(1)};
};

TEST(RequestArguments, AreTheElementsOfAJsonArray) {
  EXPECT_THAT(*request_arguments(post("/", R"(["1000", "0"])")), ElementsAre("1000", "0"));
}

TEST(RequestArguments, AreTheWordsOfPlainText) {
  EXPECT_THAT(*request_arguments(post("/", "1000  0\n")), ElementsAre("1000", "0"));
}

TEST(RequestArguments, AreOneForAJsonString) {
  EXPECT_THAT(*request_arguments(post("/", R"("two words")")), ElementsAre("two words"));
}

TEST(RequestArguments, AreOneForANumber) {
  EXPECT_THAT(*request_arguments(post("/", "1000")), ElementsAre("1000"));
}

TEST(RequestArguments, AreNoneForAnEmptyBody) {
  EXPECT_THAT(*request_arguments(post("/", " \r\n")), IsEmpty());
}

TEST(RequestArguments, MustBeJsonWhenDeclaredSo) {
  EXPECT_FALSE(request_arguments(post("/", "1000 0", "Application/JSON; charset=utf-8")));
}

TEST(RequestArguments, ComeFromTheQueryToo) {
  EXPECT_THAT(*request_arguments(post("/?arg=a+b&cache=1&arg=%2f%C3%B6", "")), ElementsAre("a b", "/ö"));
}

TEST(RequestArguments, RefuseAMalformedQuery) {
  EXPECT_FALSE(request_arguments(post("/?arg=%4", "")));
  EXPECT_FALSE(request_arguments(post("/?arg=%xy", "")));
  EXPECT_FALSE(request_arguments(post("/?arg=%00", "")));
}

TEST(RequestArguments, RefuseANulCharacter) {
  EXPECT_FALSE(request_arguments(post("/", std::string("a\0b", 3))));
}

TEST_F(ServiceTest, GivesTheFunctionsOutput) {
  const HttpResponse response = answer("inc", post("/", "[5]"));

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "incremented 5 numbers\n@@@ Time inc 0.001000000\n");
}

TEST_F(ServiceTest, RunsOnGetToo) { EXPECT_EQ(answer("nope", {.method = "GET", .target = "/"}).status, 200); }

TEST_F(ServiceTest, AnswersAtTheNameOfTheOnlyFunctionToo) {
  EXPECT_EQ(answer("nope", post("/nope", "")).status, 200);
}

TEST_F(ServiceTest, HidesOtherFunctionsBehindTheOnlyOne) {
  EXPECT_EQ(answer("nope", post("/matmul", "")).status, 404);
}

TEST_F(ServiceTest, ChoosesAmongAllByPath) {
  EXPECT_THAT(answer("all", post("/args", R"(["x"])")).body, StartsWith("\"x\"\n"));
}

TEST_F(ServiceTest, ListsAllFunctionsAtTheRoot) {
  EXPECT_THAT(answer("all", {.method = "GET", .target = "/"}).body, StartsWith("/sleep\n/nope\n"));
}

TEST_F(ServiceTest, SaysWhereTheFunctionsAre) {
  const HttpResponse response = answer("all", post("/", ""));

  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("hint POST /NAME"));
}

TEST_F(ServiceTest, IsHealthyUnderEveryFunction) {
  EXPECT_EQ(answer("matmul", {.method = "GET", .target = "/healthz"}).body, "ok\n");
}

TEST_F(ServiceTest, ExplainsWrongArguments) {
  const HttpResponse response = answer("matmul", post("/", "many"));

  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            "thaw: error: n must be a whole number from 1 to 4096, got \"many\"\n  at   matmul\n"
            "  hint usage: matmul [N=100]\n");
}

TEST_F(ServiceTest, RefusesOtherMethods) {
  const HttpResponse response = answer("nope", {.method = "DELETE", .target = "/"});

  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.headers, ElementsAre(testing::Pair("Allow", "GET, HEAD, POST")));
}

TEST_F(ServiceTest, FallsBackOnTheDefaultArguments) {
  EXPECT_THAT(answer("inc", post("/", ""), {"7"}).body, StartsWith("incremented 7 numbers\n"));
}

TEST_F(ServiceTest, PrefersTheArgumentsOfTheRequest) {
  EXPECT_THAT(answer("inc", post("/", "[8]"), {"7"}).body, StartsWith("incremented 8 numbers\n"));
}

TEST_F(ServiceTest, BouncesTheBodyUnread) {
  EXPECT_THAT(answer("bounce", post("/", "[1, not json")).body, StartsWith("[1, not json\n@@@"));
}

TEST_F(ServiceTest, CountsCallsForTheDraws) {
  Service service(clock_, {.only = *find_function("distributions")});
  service.answer(post("/", ""));

  EXPECT_THAT(service.answer(post("/", "")).body, StartsWith("normal seed 1 index 1\n"));
}

TEST_F(ServiceTest, OpensNoFilesOfThisMachine) {
  EXPECT_EQ(answer("swapbytes", post("/", "/etc/hostname")).status, 400);
}

}  // namespace
}  // namespace thaw::functions
