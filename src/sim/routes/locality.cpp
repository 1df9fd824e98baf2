// Where a warm start is to be had at once: the least loaded of the servers that have an idle container of the function and
// an unused core; without such a server, the least loaded of all. The lowest of equal ones.

#include "sim/route.h"

namespace thaw::routes {
namespace {

class LocalityRoute final : public Route {
 public:
  [[nodiscard]] RouteSight sight() const override { return RouteSight::containers; }

  ServerIndex choose(FunctionIndex function, const ClusterView& view) override {
    constexpr ServerIndex none = ~ServerIndex{0};
    ServerIndex best = none;
    for (ServerIndex server = 0; server < view.pools.size(); ++server) {
      if (best != none && view.loads[server] >= view.loads[best]) continue;
      if (view.unused[server] > 0 && view.pools[server]->has_idle(function, view.now)) best = server;
    }
    return best != none ? best : least_loaded(view.loads);
  }
};

}  // namespace

std::unique_ptr<Route> make_locality(const RouteSetting&) { return std::make_unique<LocalityRoute>(); }

}  // namespace thaw::routes
