#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "load/live_metrics.h"
#include "load/loopback_http.h"
#include "load/scripted_server.h"
#include "load/span_exporter.h"
#include "load/stability.h"
#include "load/trace_context.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;
using tests::Peer;
using tests::ScriptedServer;

std::vector<TraceFunction> one_function() {
  std::vector<TraceFunction> functions(1);
  functions[0].name = "resize";
  return functions;
}

Invocation answered(std::int64_t intended_ns = 1'000'000) {
  Invocation invocation;
  invocation.intended_ns = intended_ns;
  invocation.dispatched_ns = intended_ns + 20'000;
  invocation.sent_ns = intended_ns + 30'000;
  invocation.done_ns = intended_ns + 2'000'000;
  invocation.status = 200;
  invocation.knows_cold = invocation.is_cold = true;
  return invocation;
}

class Spans : public testing::Test {
 protected:
  std::vector<TraceFunction> functions_ = one_function();
  SpanContext context_{&functions_, 1'700'000'000'000'000, 9};
};

TEST_F(Spans, GoFromTheIntendedStartToTheEnd) {
  const auto span = json::parse(zipkin_body(context_, {answered()}))[0];

  EXPECT_EQ(span["timestamp"], 1'700'000'000'001'000);
  EXPECT_EQ(span["duration"], 2000);
}

TEST_F(Spans, HaveTheIdentityThatTheRequestCarries) {
  const TraceContext id = trace_context(9, answered());

  const auto span =
      json::parse(otlp_body(context_, {answered()}))["resourceSpans"][0]["scopeSpans"][0]["spans"][0];

  EXPECT_EQ(span["traceId"], std::string(id.trace()));
  EXPECT_EQ(span["spanId"], std::string(id.span()));
}

TEST_F(Spans, WriteWholeNumbersOfOtlpAsText) {
  const auto span =
      json::parse(otlp_body(context_, {answered()}))["resourceSpans"][0]["scopeSpans"][0]["spans"][0];

  EXPECT_EQ(span["startTimeUnixNano"], "1700000000001000000");
}

TEST_F(Spans, TellFailures) {
  Invocation failed = answered();
  failed.cause = Cause::status;
  failed.status = 500;

  const auto span = json::parse(zipkin_body(context_, {failed}))[0];

  EXPECT_EQ(span["tags"]["error"], "status");
}

TEST_F(Spans, ReachTheCollector) {
  std::mutex mutex;
  std::string request;
  const ScriptedServer collector([&](Peer& peer, int) {
    const std::string head = peer.read_head();
    const auto at = head.find("Content-Length: ");
    const std::string body = peer.read_body(std::stoul(head.substr(at + 16)));
    {
      const std::lock_guard lock(mutex);
      request = head + body;
    }
    peer.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  });
  // Without a path, where collectors take them.
  const auto exporter = SpanExporter::start(SpanFormat::zipkin, collector.url(), context_).value();
  for (int i = 0; i < 3; ++i) exporter->listen(answered(i));

  exporter->finish();

  EXPECT_EQ(exporter->sent(), 3U);
  EXPECT_EQ(exporter->dropped(), 0U);
  EXPECT_THAT(request, StartsWith("POST /api/v2/spans HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("resize"));
}

TEST_F(Spans, AreDroppedAndCountedWithoutACollector) {
  std::string url;
  {
    const ScriptedServer gone([](Peer&, int) {});
    url = gone.url();
  }
  const auto exporter = SpanExporter::start(SpanFormat::otlp, url, context_).value();
  for (int i = 0; i < 10'000; ++i) exporter->listen(answered(i));

  exporter->finish();

  EXPECT_EQ(exporter->sent(), 0U);
  EXPECT_EQ(exporter->dropped(), 10'000U);
  EXPECT_FALSE(exporter->failure().empty());
}

TEST(LiveMetrics, CountByResult) {
  LiveCounters live;
  live.add(answered());
  Invocation failed = answered();
  failed.cause = Cause::function_timeout;
  live.add(failed);

  const std::string text = render_metrics(live);

  EXPECT_THAT(text, HasSubstr("thaw_load_invocations_total{result=\"ok\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("thaw_load_invocations_total{result=\"function_timeout\"} 1\n"));
}

TEST(LiveMetrics, HaveCumulativeBuckets) {
  LiveCounters live;
  live.add(answered());

  const std::string text = render_metrics(live);

  EXPECT_THAT(text, HasSubstr("thaw_load_response_seconds_bucket{le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("thaw_load_response_seconds_bucket{le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("thaw_load_response_seconds_bucket{le=\"+Inf\"} 1\n"));
}

std::string answer_to(const PageServer& server, std::string_view request) {
  const Endpoint endpoint = resolve("127.0.0.1", server.port()).value();
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.length),
            0);
  EXPECT_GT(::send(socket.get(), request.data(), request.size(), 0), 0);
  std::string answer;
  char bytes[1024];
  for (ssize_t got = 0; (got = ::recv(socket.get(), bytes, sizeof bytes, 0)) > 0;)
    answer.append(bytes, static_cast<std::size_t>(got));
  return answer;
}

TEST(PageServer, AnswersWithItsPage) {
  const auto server =
      PageServer::start(":0", {"/metrics", "text/plain", [] { return std::string("x 1\n"); }}).value();

  EXPECT_THAT(answer_to(*server, "GET /metrics HTTP/1.1\r\n\r\n"), HasSubstr("\r\n\r\nx 1\n"));
}

TEST(PageServer, KnowsNoOtherPage) {
  const auto server =
      PageServer::start(":0", {"/metrics", "text/plain", [] { return std::string(); }}).value();

  EXPECT_THAT(answer_to(*server, "GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404"));
}

TEST(PageServer, RefusesAnAddressWithoutAPort) {
  EXPECT_EQ(PageServer::start("localhost", {}).error().kind, ErrorKind::bad_usage);
}

// --- the warm-up -------------------------------------------------------------------------------------------------------

/// Answers of a warm-up of 100 s: 25 in each quarter, with these responses in the last two.
WarmupStability judged(std::int64_t third_ns, std::int64_t last_ns, bool is_cold = false) {
  StabilityWatch watch(100'000'000'000);
  for (int i = 0; i < 100; ++i) {
    Invocation invocation = answered(i * 1'000'000'000LL);
    invocation.is_cold = is_cold && i >= 75;
    invocation.done_ns = invocation.intended_ns + (i < 75 ? third_ns : last_ns);
    watch.add(invocation);
  }
  return watch.judge();
}

TEST(WarmUp, IsStableWhenResponsesStayTheSame) { EXPECT_EQ(judged(1'000'000, 1'100'000).is_stable, true); }

TEST(WarmUp, IsNotStableWhileResponsesFall) { EXPECT_EQ(judged(2'000'000, 1'000'000).is_stable, false); }

TEST(WarmUp, IsNotStableWhileContainersStart) {
  EXPECT_EQ(judged(1'000'000, 1'000'000, true).is_stable, false);
}

TEST(WarmUp, IsUnknownWithFewAnswers) {
  StabilityWatch watch(100);
  watch.add(answered(80));

  EXPECT_EQ(watch.judge().is_stable, std::nullopt);
}

}  // namespace
}  // namespace thaw
