#pragma once
// Finds for every function of a trace the measured benchmark whose duration and memory resemble it most.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "trace/trace.h"

namespace thaw {

/// A benchmark that was measured.
struct ProxyProfile {
  std::string name;
  double duration_ms = 0;  ///< Median.
  double memory_mb = 0;    ///< Median.
};

/// Reads `{"name": {"memory": {"50-percentile": …}, "duration": {"50-percentile": …}, …}, …}`.
/// Errors: bad_input at "place", with the entry's name.
Result<std::vector<ProxyProfile>> parse_profiles(std::string_view json, std::string_view place);

/// The proxy of functions that no benchmark resembles.
inline constexpr std::string_view standard_proxy = "trace-func-go";

/// What stands for one function.
struct ProxyChoice {
  std::string name;                       ///< Of the benchmark, or standard_proxy.
  const ProxyProfile* profile = nullptr;  ///< Absent with the standard proxy.
  double distance = 0;                    ///< Of the nearest benchmark, also of one that was too far.
};

/// The profile with the least sqrt((ln m - ln m')² + (ln d - ln d')²) of the medians, zeros taken as 0.01; the
/// standard proxy when its duration differs by more than 40 % of the function's.
ProxyChoice choose_proxy(double duration_ms, double memory_mb, std::span<const ProxyProfile> profiles);

/// Choices for all functions, by the medians of their statistics (else warm time and memory), and mean errors.
struct ProxyMap {
  std::vector<ProxyChoice> choices;
  double relative_duration_error = 0, absolute_duration_error_ms = 0;
  double relative_memory_error = 0, absolute_memory_error_mb = 0;
};
ProxyMap map_proxies(std::span<const TraceFunction> functions, std::span<const ProxyProfile> profiles);

/// `{"<function><owner><app>": {"proxy-function": "<name>"}, …}`
std::string render_proxy_map(std::span<const TraceFunction> functions, const ProxyMap& map);

}  // namespace thaw
