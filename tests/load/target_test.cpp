#include "load/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load/trace_context.h"

namespace thaw {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<TraceFunction> two_functions() {
  std::vector<TraceFunction> functions(2);
  functions[0].name = "resize";
  functions[1].name = "mail";
  return functions;
}

std::vector<TraceFunction> three_functions() {
  std::vector<TraceFunction> functions = two_functions();
  functions.emplace_back().name = "classify";
  return functions;
}

std::string rendered(TargetOptions options, const Invocation& invocation) {
  if (options.url.empty()) options.url = "http://127.0.0.1:8080/f/{function}";
  LoadTarget target = LoadTarget::create(options, two_functions()).value();
  return std::string(target.render(invocation));
}

Invocation of_function(FunctionIndex function) {
  Invocation invocation;
  invocation.function = function;
  return invocation;
}

TEST(Target, NamesTheFunctionInThePath) {
  EXPECT_THAT(rendered({}, of_function(1)), StartsWith("GET /f/mail HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
}

TEST(Target, PutsRuntimeAndMemoryWhereTheyAreAskedFor) {
  Invocation invocation = of_function(0);
  invocation.runtime_ms = 120;
  invocation.memory_mib = 256;

  const std::string text =
      rendered({.url = "http://127.0.0.1/{index}?ms={runtime_ms}&mib={memory_mib}"}, invocation);

  EXPECT_THAT(text, StartsWith("GET /0?ms=120&mib=256 HTTP/1.1\r\n"));
}

TEST(Target, TellsTheInvocation) {
  Invocation invocation = of_function(0);
  invocation.column = 3;
  invocation.number = 14;

  EXPECT_THAT(rendered({.headers = {"X-Id: {invocation}"}}, invocation), HasSubstr("\r\nX-Id: 3.14\r\n"));
}

TEST(Target, PostsABodyWithItsLength) {
  const std::string text = rendered({.body = "{\"name\": \"{function}\"}"}, of_function(0));

  EXPECT_THAT(text, StartsWith("POST "));
  EXPECT_THAT(text, HasSubstr("\r\nContent-Length: 18\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\n{\"name\": \"resize\"}"));
}

TEST(Target, LeavesForeignBracesAlone) {
  EXPECT_THAT(rendered({.body = "{}{other}{"}, of_function(0)), EndsWith("{}{other}{"));
}

TEST(Target, TakesTheUsersHostHeaderForItsOwn) {
  const std::string text = rendered({.headers = {"Host: {function}.example.org"}}, of_function(0));

  EXPECT_THAT(text, HasSubstr("\r\nHost: resize.example.org\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("127.0.0.1")));
}

TEST(Target, SaysThatAPostIsEmpty) {
  EXPECT_THAT(rendered({.method = "POST"}, of_function(0)), EndsWith("\r\nContent-Length: 0\r\n\r\n"));
}

TEST(Target, SendsATraceContext) {
  const std::string text = rendered({.has_traceparent = true, .trace_salt = 7}, of_function(0));

  const TraceContext context = trace_context(7, of_function(0));
  EXPECT_THAT(text,
              HasSubstr(fmt::format("\r\ntraceparent: 00-{}-{}-01\r\n", context.trace(), context.span())));
}

TEST(Target, CallsEachFunctionAtItsOwnHost) {
  const auto target =
      LoadTarget::create({.url = "http://127.0.1.{index}:8080/{function}?n={invocation}"}, three_functions())
          .value();

  ASSERT_EQ(target.sites().size(), 3U);
  EXPECT_EQ(target.sites()[1].url.host, "127.0.1.1");
  EXPECT_EQ(target.site_of(2), 2U);
}

TEST(Target, HasOneSiteForFunctionsOfTheSameHost) {
  const auto target =
      LoadTarget::create({.urls = {"http://127.0.0.1:1/a", "http://127.0.0.1:2/", "http://127.0.0.1:1/b"}},
                         three_functions())
          .value();

  ASSERT_EQ(target.sites().size(), 2U);
  EXPECT_EQ(target.site_of(0), target.site_of(2));
}

TEST(Target, TakesThePathOfEachFunctionsOwnUrl) {
  LoadTarget target =
      LoadTarget::create({.urls = {"http://127.0.0.1:1/a", "http://127.0.0.1:2/b", "http://127.0.0.1:1/c"}},
                         three_functions())
          .value();
  Invocation invocation;
  invocation.function = 2;

  EXPECT_THAT(std::string(target.render(invocation)), StartsWith("GET /c HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"));
}

TEST(Target, RefusesAHostThatDiffersByInvocation) {
  const auto target = LoadTarget::create({.url = "http://{invocation}.example.org/"}, two_functions());

  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().kind, ErrorKind::bad_usage);
}

TEST(Target, RefusesAHeaderWithALineBreak) {
  const auto target =
      LoadTarget::create({.url = "http://127.0.0.1/", .headers = {"A: b\r\nC: d"}}, two_functions());

  EXPECT_FALSE(target);
}

TEST(TraceContext, IsTheSameForTheSameInvocation) {
  EXPECT_EQ(trace_context(1, of_function(1)).trace(), trace_context(1, of_function(1)).trace());
}

TEST(TraceContext, DiffersByFunctionPlaceAndSeed) {
  Invocation later = of_function(0);
  later.number = 1;

  EXPECT_NE(trace_context(1, of_function(0)).trace(), trace_context(1, of_function(1)).trace());
  EXPECT_NE(trace_context(1, of_function(0)).trace(), trace_context(1, later).trace());
  EXPECT_NE(trace_context(1, of_function(0)).trace(), trace_context(2, of_function(0)).trace());
}

TEST(TraceContext, SharesTheTraceWithinAWorkflow) {
  Invocation root = of_function(0);
  root.graph = 3;
  Invocation child = of_function(1);
  child.graph = 3;
  child.node = 1;

  EXPECT_EQ(trace_context(1, root).trace(), trace_context(1, child).trace());
  EXPECT_NE(trace_context(1, root).span(), trace_context(1, child).span());
}

TEST(Protocols, SuggestTheNearestName) {
  const auto parsed = parse_protocol("http3");

  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::bad_usage);
}

}  // namespace
}  // namespace thaw
