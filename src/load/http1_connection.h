#pragma once
// Inside the HTTP/1.1 worker: one connection and what is on its way over it.

#include <string>

#include "load/http1_worker.h"
#include "net/channel.h"
#include "net/http1_response.h"

namespace thaw {

struct Http1Worker::Connection {
  enum class State : std::uint8_t { closed, connecting, shaking_hands, idle, busy };
  [[nodiscard]] bool is_opening() const {
    return state == State::connecting || state == State::shaking_hands;
  }

  std::size_t slot = 0;
  std::uint32_t generation = 0;  ///< Tells events of an earlier socket in this slot apart.
  Channel channel;
  State state = State::closed;
  bool is_reused = false;  ///< At least one answer came over it.
  std::int64_t connect_began = 0;
  std::int64_t connect_took = missing_ns;  ///< Until the first invocation has it.
  std::int64_t deadline = 0;
  Invocation invocation;
  std::string unsent;
  std::size_t sent_bytes = 0;
  ResponseReader reader;
};

}  // namespace thaw
