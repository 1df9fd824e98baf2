// The server on which the fewest invocations run or wait; the lowest of equal ones.

#include "sim/route.h"

namespace thaw::routes {
namespace {

class LeastLoadedRoute final : public Route {
 public:
  [[nodiscard]] RouteSight sight() const override { return RouteSight::loads; }
  ServerIndex choose(FunctionIndex, const ClusterView& view) override { return least_loaded(view.loads); }
};

}  // namespace

std::unique_ptr<Route> make_least_loaded(const RouteSetting&) { return std::make_unique<LeastLoadedRoute>(); }

}  // namespace thaw::routes
