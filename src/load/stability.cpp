#include "load/stability.h"

#include <cmath>

#include "core/units.h"

namespace thaw {
namespace {

constexpr std::uint64_t least_answers = 20;
constexpr double most_change = 0.25;
constexpr double most_disturbed = 0.05;

}  // namespace

void StabilityWatch::add(const Invocation& invocation) {
  if (invocation.intended_ns < warmup_ns_ / 2 || invocation.is_in_flight()) return;
  Quarter& quarter = invocation.intended_ns < warmup_ns_ / 4 * 3 ? third_ : last_;
  ++quarter.ended;
  if (invocation.is_cold) ++quarter.cold;
  if (invocation.cause == Cause::none) {
    quarter.response.record(invocation.response_ns());
  } else {
    ++quarter.failed;
  }
}

WarmupStability StabilityWatch::judge() const {
  if (third_.response.count() < least_answers || last_.response.count() < least_answers) {
    return {std::nullopt,
            fmt::format("too few answers to tell: {} and {} in the last two quarters, 20 are needed",
                        third_.response.count(), last_.response.count())};
  }
  const auto ended = static_cast<double>(last_.ended);
  if (static_cast<double>(last_.cold) > most_disturbed * ended) {
    return {false,
            fmt::format("{} of {} invocations of the last quarter were cold", last_.cold, last_.ended)};
  }
  if (static_cast<double>(last_.failed) > most_disturbed * ended) {
    return {false, fmt::format("{} of {} invocations of the last quarter failed", last_.failed, last_.ended)};
  }
  const auto before = static_cast<double>(*third_.response.quantile(0.5));
  const auto after = static_cast<double>(*last_.response.quantile(0.5));
  return {std::abs(after - before) <= most_change * before,
          fmt::format("median response {} in the third quarter, {} in the last", human_seconds(before / 1e9),
                      human_seconds(after / 1e9))};
}

}  // namespace thaw
