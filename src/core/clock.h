#pragma once
// The two families of time: a monotonic clock for measuring and a wall clock for stamping. Only core reads the
// operating system's clocks; everything else is handed a Clock, so tests can make time pass.

#include <chrono>
#include <string>

#include "core/units.h"

namespace thaw {

using MonotonicTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::sys_time<Nanos>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime now() const = 0;
  virtual WallTime wall() const = 0;
  virtual void sleep_until(MonotonicTime when) = 0;
};

/// The operating system's clocks. One instance, safe to share between threads.
Clock& system_clock();

/// Processor time that the calling thread has used so far.
/// Cost: one system call, about 0.3 µs.
Nanos thread_cpu_time();

/// The smallest step of the monotonic clock, as the kernel reports it.
Nanos clock_resolution();

/// "2026-11-21T09:06:15.123456789Z".
std::string format_utc(WallTime time);
/// "20261121T090615Z": fits into a file name.
std::string format_utc_compact(WallTime time);
/// Seconds since the epoch with nanoseconds, "1795251975.123456789".
std::string format_epoch(WallTime time);
/// Reads the forms of format_utc (fraction optional, "Z" or "+00:00" or another offset). Errors: bad_input.
Result<WallTime> parse_utc(std::string_view text);

}  // namespace thaw
