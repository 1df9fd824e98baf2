// Each server with equal chance, from a seeded stream.

#include "core/random.h"

#include "sim/route.h"

namespace thaw::routes {
namespace {

class RandomRoute final : public Route {
 public:
  explicit RandomRoute(const RouteSetting& setting)
      : servers_(setting.servers), random_(setting.seed, "sim.route.random") {}
  ServerIndex choose(FunctionIndex, const ClusterView&) override {
    return static_cast<ServerIndex>(random_.below(servers_));
  }

 private:
  std::uint32_t servers_;
  RandomStream random_;
};

}  // namespace

std::unique_ptr<Route> make_random(const RouteSetting& setting) {
  return std::make_unique<RandomRoute>(setting);
}

}  // namespace thaw::routes
