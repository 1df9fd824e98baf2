#include "load/dirigent_config.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;
using Type = ConfigKey::Type;

constexpr std::string_view of_gpus = "only functions with a GPU are sent a payload";

constexpr std::array<ConfigKey, 13> keys = {{
    {"Backend", Type::text},
    {"DirigentControlPlaneIP", Type::text},
    {"BusyLoopOnSandboxStartup", Type::truth},
    {"PrepullMode", Type::text},
    {"AsyncMode", Type::truth},
    {"AsyncResponseURL", Type::text},
    {"AsyncWaitToCollectMin", Type::whole},
    {"RpsImage", Type::text},
    {"RpsRequestedGpu", Type::whole},
    {"RpsDataSizeMB", Type::number, of_gpus},
    {"RpsFile", Type::text, of_gpus},
    {"Workflow", Type::truth},
    {"WorkflowConfigPath", Type::text, "only workflows need it"},
}};

/// What nobody has written down well enough to send it.
Result<> check_possible(const ConfigObject& file) {
  const std::string backend = to_lower(file.text("Backend", "containerd"));
  THAW_CHECK(file.check_word("Backend", backend, {"containerd", "firecracker", "dandelion"}));
  if (backend == "dandelion") {
    return file.bad("calls of Dandelion are not possible here", "Backend",
                    "containerd and firecracker are; docs/load.md says what is missing");
  }
  if (file.truth("Workflow", false))
    return file.bad("workflows need the backend dandelion, which is not possible here", "Workflow");
  if (file.whole("RpsRequestedGpu", 0) > 0)
    return file.bad("functions with a GPU and their payloads are not possible here", "RpsRequestedGpu");
  return {};
}

}  // namespace

std::span<const ConfigKey> dirigent_keys() { return keys; }

Json dirigent_part(const Json& loader) {
  Json part = Json::object();
  for (const ConfigKey& key : keys) {
    if (const auto value = loader.find(key.name); value != loader.end()) part[std::string(key.name)] = *value;
  }
  return part;
}

Result<DirigentConfig> read_dirigent_config(const Json& json, const std::string& place) {
  const ConfigObject file(json, place);
  DirigentConfig config;
  THAW_CHECK(file.check(keys, config.notes));
  THAW_CHECK(check_possible(file));
  config.control_plane = file.text("DirigentControlPlaneIP", "");
  if (config.control_plane.empty())
    return file.bad("the control plane's address is missing", "DirigentControlPlaneIP",
                    "give HOST:PORT, for example 10.0.1.253:9091");
  config.prepull = file.text("PrepullMode", "");
  THAW_CHECK(file.check_word("PrepullMode", config.prepull,
                             {"", "none", "all_sync", "all_async", "one_sync", "one_async"}));
  config.image = file.text("RpsImage", "");
  config.has_busy_loop = file.truth("BusyLoopOnSandboxStartup", false);
  config.is_asynchronous = file.truth("AsyncMode", false);
  config.response_url = file.text("AsyncResponseURL", "");
  config.wait_to_collect_min = file.whole("AsyncWaitToCollectMin", 0);
  if (config.is_asynchronous && config.response_url.empty())
    return file.bad("asynchronous answers are collected somewhere", "AsyncResponseURL", "give HOST:PORT");
  if (config.wait_to_collect_min < 0) return file.bad("this is no time", "AsyncWaitToCollectMin");
  return config;
}

}  // namespace thaw
