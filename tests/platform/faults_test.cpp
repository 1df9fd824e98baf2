#include <gmock/gmock.h>

#include "core/lasting_child.h"
#include "gateway_fixture.h"
#include "platform/left_behind.h"

namespace thaw {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class GatewayFaults : public GatewayTest {
 protected:
  /// Ends the gateway; why instances were lost, by its log.
  std::vector<std::string> crash_reasons() {
    gateway_->stop();
    std::vector<std::string> reasons;
    const auto header = read_container_log(options_.events, [&](const ContainerEvent& event) {
      if (event.moment == ContainerMoment::crash) reasons.emplace_back(event.reason);
    });
    EXPECT_TRUE(header) << render(header.error());
    return reasons;
  }
};
class GatewayClients : public GatewayTest {};

TEST_F(GatewayFaults, AnInstanceThatCrashesFailsItsCallAndIsReplaced) {
  start({faulty("f")});

  const Answer answer = post("/function/f/crash");

  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(post("/function/f/ok").header("X-Thaw-Instance"), "2");
  EXPECT_EQ(count("f", "counts", "crashed"), 1U);
}

struct End {
  const char* name;
  const char* call;
  const char* how;
};
class GatewayFaultsByEnd : public GatewayTest, public testing::WithParamInterface<End> {};

TEST_P(GatewayFaultsByEnd, TheCallIsToldHowItsInstanceEnded) {
  start({faulty("f")});

  const Answer answer = post(fmt::format("/function/f/{}", GetParam().call));

  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.header("X-Thaw-Error"), "crash");
  EXPECT_THAT(answer.body, HasSubstr(GetParam().how));
}

INSTANTIATE_TEST_SUITE_P(Faults, GatewayFaultsByEnd,
                         testing::Values(End{"ByItself", "crash", "exit code 3"},
                                         End{"ByASignal", "killed", "signal 9"},
                                         End{"JustAfterItsConnection", "last?5", "exit code 3"},
                                         End{"InTheMiddleOfItsAnswer", "last-half?5", "exit code 3"}),
                         [](const auto& end) { return std::string(end.param.name); });

TEST_F(GatewayFaults, TheLogTellsHowAnInstanceEnded) {
  start({faulty("f")});

  post("/function/f/crash");

  EXPECT_THAT(crash_reasons(), ElementsAre(HasSubstr("exit code 3")));
}

TEST_F(GatewayFaults, AllCallsOfAnInstanceThatCrashesAreTold) {
  FunctionSpec spec = faulty("f");
  spec.concurrency = 2;
  start({spec});
  HttpClient first = client(), second = client();
  first.begin("/function/f/sleep?5000");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));

  second.begin("/function/f/last?5");

  EXPECT_EQ(second.read().header("X-Thaw-Error"), "crash");
  EXPECT_EQ(first.read().header("X-Thaw-Error"), "crash");
  EXPECT_EQ(count("f", "counts", "crashed"), 1U);
}

TEST_F(GatewayFaults, AnIdleInstanceThatDiesIsNoticed) {
  start({faulty("f")});
  const pid_t pid = std::stoi(post("/function/f/pid").body);

  ::kill(pid, SIGKILL);

  EXPECT_TRUE(eventually([&] { return count("f", "instances", "idle") == 0; }));
  EXPECT_THAT(events(), Contains("crash f 1"));
}

TEST_F(GatewayFaults, AnInstanceThatCrashesAtItsStartSaysHow) {
  start({faulty("f", "crash")});

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("exit code 9"));
}

TEST_F(GatewayFaults, AProgramThatDoesNotExistIsNamed) {
  FunctionSpec spec = faulty("f");
  spec.command = {"no-such-program"};
  start({spec});

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("no-such-program"));
}

TEST_F(GatewayFaults, AnInstanceThatHangsIsEndedAtTheTimeOut) {
  FunctionSpec spec = faulty("f");
  spec.timeout = std::chrono::milliseconds(100);
  start({spec});

  const Answer answer = post("/function/f/hang");

  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(count("f", "counts", "crashed"), 1U);
}

