#include "platform/gateway.h"

#include <gmock/gmock.h>

#include "gateway_fixture.h"

namespace thaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class GatewayRoutes : public GatewayTest {};
class GatewayCalls : public GatewayTest {};
class GatewayMemory : public GatewayTest {};
class GatewayQueue : public GatewayTest {};

TEST_F(GatewayCalls, TheFirstCallIsColdAndTheSecondWarm) {
  start({thread("f")});

  EXPECT_EQ(post("/function/f").header("X-Thaw-Cold"), "1");
  EXPECT_EQ(post("/function/f").header("X-Thaw-Cold"), "0");
}

TEST_F(GatewayCalls, AWarmCallHasNoColdStart) {
  start({thread("f")});
  post("/function/f");

  EXPECT_EQ(std::stod(post("/function/f").header("X-Thaw-Cold-Start-Ms")), 0);
}

TEST_F(GatewayCalls, ACallThatJoinsAColdStartWaitsForIt) {
  FunctionSpec spec = faulty("f", "late?200");
  spec.concurrency = 2;
  start({spec});
  HttpClient first = client(), second = client();
  first.begin("/function/f/ok");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));
  second.begin("/function/f/ok");

  const Answer answer = second.read();

  EXPECT_EQ(answer.header("X-Thaw-Cold"), "0");
  EXPECT_EQ(std::stod(answer.header("X-Thaw-Cold-Start-Ms")), 0);
  EXPECT_GT(std::stod(answer.header("X-Thaw-Queue-Ms")), 10);
}

TEST_F(GatewayCalls, TheAnswerSaysWhichInstanceAndHowLongEachPartTook) {
  FunctionSpec spec = thread("f");
  spec.work = std::chrono::milliseconds(20);
  start({spec});

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.header("X-Thaw-Instance"), "1");
  EXPECT_GE(std::stod(answer.header("X-Thaw-Execution-Ms")), 20);
  EXPECT_GE(std::stod(answer.header("X-Thaw-Cold-Start-Ms")), 0);
  EXPECT_LT(std::stod(answer.header("X-Thaw-Queue-Ms")), 20);
}

TEST_F(GatewayCalls, MethodTargetAndBodyReachTheFunction) {
  start({faulty("f")});

  const Answer answer = client().request("PATCH", "/function/f/echo?x=1&y", "the body");

  EXPECT_EQ(answer.body, "PATCH /echo?x=1&y\nthe body");
}

TEST_F(GatewayCalls, AHostThatIsAFunctionInvokesIt) {
  start({faulty("f")});
  HttpClient caller = client();

  caller.send_raw("POST /echo HTTP/1.1\r\nHost: f:80\r\nContent-Length: 2\r\n\r\nhi");

  EXPECT_EQ(caller.read().body, "POST /echo\nhi");
}

TEST_F(GatewayCalls, SeveralRequestsAtOnceAreAnsweredInOrder) {
  start({faulty("f")});
  HttpClient caller = client();

  caller.send_raw(
      "GET /function/f/echo?1 HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /function/f/echo?2 HTTP/1.1\r\nHost: x\r\n\r\n");

  EXPECT_EQ(caller.read().body, "GET /echo?1\n");
  EXPECT_EQ(caller.read().body, "ok\n");
  EXPECT_EQ(caller.read().body, "GET /echo?2\n");
}

TEST_F(GatewayCalls, AnAnswerOfSeveralMegabytesIsWhole) {
  start({faulty("f")});

  EXPECT_EQ(post("/function/f/large?20000000").body.size(), 20'000'000);
}

TEST_F(GatewayCalls, ABodyOfSeveralMegabytesReachesTheFunction) {
  start({faulty("f")});

  EXPECT_EQ(post("/function/f/echo", std::string(7'000'000, 'b')).body.size(), 7'000'011);
}

TEST_F(GatewayCalls, TwoCallsAtOnceTakeTwoInstances) {
  start({faulty("f")});
  HttpClient first = client(), second = client();

  first.begin("/function/f/sleep?300");
  second.begin("/function/f/sleep?300");

  EXPECT_NE(first.read().header("X-Thaw-Instance"), second.read().header("X-Thaw-Instance"));
}

