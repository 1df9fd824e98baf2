#pragma once
// The Docker daemon's own HTTP interface, over its socket. Each call is a connection of its own, so a daemon that is started
// again is simply found again.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/units.h"

namespace thaw {

class DockerEngine {
 public:
  explicit DockerEngine(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  /// Makes a container and gives its id. Errors: environment, here and below, with the daemon's own words.
  [[nodiscard]] Result<std::string> create(const std::string& name,
                                           const nlohmann::ordered_json& configuration) const;
  [[nodiscard]] Result<> start(const std::string& id) const;
  [[nodiscard]] Result<> pause(const std::string& id) const;
  [[nodiscard]] Result<> resume(const std::string& id) const;
  /// Asks it to end, and ends it after `grace`.
  [[nodiscard]] Result<> stop(const std::string& id, Nanos grace) const;
  /// Ends it if it runs, and removes it. It is no error if there is none.
  [[nodiscard]] Result<> remove(const std::string& id) const;
  /// What the daemon knows of it.
  [[nodiscard]] Result<nlohmann::ordered_json> inspect(const std::string& id) const;
  /// Every container with that label, whatever its state.
  [[nodiscard]] Result<nlohmann::ordered_json> with_label(std::string_view label) const;

 private:
  [[nodiscard]] Result<nlohmann::ordered_json> call(std::string_view method, const std::string& path,
                                                    const nlohmann::ordered_json& body = {}) const;
  std::string socket_path_;
};

}  // namespace thaw