TEST_F(GatewayFaults, ATimeOutIsKeptToAFewMilliseconds) {
  FunctionSpec spec = faulty("f");
  spec.timeout = std::chrono::milliseconds(130);
  start({spec});

  double least = 1000;  // Other programs may hold the processor at one of the ends.
  for (int i = 0; i < 4; ++i) {
    least = std::min(least, std::stod(post("/function/f/hang").header("X-Thaw-Execution-Ms")));
  }

  EXPECT_GE(least, 130);
  EXPECT_LT(least, 160);
}

TEST_F(GatewayFaults, AnInstanceThatNeverListensIsEndedAtTheStartTimeOut) {
  FunctionSpec spec = faulty("f", "never");
  spec.start_timeout = std::chrono::milliseconds(200);
  start({spec});

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr("did not listen"));
}

TEST_F(GatewayFaults, AnInstanceThatListensLateIsWaitedFor) {
  start({faulty("f", "late?100")});

  const Answer answer = post("/function/f");

  EXPECT_EQ(answer.status, 200);
  EXPECT_GE(std::stod(answer.header("X-Thaw-Cold-Start-Ms")), 100);
}

TEST_F(GatewayFaults, AnAnswerThatIsNoHttpFailsTheCall) {
  start({faulty("f")});

  const Answer answer = post("/function/f/garbage");

  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(post("/function/f/ok").header("X-Thaw-Instance"), "2");
}

TEST_F(GatewayFaults, AnAnswerThatStopsInTheMiddleFailsTheCall) {
  start({faulty("f")});

  const Answer answer = post("/function/f/half");

  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("in the middle"));
}

TEST_F(GatewayFaults, AConnectionClosedWithoutAnAnswerFailsTheCall) {
  start({faulty("f")});

  const Answer answer = post("/function/f/close");

  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.header("X-Thaw-Error"), "bad-answer");
  EXPECT_THAT(crash_reasons(), ElementsAre(HasSubstr("closed the connection without an answer")));
}

TEST_F(GatewayFaults, AnInstanceWhoseConnectionBrokeGetsNoFurtherCalls) {
  FunctionSpec spec = faulty("f");
  spec.concurrency = 2;
  start({spec});
  HttpClient first = client(), second = client();
  first.begin("/function/f/sleep?200");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));

  EXPECT_EQ(post("/function/f/close").header("X-Thaw-Instance"), "1");

  EXPECT_EQ(post("/function/f/ok").header("X-Thaw-Instance"), "2");
  EXPECT_EQ(first.read().status, 200);
}

TEST_F(GatewayFaults, AnInstanceThatRefusesConnectionsIsReplaced) {
  start({faulty("f")});
  EXPECT_EQ(post("/function/f/deaf").status, 200);

  EXPECT_EQ(post("/function/f/ok").status, 502);
  EXPECT_EQ(post("/function/f/ok").header("X-Thaw-Instance"), "2");
}

TEST_F(GatewayFaults, AnAnswerAboveTheLimitFailsTheCall) {
  options_.answer_bytes = 1000;
  start({faulty("f")});

  const Answer answer = post("/function/f/large?100000");

  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.header("X-Thaw-Error"), "answer-too-large");
  EXPECT_THAT(answer.body, HasSubstr("larger than 1kB (--max-answer)"));
}

TEST_F(GatewayFaults, AConnectionThatTheFunctionClosesAfterAnAnswerIsReplaced) {
  start({faulty("f")});

  EXPECT_EQ(post("/function/f/bye").status, 200);
  EXPECT_EQ(post("/function/f/ok").header("X-Thaw-Instance"), "1");
}

TEST_F(GatewayFaults, AnInstanceAboveItsMemoryIsEndedWhereLimitsCanBeSet) {
  std::vector<std::string> warnings;
  options_.warn = [&](const std::string& text) { warnings.push_back(text); };
  FunctionSpec spec = faulty("f");
  spec.limits_memory = true;
  start({spec});
  post("/function/f/ok");
  if (!warnings.empty()) GTEST_SKIP() << warnings.front();

  const Answer answer = post("/function/f/eat?200000000");

  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(post("/function/f/eat?1000000").status, 200);
}

