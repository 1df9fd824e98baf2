// A policy that starts instances ahead of a call, live: real processes, and a clock that leaps over the minutes between calls.

#include <gmock/gmock.h>

#include <atomic>

#include "gateway_fixture.h"

namespace thaw {
namespace {

/// The system's clock, and what was leapt over.
class LeapingClock final : public Clock {
 public:
  MonotonicTime now() const override { return system_clock().now() + Nanos{ahead_.load()}; }
  WallTime wall() const override { return system_clock().wall() + Nanos{ahead_.load()}; }
  void sleep_until(MonotonicTime when) override { system_clock().sleep_until(when - Nanos{ahead_.load()}); }
  void leap(Nanos time) { ahead_ += time.count(); }

 private:
  std::atomic<std::int64_t> ahead_{0};
};

class Prewarming : public GatewayTest {
 protected:
  ~Prewarming() override {
    if (gateway_) gateway_->stop();
  }

  /// Serves f under a policy and calls it, every ten minutes, so often.
  void learn(const char* policy, int calls) {
    options_.policy = policy;
    start({faulty("f")}, clock_);
    for (int i = 0; i < calls; ++i) {
      if (i > 0) leap(std::chrono::minutes(10));
      ASSERT_EQ(post("/function/f/echo").status, 200);
    }
  }

  /// Lets time pass by so much, and the gateway see it.
  void leap(Nanos time) {
    clock_.leap(time);
    ASSERT_EQ(client().get("/healthz").status, 200);
  }

  [[nodiscard]] bool has_idle_instance() const { return count("f", "instances", "idle") == 1; }

  LeapingClock clock_;
};

class PrewarmingPolicy : public Prewarming,
                         public testing::WithParamInterface<std::pair<const char*, int>> {};

TEST_P(PrewarmingPolicy, HasAnInstanceReadyBeforeTheCall) {
  learn(GetParam().first, GetParam().second);
  ASSERT_TRUE(
      eventually([&] { return count("f", "instances", "idle") + count("f", "instances", "busy") == 0; }));

  leap(std::chrono::minutes(9) + std::chrono::seconds(59));
  ASSERT_TRUE(eventually([&] { return has_idle_instance(); }));
  const Answer answer = post("/function/f/echo");

  EXPECT_EQ(answer.header("X-Thaw-Cold"), "0");
  EXPECT_THAT(events(), testing::IsSupersetOf({"start prewarm f 2", "start warm f 2"}));
}

INSTANTIATE_TEST_SUITE_P(Of, PrewarmingPolicy,
                         testing::Values(std::pair("hist", 3), std::pair("hybrid:margin=0.2", 12)),
                         [](const auto& each) {
                           const std::string_view name = each.param.first;
                           return std::string(name.substr(0, name.find(':')));
                         });

}  // namespace
}  // namespace thaw
