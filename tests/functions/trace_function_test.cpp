#include "functions/trace_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net/faas_executor.h"

namespace thaw::functions {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

HttpRequest call(std::string target) { return {.method = "GET", .target = std::move(target)}; }

HttpRequest grpc_call(std::string path, std::string_view message) {
  HttpRequest request{.method = "POST", .target = std::move(path)};
  request.headers = {{"content-type", "application/grpc"}, {"te", "trailers"}};
  append_grpc_message(request.body, message);
  return request;
}

std::string execute(std::uint32_t ms, std::uint32_t mib) {
  std::string message;
  append_faas_request(message, {.message = "nothing", .runtime_ms = ms, .memory_mib = mib});
  return message;
}

TEST(TraceFunction, AnswersWithTheNamesThatLoadersRead) {
  TraceFunction function({.name = "f", .machine = "m"});
  const TraceTask task = function.accept(call("/?cpu=5&memory=2"));

  const HttpResponse response = function.answer(task, {.wall = 5'100us, .cpu = 5ms, .memory = 2_MiB});

  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  const auto json = nlohmann::json::parse(response.body);
  EXPECT_EQ(json["Status"], "OK");
  EXPECT_EQ(json["Function"], "f");
  EXPECT_EQ(json["MachineName"], "m");
  EXPECT_EQ(json["ExecutionTime"], 5100);
  EXPECT_EQ(json["DurationInMicroSec"], 5100);
  EXPECT_EQ(json["MemoryUsageInKb"], 2048);
  EXPECT_EQ(json["CpuTimeInMicroSec"], 5000);
  EXPECT_EQ(json["Invocation"], 0);
}

TEST(TraceFunction, NamesTheFunctionAsTheCallerDoes) {
  TraceFunction function({.name = "f"});
  HttpRequest request = call("/");
  request.headers = {{"function", "say \"hi\""}};

  const TraceTask task = function.accept(request);

  EXPECT_EQ(nlohmann::json::parse(function.answer(task, {}).body)["Function"], "say \"hi\"");
}

TEST(TraceFunction, AnswersInBase64WhenAsked) {
  TraceFunction function({});
  const TraceTask task = function.accept(call("/?cpu=0&encoding=base64"));

  EXPECT_THAT(function.answer(task, {}).body, testing::StartsWith("eyJTdGF0dXMiOiJPSyI"));
}

/// RFC 4648, section 10.
TEST(Base64, HasTheTestVectorsOfItsStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(TraceFunction, AnswersHealthWithoutWork) {
  TraceFunction function({});

  EXPECT_EQ(function.accept(call("/healthz")).response->body, "ok\n");
  EXPECT_EQ(function.calls(), 0U);
}

TEST(TraceFunction, SaysWhatIsWrongWithARequest) {
  TraceFunction function({});

  EXPECT_EQ(function.accept(call("/?cpu=x")).response->status, 400);
  EXPECT_EQ(function.accept({.method = "DELETE", .target = "/"}).response->status, 405);
}

TEST(TraceFunction, RefusesMoreMemoryThanItMayUse) {
  TraceFunction function({.most_memory = 1_GiB});

  const TraceTask task = function.accept(call("/?memory=2000"));

  ASSERT_TRUE(task.response);
  EXPECT_EQ(task.response->status, 500);
  EXPECT_THAT(task.response->body, HasSubstr("FAILURE - mem_alloc"));
}

TEST(TraceFunction, AnswersGrpcWithAFaasReply) {
  TraceFunction function({.machine = "m"});
  const TraceTask task = function.accept(grpc_call("/faas.Executor/Execute", execute(10, 128)));
  EXPECT_EQ(task.call.runtime, 10ms);
  EXPECT_EQ(task.call.memory, 128_MiB);

  const HttpResponse response = function.answer(task, {.wall = 10'050us, .memory = 128_MiB});

  EXPECT_EQ(response.trailers.find("grpc-status"), "0");
  const auto reply = parse_faas_reply(grpc_message(response.body).value());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->message, "OK - m");
  EXPECT_EQ(reply->duration_us, 10'050U);
  EXPECT_EQ(reply->memory_kib, 128U * 1024);
}

TEST(TraceFunction, SaysInTheReplyThatThereWasNoMemory) {
  TraceFunction function({});
  const TraceTask task = function.accept(grpc_call("/faas.Executor/Execute", execute(10, 128)));

  const HttpResponse response = function.answer(task, {.could_have_memory = false});

  EXPECT_EQ(parse_faas_reply(grpc_message(response.body).value())->message, "FAILURE - mem_alloc");
}

TEST(TraceFunction, RefusesOtherMethodsAndMalformedMessages) {
  TraceFunction function({});

  EXPECT_EQ(function.accept(grpc_call("/x.Y/Z", "")).response->headers.find("grpc-status"), "12");
  EXPECT_EQ(
      function.accept(grpc_call("/faas.Executor/Execute", "\x0a\x07")).response->headers.find("grpc-status"),
      "3");
}

TEST(TraceFunction, AnswersTheHealthCheckOfGrpc) {
  TraceFunction function({});

  const TraceTask task = function.accept(grpc_call("/grpc.health.v1.Health/Check", ""));

  EXPECT_EQ(grpc_message(task.response->body).value(), "\x08\x01");
}

TEST(TraceFunction, SaysThatADeadlineHasPassed) {
  TraceFunction function({});
  HttpRequest request = grpc_call("/faas.Executor/Execute", execute(10, 0));
  request.headers.add("grpc-timeout", "5m");
  const TraceTask task = function.accept(request);

  EXPECT_EQ(function.answer(task, {.wall = 10ms}).headers.find("grpc-status"), "4");
}

TEST(TraceFunction, NeverWorksWhenItIsEmpty) {
  TraceFunction function({.machine = "m", .is_empty = true});
  const TraceTask task = function.accept(grpc_call("/faas.Executor/Execute", execute(10, 128)));

  EXPECT_EQ(task.call.runtime, 0ns);
  EXPECT_EQ(parse_faas_reply(grpc_message(function.answer(task, {}).body).value())->message,
            "OK - EMPTY - m");
}

TEST(TraceFunction, TakesFaultsOfTheHeaderUnlessToldNotTo) {
  HttpRequest request = call("/");
  request.headers = {{"x-thaw-fault", "hang"}};
  TraceFunction obeying({});
  TraceFunction other({.takes_fault_header = false});

  EXPECT_EQ(obeying.accept(request).fault.kind, FaultKind::hang);
  EXPECT_EQ(other.accept(request).fault.kind, FaultKind::none);
}

TEST(TraceFunction, RefusesAFaultThatItDoesNotKnow) {
  HttpRequest request = call("/");
  request.headers = {{"x-thaw-fault", "explode"}};
  TraceFunction function({});

  EXPECT_EQ(function.accept(request).response->status, 400);
}

TEST(TraceFunction, AnswersAnInjectedStatusInBothProtocols) {
  TraceFunction function({.faults = parse_faults("status=503").value()});

  EXPECT_EQ(function.answer(function.accept(call("/")), {}).status, 503);
  EXPECT_EQ(function.answer(function.accept(grpc_call("/faas.Executor/Execute", "")), {})
                .headers.find("grpc-status"),
            "14");
}

}  // namespace
}  // namespace thaw::functions
