#pragma once
// The local function platform: functions, their instances, and the HTTP door to them, on a thread of its own. The program
// `thaw serve` is one gateway; load generators and experiments start theirs inside their own process.
//
//   client ──► Client ──► Routes ──► Fleet ──► Pool and policy (room keepalive): which container?
//                                      │  └──► Sandbox: process, container or thread, started by other threads
//                                      └─────► Instance ──► Upstream ──► the program, over HTTP

#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "core/clock.h"
#include "core/error.h"
#include "platform/function_spec.h"
#include "platform/gateway_options.h"

namespace thaw {

class Gateway {
 public:
  /// Starts it with these functions; it serves when this returns. Errors: bad_usage (options, functions), environment (the
  /// port is in use, no daemon).
  static Result<std::unique_ptr<Gateway>> start(GatewayOptions options,
                                                std::span<const FunctionSpec> functions, Clock& clock);
  /// As stop.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// "http://127.0.0.1:8080".
  [[nodiscard]] const std::string& url() const;
  [[nodiscard]] const GatewayOptions& options() const;

  /// Adds or replaces a function. Errors: bad_usage, environment.
  Result<> put(const FunctionSpec& spec);
  /// What GET /functions tells: an array with an object for each function.
  [[nodiscard]] nlohmann::ordered_json functions() const;

  /// Takes no new invocations, lets running ones end within the drain time, and ends all instances. The event log is
  /// complete afterwards. May be called twice.
  void stop();

 private:
  class Server;
  explicit Gateway(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace thaw
