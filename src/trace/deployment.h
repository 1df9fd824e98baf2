#pragma once
// What stands beside a trace and tells how its functions are deployed: which benchmark plays which function, where
// its service is described, and the settings of a Dirigent cluster.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "trace/trace.h"

namespace thaw {

/// mapper_output.json: the benchmark of each function, by function, owner and app behind each other.
class ProxyNames {
 public:
  /// Errors: bad_input at "place" (no JSON, an entry without "proxy-function").
  static Result<ProxyNames> parse(std::string_view json, std::string_view place);
  /// The benchmark that plays the function; a key of the function alone is taken too. nullptr when there is none.
  [[nodiscard]] const std::string* find(const TraceFunction& function) const;
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::map<std::string, std::string, std::less<>> names_;
};

/// An entry of deploy_info.json: how a benchmark is deployed.
struct ProxyDeployment {
  std::string yaml;                        ///< Of the service.
  std::vector<std::string> predeployment;  ///< What has to be applied before.
};
/// Errors: bad_input at "place".
Result<std::map<std::string, ProxyDeployment>> parse_deployments(std::string_view json,
                                                                 std::string_view place);

/// An entry of dirigent.json.
struct DirigentFunction {
  std::string function;  ///< HashFunction
  std::string image, protocol, node_affinity;
  std::int64_t port = 0, node_port = 0;
  std::int64_t scaling_upper_bound = 0, scaling_lower_bound = 0;
  std::int64_t iteration_multiplier = 0, io_percentage = 0;
  std::vector<std::string> environment, arguments;
  std::int64_t number_of_arguments = 0, number_of_results = 0;
};
/// Errors: bad_input at "place", naming the entry and its key; a key that is absent keeps its default.
Result<std::vector<DirigentFunction>> parse_dirigent(std::string_view json, std::string_view place);
/// The entry of a function, or nullptr.
const DirigentFunction* find_dirigent(const std::vector<DirigentFunction>& entries,
                                      std::string_view function);

}  // namespace thaw
