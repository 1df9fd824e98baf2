// Least recently used: nothing but pressure removes a container.

#include "keepalive/recency_policy.h"

namespace thaw::policies {

std::span<const ParameterSpec> lru_parameters() { return {}; }

Result<std::unique_ptr<KeepAlivePolicy>> make_lru(const Parameters&) {
  return std::make_unique<RecencyPolicy>(forever);
}

}  // namespace thaw::policies
