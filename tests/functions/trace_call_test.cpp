#include "functions/trace_call.h"

#include <gtest/gtest.h>

namespace thaw::functions {
namespace {

using namespace std::chrono_literals;

TraceRequest read(const HttpRequest& request, const TraceCall& defaults = {}) {
  const auto result = read_trace_request(request, defaults);
  EXPECT_TRUE(result) << render(result.error());
  return result.value_or(TraceRequest{});
}

HttpRequest get(std::string target) { return {.method = "GET", .target = std::move(target)}; }
HttpRequest post(std::string body) { return {.method = "POST", .target = "/", .body = std::move(body)}; }

TEST(TraceRequest, HasTheDefaultsWhenNothingIsSaid) {
  const TraceCall call = read(get("/"), {.runtime = 5ms, .memory = 3_MiB}).call;

  EXPECT_EQ(call.runtime, 5ms);
  EXPECT_EQ(call.memory, 3_MiB);
}

TEST(TraceRequest, ReadsTheQuery) {
  const TraceCall call = read(get("/?cpu=2.5&memory=128&io=20&multiplier=102&mode=sleep")).call;

  EXPECT_EQ(call.runtime, 2500us);
  EXPECT_EQ(call.memory, 128_MiB);
  EXPECT_DOUBLE_EQ(call.io_share, 0.2);
  EXPECT_EQ(call.multiplier, 102U);
  EXPECT_EQ(call.mode, TraceCall::Mode::sleep);
}

TEST(TraceRequest, ReadsTheHeadersOfTheLoader) {
  HttpRequest request = post("");
  request.headers = {{"workload", "image"},      {"function", "trace-func-0-1"}, {"requested_cpu", "10"},
                     {"requested_memory", "64"}, {"multiplier", "80"},           {"io_percentage", "50"}};

  const TraceRequest wanted = read(request);

  EXPECT_EQ(wanted.function, "trace-func-0-1");
  EXPECT_EQ(wanted.call.runtime, 10ms);
  EXPECT_EQ(wanted.call.memory, 64_MiB);
  EXPECT_EQ(wanted.call.multiplier, 80U);
  EXPECT_DOUBLE_EQ(wanted.call.io_share, 0.5);
}

TEST(TraceRequest, ReadsTheJsonBodyOfAzure) {
  const TraceCall call = read(post(R"({"RuntimeInMilliSec": 10, "MemoryInMebiBytes": 128})")).call;

  EXPECT_EQ(call.runtime, 10ms);
  EXPECT_EQ(call.memory, 128_MiB);
}

TEST(TraceRequest, ReadsTheRawJsonQueryOfAws) {
  EXPECT_EQ(read(get(R"(/?{"RuntimeInMilliSec":7,"MemoryInMebiBytes":1})")).call.runtime, 7ms);
  EXPECT_EQ(read(get("/?%7B%22RuntimeInMilliSec%22:8%7D")).call.runtime, 8ms);
}

TEST(TraceRequest, ReadsTheWrappedValueOfOpenWhisk) {
  EXPECT_EQ(read(post(R"({"value": {"cpu": "12"}, "activation_id": "x"})")).call.runtime, 12ms);
}

TEST(TraceRequest, LetsTheQueryWinOverTheBodyAndTheBodyOverTheHeaders) {
  HttpRequest request = post(R"({"cpu": 2, "memory": 2})");
  request.target = "/?cpu=3";
  request.headers = {{"requested_cpu", "1"}, {"requested_memory", "1"}, {"io_percentage", "1"}};

  const TraceCall call = read(request).call;

  EXPECT_EQ(call.runtime, 3ms);
  EXPECT_EQ(call.memory, 2_MiB);
  EXPECT_DOUBLE_EQ(call.io_share, 0.01);
}

TEST(TraceRequest, TakesOtherBodiesAsPayload) {
  EXPECT_EQ(read(post("\x01random bytes {"), {.runtime = 1ms}).call.runtime, 1ms);
}

TEST(TraceRequest, IgnoresNamesItDoesNotKnow) {
  EXPECT_EQ(read(get("/?x=1&cpu=4")).call.runtime, 4ms);
  EXPECT_EQ(read(post(R"({"x": [1, {"y": 2}], "cpu": 4})")).call.runtime, 4ms);
}

TEST(TraceRequest, RefusesWhatIsNoAmount) {
  for (const char* target : {"/?cpu=x", "/?cpu=-1", "/?cpu=", "/?cpu=1e12", "/?cpu=nan", "/?io=101",
                             "/?mode=x", "/?cpu=%zz", "/?{broken", "/?memory=99999999"}) {
    EXPECT_FALSE(read_trace_request(get(target), {})) << target;
  }
}

TEST(TraceRequest, RefusesJsonThatIsNone) {
  EXPECT_FALSE(read_trace_request(post("{\"cpu\": "), {}));
  HttpRequest declared = post("[1]");
  declared.headers = {{"content-type", "application/json"}};
  EXPECT_FALSE(read_trace_request(declared, {}));
}

}  // namespace
}  // namespace thaw::functions
