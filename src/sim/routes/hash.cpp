// Every function has its one server: jump consistent hashing (Lamping & Veach, arXiv 1406.2294, 2014) of the 64-bit FNV-1a
// hash of its name, so that another server takes over 1/n of the functions and moves no others.

#include <vector>

#include "sim/route.h"

namespace thaw::routes {
namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

ServerIndex jump(std::uint64_t key, std::uint32_t servers) {
  std::int64_t chosen = -1, next = 0;
  while (next < static_cast<std::int64_t>(servers)) {
    chosen = next;
    key = key * 2862933555777941757 + 1;
    const double draw = static_cast<double>((key >> 33) + 1);
    next = static_cast<std::int64_t>(static_cast<double>(chosen + 1) * (0x1p31 / draw));
  }
  return static_cast<ServerIndex>(chosen);
}

class HashRoute final : public Route {
 public:
  explicit HashRoute(const RouteSetting& setting) {
    servers_.reserve(setting.functions.size());
    for (const TraceFunction& function : setting.functions) {
      servers_.push_back(jump(fnv1a(function.name), setting.servers));
    }
  }
  ServerIndex choose(FunctionIndex function, const ClusterView&) override { return servers_[function]; }

 private:
  std::vector<ServerIndex> servers_;  ///< By function.
};

}  // namespace

std::unique_ptr<Route> make_hash(const RouteSetting& setting) { return std::make_unique<HashRoute>(setting); }

}  // namespace thaw::routes
