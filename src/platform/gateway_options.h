#pragma once
// How a gateway runs: where it listens, its memory and policy, and the bounds on everything that others may do to it.

#include <cstdint>
#include <functional>
#include <string>

#include "core/clock.h"
#include "core/files.h"
#include "core/random.h"
#include "core/units.h"
#include "net/http1_request.h"
#include "platform/function_spec.h"

namespace thaw {

struct GatewayOptions {
  std::string listen = "127.0.0.1:8080";  ///< Address and port; port 0: any free one.
  Bytes memory = 4_GiB;                   ///< Of all instances together.
  std::string policy = "ttl:10m";         ///< As make_policy reads it.
  std::uint64_t seed = 1;                 ///< Of a policy that draws random numbers.

  std::size_t queue_limit = 100;                   ///< Invocations of one function that may wait; 0: none.
  Nanos queue_timeout = std::chrono::seconds(30);  ///< For how long each may.
  bool waits_for_memory = false;  ///< Wait, rather than drop, when running instances fill the memory.
  Nanos stop_grace = std::chrono::milliseconds(500);  ///< Between SIGTERM and SIGKILL of an instance.
  Nanos drain_timeout = std::chrono::seconds(10);     ///< For running invocations, once asked to end.
  bool pauses = false;                                ///< Pause idle instances whose sandbox can.
  Nanos pause_after = std::chrono::seconds(1);        ///< After so long without a request.

  HttpLimits limits{.head_bytes = 16 << 10, .body_bytes = 8 << 20};  ///< Of requests.
  std::size_t answer_bytes = 64 << 20;                               ///< Of an answer's body.
  std::size_t most_connections = 4096;                               ///< Of clients; one more is told 503.
  Nanos read_timeout = std::chrono::seconds(10);                     ///< For a request to arrive whole.
  Nanos idle_timeout = std::chrono::minutes(5);                      ///< Between two requests.
  Nanos write_timeout = std::chrono::seconds(30);  ///< For a client that takes nothing of its answer.

  std::string token;  ///< Asked of every client if not empty. Needed when not on loopback.
  Path events;        ///< Event log; empty: none.
  Path
      state;  ///< Where running processes are noted; empty: nowhere, and left-behind ones are not looked for.
  Path logs;  ///< Folder for the output of functions; empty: it is thrown away.
  std::string docker_socket = "/var/run/docker.sock";
  FunctionSpec defaults;  ///< What functions have that do not say otherwise; the command of registered ones.
  std::function<void(const std::string&)> warn = [](const std::string&) {};  ///< Called from any thread.
};

}  // namespace thaw