TEST_F(GatewayFaults, AnInstanceHasNoMoreProcessorTimeThanItsLimitWhereLimitsCanBeSet) {
  std::vector<std::string> warnings;
  options_.warn = [&](const std::string& text) { warnings.push_back(text); };
  FunctionSpec spec = faulty("f");
  spec.command = {TRACE_FUNCTION};
  spec.cpus = 0.25;
  start({spec});
  post("/function/f");
  if (!warnings.empty()) GTEST_SKIP() << warnings.front();

  // 200 ms of processor time are eight turns of 25 ms, each with a wait of 75 ms behind it but for the last.
  EXPECT_GE(std::stod(post("/function/f?cpu=200").header("X-Thaw-Execution-Ms")), 500);
}

TEST_F(GatewayFaults, WhatAKilledGatewayLeftIsEndedAtTheNextStart) {
  // A child of this test stands for one of a gateway that was killed; that gateway's pid is no process of today.
  Launch launch;
  launch.command.argv = {"sleep", "1000"};
  LastingChild left = LastingChild::start(launch).value();
  const std::string line = fmt::format("{} {}\n", left.pid(), process_start_ticks(left.pid()).value());
  std::filesystem::create_directories(options_.state);
  ASSERT_TRUE(write_file_atomically(options_.state / "999999999-1-1.processes", line));

  start({});

  EXPECT_TRUE(eventually([&] { return left.ended().has_value(); }));
}

TEST_F(GatewayFaults, AProcessThatOnlyHasThePidOfALeftOneIsNotEnded) {
  Launch launch;
  launch.command.argv = {"sleep", "1000"};
  LastingChild other = LastingChild::start(launch).value();
  std::filesystem::create_directories(options_.state);
  ASSERT_TRUE(
      write_file_atomically(options_.state / "999999999-1-1.processes", fmt::format("{} 1\n", other.pid())));

  start({});

  EXPECT_FALSE(other.ended());
}

TEST_F(GatewayFaults, NoProcessIsLeftWhenTheGatewayEnds) {
  start({faulty("f")});
  const pid_t pid = std::stoi(post("/function/f/pid").body);

  gateway_->stop();

  EXPECT_FALSE(process_start_ticks(pid));
}

TEST_F(GatewayClients, ARequestThatNeverEndsIsRefusedInTime) {
  options_.read_timeout = std::chrono::milliseconds(100);
  start({});
  HttpClient slow = client();
  slow.send_raw("POST /function/f HTTP/1.1\r\nHost: x\r\nX-Slow: ");

  EXPECT_EQ(slow.read().status, 408);
}

TEST_F(GatewayClients, ABodyAboveTheLimitIsRefused) {
  options_.limits.body_bytes = 100;
  start({thread("f")});

  EXPECT_EQ(post("/function/f", std::string(101, 'x')).status, 413);
}

TEST_F(GatewayClients, HeadersAboveTheLimitAreRefused) {
  start({});
  HttpClient rude = client();

  rude.send_raw("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'x') + "\r\n\r\n");

  EXPECT_EQ(rude.read().status, 431);
}

TEST_F(GatewayClients, AConnectionAboveTheLimitIsTurnedAway) {
  options_.most_connections = 1;
  start({});
  HttpClient first = client(), second = client();
  EXPECT_EQ(first.get("/healthz").status, 200);

  EXPECT_EQ(second.get("/healthz").status, 503);
}

TEST_F(GatewayClients, AClientThatLeavesDuringItsCallDisturbsNobody) {
  start({faulty("f")});
  HttpClient impatient = client();
  impatient.begin("/function/f/sleep?100");
  ASSERT_TRUE(eventually([&] { return count("f", "instances", "busy") == 1; }));

  impatient.leave();

  EXPECT_TRUE(eventually([&] { return count("f", "instances", "idle") == 1; }));
  EXPECT_EQ(post("/function/f/ok").header("X-Thaw-Instance"), "1");
}

}  // namespace
}  // namespace thaw
