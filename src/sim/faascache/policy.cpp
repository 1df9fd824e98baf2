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

constexpr std::array<ParameterSpec, 1> parameter_specs{
    {{"ties", "heap", "who goes first of equal priorities: whom the heap has there, or the oldest"}}};

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

Result<PolicyChoice> parse_policy(std::string_view text) {
  const std::size_t colon = text.find(':');
  THAW_TRY(const PolicyName* entry, find_policy(text.substr(0, colon)));
  Parameters parameters("policy " + std::string(entry->name), entry->name, parameter_specs, 0);
  if (colon != std::string_view::npos) THAW_CHECK(parameters.set_all(text.substr(colon + 1), "ties"));
  const std::string_view ties = parameters.text("ties");
  if (ties != "heap" && ties != "oldest") {
    return fail(ErrorKind::bad_usage, "ties are broken by \"heap\" or \"oldest\", not by \"{}\"", ties);
  }
  return PolicyChoice{entry->policy, ties == "heap" ? Ties::heap : Ties::oldest};
}

std::string describe(const PolicyChoice& choice) {
  for (const PolicyName& entry : table) {
    if (entry.policy != choice.policy) continue;
    return std::string(entry.name) + (choice.ties == Ties::oldest ? ":ties=oldest" : "");
  }
  return {};
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
