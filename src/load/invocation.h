#pragma once
// What happened to one invocation, as the generator saw it. All instants are nanoseconds from the begin of the plan; an
// instant that never came is missing (-1), never 0.

#include <array>
#include <cstdint>
#include <string_view>

#include "core/units.h"
#include "record/load_totals.h"
#include "trace/trace.h"

namespace thaw {

inline constexpr std::int64_t missing_ns = -1;
inline constexpr std::uint32_t no_workflow = UINT32_MAX;

/// One invocation from its plan to its end.
struct Invocation {
  FunctionIndex function = 0;
  std::uint32_t column = 0;  ///< Minute or second of the plan.
  std::uint32_t number = 0;  ///< Within the column and function.
  std::uint32_t runtime_ms = 0;
  std::uint32_t memory_mib = 0;
  std::uint32_t graph = no_workflow;     ///< Which graph of the plan it belongs to.
  std::uint32_t workflow = no_workflow;  ///< Which running workflow it is part of.
  std::uint32_t node = 0;                ///< Which call of it.
  std::uint8_t phase = 2;                ///< 1 warm-up, 2 measured.
  Cause cause = Cause::none;
  bool is_cold = false;             ///< The platform says that it started a container for it.
  bool knows_cold = false;          ///< The platform says anything about it.
  bool could_not_allocate = false;  ///< The function says that it did not get its memory.
  std::uint16_t status = 0;         ///< HTTP or gRPC status; 0 without an answer.
  std::uint16_t attempt = 1;
  std::int64_t intended_ns = 0;
  std::int64_t dispatched_ns = missing_ns;  ///< Taken up by the generator.
  std::int64_t sent_ns = missing_ns;        ///< Its last byte was handed to the kernel.
  std::int64_t first_byte_ns = missing_ns;
  std::int64_t done_ns = missing_ns;
  std::int64_t connect_ns = missing_ns;  ///< Time that a new connection took; missing on a reused one.
  std::int64_t actual_us = missing_ns;   ///< Execution time as the function reports it, µs.
  std::int64_t actual_memory_kib = missing_ns;
  std::uint32_t platform_us =
      0;                       ///< Asynchronous: from its acceptance to its end, as the platform reports it.
  std::uint32_t fetch_us = 0;  ///< Asynchronous: what fetching the answer took; 0 elsewhere.
  std::array<char, 24> instance{};  ///< Who answered, cut to this length.

  /// From the intended start: what a user would have waited.
  [[nodiscard]] std::int64_t response_ns() const { return done_ns - intended_ns; }
  /// From the sending: what the server took.
  [[nodiscard]] std::int64_t service_ns() const { return done_ns - sent_ns; }
  [[nodiscard]] std::int64_t lateness_ns() const { return dispatched_ns - intended_ns; }
  /// Neither answered nor failed nor dropped when the run ended.
  [[nodiscard]] bool is_in_flight() const { return cause == Cause::none && done_ns == missing_ns; }
};

/// Takes invocations as they end. Called by one thread.
class InvocationSink {
 public:
  virtual ~InvocationSink() = default;
  virtual void take(const Invocation& invocation) = 0;
  /// Whether take() has left work that a sender with nothing else to do may do, about a microsecond at a time.
  [[nodiscard]] virtual bool has_deferred_work() const { return false; }
  /// Does a piece of it; false when another thread has to go on first, which may need this processor.
  virtual bool do_deferred_work() { return false; }
};

}  // namespace thaw
