#pragma once
// What the platform is told of a function: what to run, how much memory an instance holds, and how many there may be.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/units.h"

namespace thaw {

struct FunctionSpec {
  std::string name;                  ///< Letters, digits, '.', '_' and '-'; also the Host that invokes it.
  std::string sandbox = "process";   ///< Kind of sandbox, see sandbox.h.
  std::vector<std::string> command;  ///< Of a process: an argument vector, never a shell line.
  std::map<std::string, std::string> environment;
  std::string image;           ///< Of a container.
  std::uint16_t port = 8080;   ///< On which a container's program listens.
  std::string network;         ///< Of a container: "bridge", "host", …; empty: the daemon's own choice.
  Bytes memory{128'000'000};   ///< Of one instance, as the budget counts it.
  bool limits_memory = false;  ///< Whether an instance that takes more is ended (cgroup, container limit).
  double cpus = 0;             ///< Of a container or process; 0: no limit.
  Nanos init{};                ///< What a cold start adds; only policies weigh it.
  Nanos execution{};           ///< An execution in a warm instance; only policies weigh it.
  Nanos timeout = std::chrono::seconds(60);        ///< For an answer, from the moment the request is sent.
  Nanos start_timeout = std::chrono::seconds(30);  ///< For an instance to listen.
  std::uint32_t concurrency = 1;                   ///< Requests in one instance at a time.
  std::uint32_t min_instances = 0;                 ///< Always there, neither evicted nor expired.
  std::uint32_t max_instances = 0;                 ///< 0: as many as the memory allows.
  std::optional<Nanos> ttl;                        ///< Keep-alive in place of the policy's.
  /// What the instance speaks: "http1", "h2c" (HTTP/2 in clear text), or "auto": h2c for gRPC calls, else http1.
  std::string protocol = "auto";
  Nanos work{};  ///< Of the sandbox "thread": how long each execution takes.

  friend bool operator==(const FunctionSpec&, const FunctionSpec&) = default;
};

/// Reads a function from a JSON object; unknown keys are errors. `name` is given by the place it is read from, and may
/// stand in the object too. Errors: bad_usage, naming the key.
Result<FunctionSpec> read_function_spec(const nlohmann::ordered_json& json, std::string_view name,
                                        const FunctionSpec& defaults = {});

/// The same again, without what has its default.
nlohmann::ordered_json to_json(const FunctionSpec& spec);

/// Errors: bad_usage for a name that cannot be a host name's label.
Result<> check_function_name(std::string_view name);

/// Exact text that parse_bytes reads back: "128MiB", "170MB", "1234B".
std::string format_bytes(Bytes bytes);

}  // namespace thaw