TEST_F(GatewayCalls, WithConcurrencyTwoCallsShareAnInstance) {
  FunctionSpec spec = faulty("f");
  spec.concurrency = 2;
  start({spec});
  HttpClient first = client(), second = client();

  first.begin("/function/f/sleep?300");
  second.begin("/function/f/sleep?300");

  EXPECT_EQ(first.read().header("X-Thaw-Instance"), second.read().header("X-Thaw-Instance"));
  EXPECT_EQ(count("f", "counts", "cold"), 1U);
}

TEST_F(GatewayRoutes, AFunctionIsAddedAndRemovedOverHttp) {
  start({});

  EXPECT_EQ(client().put("/functions/f", R"({"sandbox":"thread","memory":"64MiB"})").status, 201);
  EXPECT_EQ(post("/function/f").status, 200);
  EXPECT_EQ(client().request("DELETE", "/functions/f").status, 204);
  EXPECT_EQ(post("/function/f").status, 404);
}

TEST_F(GatewayRoutes, AnUnknownKeyIsRefusedWithTheNearestOne) {
  start({});

  const Answer answer = client().put("/functions/f", R"({"sandbox":"thread","memroy":"64MiB"})");

  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr(R"(did you mean \"memory\"?)"));
}

TEST_F(GatewayRoutes, AnUnknownFunctionIsRefusedWithTheNearestOne) {
  start({thread("resize")});

  EXPECT_THAT(post("/function/resise").body, HasSubstr(R"(did you mean \"resize\"?)"));
}

TEST_F(GatewayRoutes, TheListTellsWhatIsServed) {
  start({thread("f", 32_MiB)});
  post("/function/f");

  const auto list = nlohmann::json::parse(client().get("/functions").body);

  EXPECT_EQ(list[0]["memory"], "32MiB");
  EXPECT_EQ(list[0]["instances"]["idle"], 1);
}

