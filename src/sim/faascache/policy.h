#pragma once
// The policies of the research simulator. Each is a formula for a container's priority; the lowest is evicted
// first.

#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "sim/faascache/heapq_array.h"

namespace thaw::faascache {

enum class Policy {
  greedy_dual,  ///< GD: clock + freq·init/memory (Fuerst & Sharma, ASPLOS 2021, eq. 1).
  ttl,          ///< TTL: last use; ten minutes after it the container is purged when its function is called.
  long_ttl,     ///< LONG-TTL: the same with two hours.
  lru,          ///< LRU: last use.
  landlord,     ///< LND: credit = warm time; before an eviction everybody pays rent by size.
  frequency,    ///< FREQ: clock + freq·init.
  size,         ///< SIZE: clock + freq/memory.
  random,       ///< RAND: uniform integer from 0 to 9.
  histogram,    ///< HIST: last use; purged and pre-warmed as activation_history.h says.
};

struct PolicyName {
  Policy policy;
  std::string_view name;     ///< As the predecessor spells it, in logs and results.
  std::string_view aliases;  ///< Separated by spaces.
  std::string_view summary;
};

/// All policies, in the predecessor's order.
std::span<const PolicyName> policies();

/// By name or alias; case does not matter, '-' and '_' are alike. Errors: bad_usage, suggesting the nearest
/// name.
Result<const PolicyName*> find_policy(std::string_view name);

/// A policy and how it breaks ties.
struct PolicyChoice {
  Policy policy = Policy::greedy_dual;
  Ties ties = Ties::heap;
};

/// From text: "GD", "long-ttl", "lru:ties=oldest". Errors: bad_usage.
Result<PolicyChoice> parse_policy(std::string_view text);

/// The text that parse_policy reads, with the predecessor's spelling.
std::string describe(const PolicyChoice& choice);

/// Whether the policy's priorities are floating-point numbers in the predecessor, also where they are whole.
bool has_float_priorities(Policy policy);

}  // namespace thaw::faascache
