// One policy, simulated and live: the same invocations through the simulator and through a real gateway.

#include <gmock/gmock.h>

#include "gateway_fixture.h"
#include "sim/simulation.h"

namespace thaw {
namespace {

class PolicyParity : public GatewayTest, public testing::WithParamInterface<const char*> {};

/// Collects what a simulation tells, in the words of the fixture.
class Collected final : public SimulationObserver {
 public:
  explicit Collected(const std::vector<TraceFunction>& functions) : functions_(functions) {}
  void on_invocation(double, FunctionIndex, Served) override {}
  void on_memory(double, std::string_view, double, double, std::span<const EvictedContainer>) override {}
  void on_served(double, double, double) override {}
  void on_container(FunctionIndex function, const ContainerEvent& event) override {
    ContainerEvent named = event;
    named.function = functions_[function].name;
    texts.push_back(text_of(named));
  }
  std::vector<std::string> texts;

 private:
  const std::vector<TraceFunction>& functions_;
};

/// Six functions of different size and cost, called one after the other in an order without a pattern.
struct Plan {
  std::vector<TraceFunction> functions;
  InvocationBlock block;
};

Plan make_plan() {
  Plan plan;
  for (int i = 0; i < 6; ++i) {
    TraceFunction function;
    function.name = fmt::format("f{}", i);
    function.memory_mb = 40 + 30 * i;
    function.warm_ms = 1;
    function.cold_ms = 1 + 10 * ((i * 5) % 7);
    plan.functions.push_back(function);
  }
  std::uint32_t state = 12345;
  for (int i = 0; i < 120; ++i) {
    state = state * 1664525 + 1013904223;
    plan.block.time_ms.push_back(1000.0 * i);
    plan.block.function.push_back((state >> 16) % 6);
  }
  return plan;
}

constexpr double memory_mb = 400;

TEST_P(PolicyParity, TheLiveLogIsTheSimulatedOne) {
  const Plan plan = make_plan();
  Collected simulated(plan.functions);
  auto simulation =
      make_simulation({.policy = GetParam(), .memory_mb = memory_mb}, plan.functions, &simulated);
  ASSERT_TRUE(simulation) << render(simulation.error());
  ASSERT_TRUE((*simulation)->take(plan.block));
  (*simulation)->finish();

  options_.policy = GetParam();
  options_.memory = Bytes{static_cast<std::int64_t>(memory_mb * 1e6)};
  std::vector<FunctionSpec> specs;
  for (const TraceFunction& function : plan.functions) {
    FunctionSpec spec = thread(function.name, Bytes{static_cast<std::int64_t>(function.memory_mb * 1e6)});
    spec.init = from_seconds(function.init_ms() / 1000);
    spec.execution = from_seconds(function.warm_ms / 1000);
    specs.push_back(spec);
  }
  start(specs);
  HttpClient caller = client();
  for (const FunctionIndex function : plan.block.function) {
    ASSERT_EQ(caller.post("/function/" + plan.functions[function].name).status, 200);
  }
  std::vector<std::string> live = events();
  std::erase_if(live, [](const std::string& text) { return text.starts_with("stop"); });

  EXPECT_EQ(live, simulated.texts);
  EXPECT_THAT(live, testing::Contains(testing::StartsWith("evict")));
}

INSTANTIATE_TEST_SUITE_P(OfPressurePolicies, PolicyParity,
                         testing::Values("lru", "gd", "freq", "size", "landlord", "s3-fifo"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace thaw
