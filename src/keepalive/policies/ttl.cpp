// A fixed keep-alive from the end of the last execution, as commercial platforms have it.

#include "keepalive/recency_policy.h"

namespace thaw::policies {

std::span<const ParameterSpec> ttl_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"keep", "10m", "how long an idle container stays", "ttl keep-alive"}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_ttl(const Parameters& parameters) {
  THAW_TRY(const Nanos keep, parameters.duration("keep"));
  return std::make_unique<RecencyPolicy>(keep);
}

std::span<const ParameterSpec> long_ttl_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"keep", "2h", "how long an idle container stays", "ttl keep-alive"}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_long_ttl(const Parameters& parameters) {
  return make_ttl(parameters);
}

}  // namespace thaw::policies