TEST_F(GatewayRoutes, MetricsAreInPrometheusForm) {
  start({thread("f", 64_MiB)});
  post("/function/f");

  const std::string text = client().get("/metrics").body;

  EXPECT_THAT(text, HasSubstr("# TYPE thaw_invocations_total counter\n"
                              "thaw_invocations_total{function=\"f\",start=\"cold\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("thaw_memory_bytes 67108864\n"));
}

TEST_F(GatewayRoutes, DirigentsRegistrationAddsAFunctionAndTellsWhereItIs) {
  options_.defaults = thread("");
  start({});

  const Answer answer =
      post("/", "name=trace-func-1&image=docker.io%2Fx%2Ftrace&requested_memory=170&num_args=1");

  EXPECT_EQ("http://" + answer.body, gateway_->url());
  EXPECT_EQ(client().get("/check?name=trace-func-1").status, 200);
  HttpClient caller = client();
  caller.send_raw("POST / HTTP/1.1\r\nHost: trace-func-1\r\nrequested_cpu: 5\r\n\r\n");
  EXPECT_EQ(caller.read().status, 200);
}

TEST_F(GatewayRoutes, WhatARegistrationHandsToTheProgramReachesIt) {
  options_.defaults = faulty("");
  start({});

  post("/", "name=f&env_vars=MOOD%3Dgood&env_vars=WORDS%3Dtwo%20words");

  EXPECT_THAT(post("/function/f/env").body, HasSubstr("\nMOOD=good\n"));
  const auto shown = nlohmann::json::parse(client().get("/functions/f").body);
  EXPECT_EQ(shown["env"]["MOOD"], "good");
  EXPECT_EQ(shown["env"]["WORDS"], "two words");
}

TEST_F(GatewayRoutes, WithATokenOnlyWhoHasItIsServed) {
  options_.token = "secret";
  start({thread("f")});

  EXPECT_EQ(post("/function/f").status, 401);
  EXPECT_EQ(client().request("POST", "/function/f", "", "Authorization: Bearer secreT\r\n").status, 401);
  EXPECT_EQ(client().request("POST", "/function/f", "", "Authorization: Bearer secret\r\n").status, 200);
  EXPECT_EQ(client().get("/healthz").status, 200);
}

TEST_F(GatewayRoutes, APageInABrowserMayNotAddFunctions) {
  start({});

  EXPECT_EQ(client().request("POST", "/", "name=f", "Origin: http://elsewhere.example\r\n").status, 403);
}

TEST_F(GatewayRoutes, OutsideOfLoopbackATokenIsNeeded) {
  options_.listen = "0.0.0.0:0";

  const auto gateway = Gateway::start(options_, {}, system_clock());

  ASSERT_FALSE(gateway);
  EXPECT_EQ(gateway.error().kind, ErrorKind::bad_usage);
  EXPECT_THAT(gateway.error().hint, HasSubstr("--token-file"));
}

TEST_F(GatewayRoutes, APortInUseIsAnErrorThatSaysWhatToDo) {
  start({});
  GatewayOptions again = options_;
  again.listen = gateway_->url().substr(7);

  const auto second = Gateway::start(again, {}, system_clock());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::environment);
  EXPECT_THAT(second.error().hint, HasSubstr("choose another one"));
}

TEST_F(GatewayMemory, TheLeastRecentlyUsedInstanceGoesWhenMemoryIsShort) {
  options_.memory = 200_MiB;
  start({thread("a", 100_MiB), thread("b", 100_MiB), thread("c", 100_MiB)});

  for (const char* name : {"a", "b", "a", "c", "a"}) post(fmt::format("/function/{}", name));

  EXPECT_THAT(events(), ElementsAre("start cold a 1", "finish a 1", "start cold b 2", "finish b 2",
                                    "start warm a 1", "finish a 1", "evict b 2", "start cold c 3",
                                    "finish c 3", "start warm a 1", "finish a 1", "stop a 1", "stop c 3"));
}

TEST_F(GatewayMemory, ACallIsDroppedWhenRunningInstancesFillTheMemory) {
  options_.memory = 100_MiB;
  FunctionSpec slow = faulty("slow");
  start({slow, thread("f", 64_MiB)});
  HttpClient busy = client();
  busy.begin("/function/slow/sleep?1000");
  ASSERT_TRUE(eventually([&] { return count("slow", "instances", "busy") == 1; }));

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("X-Thaw-Error"), "no-memory");
  EXPECT_EQ(busy.read().status, 200);
  EXPECT_EQ(count("f", "counts", "dropped"), 1U);
}

TEST_F(GatewayMemory, ACallMayWaitForMemoryInstead) {
  options_.memory = 100_MiB;
  options_.waits_for_memory = true;
  start({faulty("slow"), thread("f", 64_MiB)});
  HttpClient busy = client();
  busy.begin("/function/slow/sleep?500");
  ASSERT_TRUE(eventually([&] { return count("slow", "instances", "busy") == 1; }));

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(std::stod(answer.header("X-Thaw-Queue-Ms")), 10);
}

TEST_F(GatewayMemory, AnInstanceExpiresAfterItsKeepAlive) {
  options_.policy = "ttl:50ms";
  start({thread("f")});

  post("/function/f");

  EXPECT_TRUE(eventually([&] { return count("f", "counts", "expired") == 1; }));
}

TEST_F(GatewayMemory, AFunctionsOwnTtlReplacesThePolicys) {
  FunctionSpec spec = thread("f");
  spec.ttl = std::chrono::milliseconds(50);
  start({spec, thread("g")});

  post("/function/f");
  post("/function/g");

  EXPECT_TRUE(eventually([&] { return count("f", "counts", "expired") == 1; }));
  EXPECT_EQ(count("g", "counts", "expired"), 0U);
}

TEST_F(GatewayMemory, TheLeastNumberOfInstancesIsThereBeforeTheFirstCall) {
  FunctionSpec spec = thread("f");
  spec.min_instances = 2;
  start({spec});

  EXPECT_EQ(count("f", "instances", "idle"), 2U);
  EXPECT_EQ(post("/function/f").header("X-Thaw-Cold"), "0");
}

