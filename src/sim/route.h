#pragma once
// How a cluster picks the server for an invocation. A route is one file in routes/ and one line in routes.inc.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "keepalive/pool.h"
#include "trace/trace.h"

namespace thaw {

using ServerIndex = std::uint32_t;

/// What a route may look at.
struct ClusterView {
  std::span<const std::uint32_t> loads;   ///< By server: invocations that run or wait there.
  std::span<const Pool* const> pools;     ///< By server.
  std::span<const std::uint32_t> unused;  ///< By server: cores that nothing runs on.
  Instant now{};
};

/// How much of the view is up to date: the less, the faster.
enum class RouteSight : std::uint8_t { nothing, loads, containers };

class Route {
 public:
  virtual ~Route() = default;
  [[nodiscard]] virtual RouteSight sight() const { return RouteSight::nothing; }
  /// The server of an invocation that arrives now. Equal calls give equal answers.
  virtual ServerIndex choose(FunctionIndex function, const ClusterView& view) = 0;
};

/// What a route is made for.
struct RouteSetting {
  std::span<const TraceFunction> functions;
  std::uint32_t servers = 1;
  std::uint64_t seed = 1;
};

/// A row of the table of routes.
struct RouteEntry {
  std::string_view name;
  std::string_view summary;
  std::string_view aliases;  ///< Other accepted names, separated by spaces.
  std::unique_ptr<Route> (*make)(const RouteSetting& setting);
};

/// Every route, in help order.
std::span<const RouteEntry> all_routes();

/// The route with this name or alias; case does not matter, '-' and '_' are alike. Errors: bad_usage, suggesting the
/// nearest name.
Result<const RouteEntry*> find_route(std::string_view name);

/// The server with the least load, the lowest of equal ones.
ServerIndex least_loaded(std::span<const std::uint32_t> loads);

}  // namespace thaw
