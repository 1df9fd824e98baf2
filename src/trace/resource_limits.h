#pragma once
// What a platform should reserve for a function before the first request: instances by Little's law, and limits of
// processor and memory by the function's greatest memory.

#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace thaw {

/// How the processor limit follows from memory.
enum class LimitMode {
  one_vcpu,  ///< 1000 millicores, whatever the memory.
  gcp,       ///< The tiers of Google Cloud Functions, by memory.
};

/// "1vCPU" or "GCP", in any case. Errors: bad_usage.
Result<LimitMode> parse_limit_mode(std::string_view name);

/// Limits of one function's container.
struct ResourceLimits {
  std::uint32_t cpu_limit_millicores = 0;
  std::uint32_t cpu_request_millicores = 0;  ///< A tenth of the limit: overcommitted ten times.
  std::uint32_t memory_request_mib = 0;      ///< A tenth of the greatest memory; memory has no limit.
};
ResourceLimits resource_limits(LimitMode mode, std::uint32_t greatest_memory_mib);

/// Millicores of the tier of Google Cloud Functions that holds so much memory.
std::uint32_t gcp_millicores(std::uint32_t memory_mib);

/// Instances that the first column needs: ceil(arrivals per second × mean execution time), Little (1961).
std::uint32_t initial_scale(std::uint32_t first_count, double column_ms, double average_ms);

}  // namespace thaw