TEST_F(GatewayMemory, TheLeastNumberIsNeverEvicted) {
  options_.memory = 128_MiB;
  FunctionSpec kept = thread("kept");
  kept.min_instances = 1;
  start({kept, thread("a"), thread("b")});

  for (const char* name : {"a", "b", "a", "b"}) post(fmt::format("/function/{}", name));

  EXPECT_EQ(count("kept", "counts", "evicted"), 0U);
  EXPECT_EQ(count("a", "counts", "evicted"), 2U);
}

TEST_F(GatewayMemory, AFunctionLargerThanTheBudgetIsDroppedAsInTheSimulation) {
  std::vector<std::string> warnings;
  options_.warn = [&](const std::string& text) { warnings.push_back(text); };
  options_.waits_for_memory = true;
  start({thread("f", 2_GiB)});

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("X-Thaw-Error"), "no-memory");
  EXPECT_THAT(warnings, Contains(HasSubstr("the whole budget is 1GiB")));
  EXPECT_THAT(events(), Contains("drop f"));
}

TEST_F(GatewayQueue, AboveTheMostInstancesCallsWait) {
  FunctionSpec spec = faulty("f");
  spec.max_instances = 1;
  start({spec});
  HttpClient first = client(), second = client();
  first.begin("/function/f/sleep?300");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));
  second.begin("/function/f/sleep?0");

  EXPECT_EQ(first.read().status, 200);
  const Answer answer = second.read();
  EXPECT_EQ(answer.header("X-Thaw-Cold"), "0");
  EXPECT_GT(std::stod(answer.header("X-Thaw-Queue-Ms")), 10);
}

TEST_F(GatewayQueue, AFullQueueDropsCalls) {
  options_.queue_limit = 1;
  FunctionSpec spec = faulty("f");
  spec.max_instances = 1;
  start({spec});
  HttpClient first = client(), second = client();
  first.begin("/function/f/sleep?1000");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));
  second.begin("/function/f");
  ASSERT_TRUE(eventually([&] { return gateway_->functions()[0]["waiting"] == 1; }));

  EXPECT_EQ(post("/function/f").header("X-Thaw-Error"), "queue-full");
}

TEST_F(GatewayQueue, NobodyWaitsLongerThanTheTimeOut) {
  options_.queue_timeout = std::chrono::milliseconds(50);
  FunctionSpec spec = faulty("f");
  spec.max_instances = 1;
  start({spec});
  HttpClient first = client();
  first.begin("/function/f/sleep?1000");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));

  EXPECT_EQ(post("/function/f").header("X-Thaw-Error"), "queue-timeout");
}

TEST_F(GatewayQueue, AWaitingClientThatLeavesIsNotServed) {
  FunctionSpec spec = faulty("f");
  spec.max_instances = 1;
  start({spec});
  HttpClient first = client(), second = client();
  first.begin("/function/f/sleep?500");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));
  second.begin("/function/f");
  ASSERT_TRUE(eventually([&] { return gateway_->functions()[0]["waiting"] == 1; }));

  second.leave();

  EXPECT_TRUE(eventually([&] { return gateway_->functions()[0]["waiting"] == 0; }));
  first.read();
  EXPECT_EQ(count("f", "counts", "warm"), 0U);
}

TEST_F(GatewayCalls, RunningCallsEndBeforeTheGatewayDoes) {
  start({faulty("f")});
  HttpClient caller = client();
  caller.begin("/function/f/sleep?500");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));

  gateway_->stop();

  EXPECT_EQ(caller.read().status, 200);
}

TEST_F(GatewayCalls, TheLogTellsOfEveryStartAndFinish) {
  start({thread("f")});

  post("/function/f");
  post("/function/f");

  EXPECT_THAT(events(),
              ElementsAre("start cold f 1", "finish f 1", "start warm f 1", "finish f 1", "stop f 1"));
}

}  // namespace
}  // namespace thaw
