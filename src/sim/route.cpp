// The table of routes. It is built from routes.inc, so that a route is one file and one line.

#include "sim/route.h"

#include <algorithm>
#include <vector>

#include "core/parameters.h"
#include "core/text.h"

namespace thaw {

#define ROUTE(id, name, summary, aliases)                \
  namespace routes {                                     \
  std::unique_ptr<Route> make_##id(const RouteSetting&); \
  }
#include "sim/routes.inc"
#undef ROUTE

std::span<const RouteEntry> all_routes() {
#define ROUTE(id, name, summary, aliases) RouteEntry{name, summary, aliases, &routes::make_##id},
  static constexpr RouteEntry table[] = {
#include "sim/routes.inc"
  };
#undef ROUTE
  return table;
}

Result<const RouteEntry*> find_route(std::string_view name) {
  std::vector<std::string> names;
  for (const RouteEntry& entry : all_routes()) {
    if (is_called(name, entry.name, entry.aliases)) return &entry;
    names.emplace_back(entry.name);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no route \"{}\"", name), "--route",
                 suggest(name, names));
}

ServerIndex least_loaded(std::span<const std::uint32_t> loads) {
  return static_cast<ServerIndex>(std::min_element(loads.begin(), loads.end()) - loads.begin());
}

}  // namespace thaw
