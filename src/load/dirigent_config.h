#pragma once
// What the predecessor has to know of a Dirigent cluster: the file that DirigentConfigPath names. In older loader files
// the same keys stand in the loader file itself.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "load/config_keys.h"

namespace thaw {

struct DirigentConfig {
  std::string control_plane;  ///< "10.0.1.253:9091"
  std::string prepull;        ///< "all_sync", …; empty: none.
  std::string image;          ///< Of a rate's functions.
  bool has_busy_loop = false;
  bool is_asynchronous = false;
  std::string response_url;  ///< Of asynchronous answers, without a scheme: "10.0.1.253:8082".
  std::int64_t wait_to_collect_min = 0;
  std::vector<std::string> notes;  ///< Keys that have no effect here, and why.
};

/// Reads the file's object. Errors: bad_input for an unknown key, a value of another type or outside its range, a missing
/// control plane, and for what is not possible here: the backend dandelion with its workflows, payloads for GPUs.
Result<DirigentConfig> read_dirigent_config(const nlohmann::ordered_json& json, const std::string& place);

/// The keys of the file.
std::span<const ConfigKey> dirigent_keys();

/// Those keys of a loader file that are Dirigent's.
nlohmann::ordered_json dirigent_part(const nlohmann::ordered_json& loader);

}  // namespace thaw
