#include "sim/farthest.h"

#include <gmock/gmock.h>

#include <limits>

#include "sim/plain_server.h"
#include "sim/small_traces.h"

namespace thaw {
namespace {

using testing::draw;
using testing::function;
using testing::PlainContainer;
using testing::PlainServer;
using testing::trace_of;

/// When a container is used next, by looking: its place among the idle ones of its function, newest first, is the
/// number of the coming invocation that it gets.
double next_use(const Trace& trace, const PlainServer& server, const PlainContainer& container) {
  std::size_t place = 0;
  for (const PlainContainer& each : server.pool) {
    if (each.function != container.function || !server.is_idle(each)) continue;
    if (each.end > container.end || (each.end == container.end && each.id > container.id)) ++place;
  }
  for (std::size_t i = server.index + 1; i < trace.invocations.size(); ++i) {
    if (trace.invocations.function[i] != container.function) continue;
    if (place-- == 0) return trace.invocations.time_ms[i] * 1e6;
  }
  return std::numeric_limits<double>::infinity();
}

PlainServer::GoesFirst farthest_first(const Trace& trace, FarthestRule rule) {
  return [&trace, rule](const PlainServer& server, const PlainContainer& a, const PlainContainer& b) {
    const auto rank = [&](const PlainContainer& container) {
      const double next = next_use(trace, server, container);
      const TraceFunction& function = trace.functions[container.function];
      if (rule == FarthestRule::plain || next == std::numeric_limits<double>::infinity()) return next;
      if (function.init_ms() == 0) return std::numeric_limits<double>::infinity();
      return (next - static_cast<double>(server.now)) * function.memory_mb * 1e6 / function.init_ms();
    };
    // Among clones only the one that finished first is ever considered.
    if (a.function == b.function) return a.end != b.end ? a.end < b.end : a.id < b.id;
    const double x = rank(a), y = rank(b);
    return x != y ? x > y : testing::least_recently_used(server, a, b);
  };
}

/// Clones whose elder must go first stand behind it.
class WithoutYoungerClones {
 public:
  explicit WithoutYoungerClones(PlainServer::GoesFirst inner) : inner_(std::move(inner)) {}
  bool operator()(const PlainServer& server, const PlainContainer& a, const PlainContainer& b) const {
    const PlainContainer& x = eldest(server, a);
    const PlainContainer& y = eldest(server, b);
    if (&x == &y) return &a == &x;
    return inner_(server, x, y);
  }

 private:
  static const PlainContainer& eldest(const PlainServer& server, const PlainContainer& container) {
    const PlainContainer* found = &container;
    for (const PlainContainer& each : server.pool) {
      if (each.function != container.function || !server.is_idle(each)) continue;
      if (each.end < found->end || (each.end == found->end && each.id < found->id)) found = &each;
    }
    return *found;
  }
  PlainServer::GoesFirst inner_;
};

TEST(Farthest, EvictsWhatIsNeededLast) {
  // When C comes, A is needed in two steps and B in one.
  const Trace trace = trace_of({function("A", 100), function("B", 100), function("C", 100)}, "ABCBA");

  const SimulationOutcome outcome = simulate_farthest(trace, 200, FarthestRule::plain);

  EXPECT_EQ(outcome.functions[1].cold, 1U);
  EXPECT_EQ(outcome.functions[0].cold, 2U);
}

TEST(Farthest, EvictsFirstWhatIsNeverNeededAgain) {
  const Trace trace = trace_of({function("A", 100), function("B", 100), function("C", 100)}, "ABC A");

  EXPECT_EQ(simulate_farthest(trace, 200, FarthestRule::plain).functions[1].evictions, 1U);
}

TEST(Farthest, KeepsWhatIsDearWhenItWeighsCosts) {
  // B is needed sooner, but A costs a hundred times as much to start.
  const Trace trace =
      trace_of({function("A", 100, 10000), function("B", 100, 100), function("C", 100)}, "A           BCBA");

  EXPECT_EQ(simulate_farthest(trace, 200, FarthestRule::plain).functions[0].cold, 2U);
  EXPECT_EQ(simulate_farthest(trace, 200, FarthestRule::cost_aware).functions[0].cold, 1U);
}

TEST(Farthest, DropsOnlyWhatRunningContainersLeaveNoRoomFor) {
  const Trace trace = trace_of({function("A", 150, 0, 5000), function("B", 100)}, "AB     B");

  const SimulationOutcome outcome = simulate_farthest(trace, 200, FarthestRule::plain);

  EXPECT_EQ(outcome.dropped, 1U);
  EXPECT_EQ(outcome.functions[1].cold, 1U);
  EXPECT_EQ(outcome.functions[0].evictions, 1U);
}

class FarthestAgainstPlain : public ::testing::TestWithParam<FarthestRule> {};

TEST_P(FarthestAgainstPlain, CountsAreEqualOnRandomTraces) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Trace trace = draw({.functions = 12, .invocations = 400, .duration_ms = 400000, .seed = seed});
    const double memory = 400 + 100 * static_cast<double>(seed);
    PlainServer server(trace, memory);
    server.simulate(WithoutYoungerClones(farthest_first(trace, GetParam())));

    const SimulationOutcome outcome = simulate_farthest(trace, memory, GetParam());

    EXPECT_EQ(outcome.cold, server.cold) << seed;
    EXPECT_EQ(outcome.dropped, server.dropped) << seed;
    EXPECT_EQ(outcome.evictions, server.evictions) << seed;
    EXPECT_EQ(outcome.cold + outcome.warm + outcome.dropped, outcome.invocations);
  }
}
INSTANTIATE_TEST_SUITE_P(Rules, FarthestAgainstPlain,
                         ::testing::Values(FarthestRule::plain, FarthestRule::cost_aware));

TEST(Farthest, EqualsUnlimitedMemoryWhenThereIsEnough) {
  const Trace trace = draw({.functions = 12, .invocations = 400});

  const SimulationOutcome outcome = simulate_farthest(trace, 1e6, FarthestRule::plain);

  EXPECT_EQ(outcome.evictions, 0U);
  EXPECT_EQ(outcome.cold, outcome.end_pool);
}

}  // namespace
}  // namespace thaw
