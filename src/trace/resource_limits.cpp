#include "trace/resource_limits.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/text.h"

namespace thaw {
namespace {

struct Tier {
  std::uint32_t below_mib, millicores;
};
constexpr Tier gcp_tiers[] = {{256, 83}, {512, 167}, {1024, 333}, {2048, 583}, {4096, 1000}};
constexpr std::uint32_t largest_tier = 2000;
constexpr std::uint32_t overcommit = 10;

}  // namespace

Result<LimitMode> parse_limit_mode(std::string_view name) {
  const std::string wanted = to_lower(name);
  if (wanted == "1vcpu") return LimitMode::one_vcpu;
  if (wanted == "gcp") return LimitMode::gcp;
  const std::vector<std::string> names = {"1vCPU", "GCP"};
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown kind of processor limit \"{}\"", name),
                 "--cpu-limit", suggest(name, names));
}

std::uint32_t gcp_millicores(std::uint32_t memory_mib) {
  for (const Tier& tier : gcp_tiers)
    if (memory_mib < tier.below_mib) return tier.millicores;
  return largest_tier;
}

ResourceLimits resource_limits(LimitMode mode, std::uint32_t greatest_memory_mib) {
  const std::uint32_t memory = std::clamp(greatest_memory_mib, 1U, 10240U);
  const std::uint32_t limit = mode == LimitMode::one_vcpu ? 1000 : gcp_millicores(memory);
  return {limit, limit / overcommit, memory / overcommit};
}

std::uint32_t initial_scale(std::uint32_t first_count, double column_ms, double average_ms) {
  return static_cast<std::uint32_t>(std::ceil(first_count / (column_ms / 1000) * (average_ms / 1000)));
}

}  // namespace thaw
