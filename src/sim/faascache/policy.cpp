#include "sim/faascache/policy.h"

#include <array>
#include <string>
#include <vector>

#include "core/parameters.h"
#include "core/text.h"

namespace thaw::faascache {
namespace {

constexpr std::array<PolicyName, 9> table{{
    {Policy::greedy_dual, "GD", "greedy-dual", "greedy dual: clock + frequency x init / memory"},
    {Policy::ttl, "TTL", "", "expires 10 min after the last start; LRU under pressure"},
    {Policy::long_ttl, "LONG-TTL", "", "expires 2 h after the last start; LRU under pressure"},
    {Policy::lru, "LRU", "", "oldest last start"},
    {Policy::landlord, "LND", "landlord", "Landlord: credit of one warm time, rent by memory"},
    {Policy::frequency, "FREQ", "", "clock + frequency x init"},
    {Policy::size, "SIZE", "", "clock + frequency / memory"},
    {Policy::random, "RAND", "random", "a random integer from 0 to 9 at each use"},
    {Policy::histogram, "HIST", "hist-faascache", "histogram of inter-arrival times, as coded there"},
}};

}  // namespace

std::span<const PolicyName> policies() { return table; }

Result<const PolicyName*> find_policy(std::string_view name) {
  for (const PolicyName& entry : table) {
    if (is_called(name, entry.name, entry.aliases)) return &entry;
  }
  std::vector<std::string> names;
  for (const PolicyName& entry : table) names.push_back(to_lower(entry.name));
  return fail_at(ErrorKind::bad_usage, fmt::format("the faascache model has no policy \"{}\"", name), {},
                 suggest(name, names));
}

bool has_float_priorities(Policy policy) {
  switch (policy) {
    case Policy::greedy_dual:
    case Policy::frequency:
    case Policy::size:
    case Policy::landlord:
      return true;
    default:
      return false;
  }
}

}  // namespace thaw::faascache
