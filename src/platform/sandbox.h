#pragma once
// Sandboxes: what an instance of a function runs in. A kind is one file in src/platform/sandboxes/ and one line in
// sandboxes.inc. All calls may take their time and come from threads that may wait, never from the gateway's own.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "net/endpoint.h"
#include "platform/function_spec.h"

namespace thaw {

/// One started sandbox. Its destructor removes what is left of it.
class Sandbox {
 public:
  virtual ~Sandbox() = default;
  /// Where its program listens, or will soon.
  [[nodiscard]] virtual const Endpoint& endpoint() const = 0;
  /// Readable once it has ended by itself; -1 when that cannot be watched.
  [[nodiscard]] virtual int end_descriptor() const { return -1; }
  /// How it ended: "exit code 3", "killed by signal 9 (out of memory)"; nullopt while it runs. Never waits.
  virtual std::optional<std::string> ended() { return std::nullopt; }
  /// Ends it, with SIGTERM first where that exists; then it has ended.
  virtual void stop(Nanos grace) = 0;
  /// Between the two it holds its memory and no processor. Errors: environment.
  virtual Result<> pause() { return {}; }
  virtual Result<> resume() { return {}; }
  /// The process to look for at the next start if this program is killed; -1 when the kind knows another way.
  [[nodiscard]] virtual pid_t process() const { return -1; }
};

/// What all sandboxes of a gateway share.
struct SandboxSurroundings {
  std::string gateway_id;  ///< Names the running gateway: "<pid>-<start ticks>".
  Path logs;               ///< Folder for the output of functions; empty: it is thrown away.
  std::string docker_socket = "/var/run/docker.sock";
  Clock* clock = nullptr;
  std::function<void(const std::string&)> warn = [](const std::string&) {};  ///< Called from any thread.
};

/// A kind of sandbox, as one gateway uses it.
class SandboxKind {
 public:
  virtual ~SandboxKind() = default;
  /// Errors: bad_usage when the kind cannot run this function (no command, no image).
  [[nodiscard]] virtual Result<> check(const FunctionSpec& spec) const = 0;
  /// Starts one; its program may not listen yet. Errors: environment.
  virtual Result<std::unique_ptr<Sandbox>> start(const FunctionSpec& spec, std::uint64_t instance) = 0;
  /// Removes what gateways that were killed have left. `is_alive` tells whether the gateway of an id still runs.
  virtual Result<> remove_left_behind(const std::function<bool(std::string_view)>& /*is_alive*/) {
    return {};
  }
  /// Whether pause and resume do something.
  [[nodiscard]] virtual bool can_pause() const { return false; }
};

struct SandboxEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<SandboxKind> (*make)(const SandboxSurroundings& surroundings);
};

/// Every kind, in help order.
std::span<const SandboxEntry> sandbox_kinds();
/// Errors: bad_usage with the nearest name.
Result<const SandboxEntry*> find_sandbox_kind(std::string_view name);

}  // namespace thaw
