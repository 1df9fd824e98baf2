#pragma once
// A policy that the user writes as a formula: "expr:clock + freq*cost/size". The lowest value goes first.

#include <memory>
#include <string_view>

#include "keepalive/policy.h"

namespace thaw {

/// The policy of a formula. Without `now`, `age` or `idle` in it a container's value is computed at each of its uses, and
/// the clock is the value of the last victim. With one of them it is computed when a victim is wanted, for 64 idle
/// containers drawn at random, or for all when there are no more. Errors: bad_usage with the column.
Result<std::unique_ptr<KeepAlivePolicy>> make_expression_policy(std::string_view formula, std::uint64_t seed);

}  // namespace thaw
