#pragma once
// One invocation on its way through the platform, whatever protocol brought it.

#include <cstdint>
#include <string>

#include "keepalive/policy.h"
#include "net/http_message.h"

namespace thaw {

struct Call;
struct Function;
class Instance;

/// Whoever asked for an invocation.
class Caller {
 public:
  virtual ~Caller() = default;
  /// The call's response is complete. The call is used again once this returns.
  virtual void on_answer(Call& call) = 0;
};

struct Call {
  HttpRequest request;       ///< As it goes to the instance.
  HttpResponse response;     ///< As it goes to the caller.
  Caller* caller = nullptr;  ///< Null once it has left.
  Function* function = nullptr;
  Instance* instance = nullptr;  ///< Null while it waits for one.

  Instant arrived{};
  Instant placed{};          ///< It had an instance, perhaps one that was just being started.
  Instant sent{};            ///< Its request went to the instance.
  Instant done{};            ///< The answer was complete.
  std::uint64_t number = 0;  ///< Of the instance, for the answer's headers.
  std::int32_t stream = 0;   ///< Of the client's connection, where that carries several calls.
  bool is_cold = false;
  bool was_sent = false;
  bool was_retried = false;
  std::size_t place = 0;  ///< Among the active ones.

  /// Whether it is a gRPC call, which is answered in gRPC's own way.
  [[nodiscard]] bool is_grpc() const;
  /// Makes it as new and keeps its memory, unless that has become large.
  void reset();
};

}  // namespace thaw
