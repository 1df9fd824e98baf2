#pragma once
// events.ndjson of a container pool: every start, finish, eviction, expiry and drop. The local platform and the simulator
// write it through this one writer, so that a live run and its simulation can be compared line by line.
// docs/formats/events.md describes the file.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/error.h"
#include "core/files.h"
#include "core/units.h"

namespace thaw {

/// What happened to a container, or to an invocation that got none.
enum class ContainerMoment : std::uint8_t {
  start,   ///< An execution begins, or a container is started ahead of one.
  finish,  ///< An execution ends; the container is idle.
  evict,   ///< Removed to make room.
  expire,  ///< Removed because its keep-alive was over.
  unload,  ///< Removed at the end of its execution, to be started again later.
  stop,    ///< Removed because its function was, or because the platform ends.
  crash,   ///< Gone by itself, or removed because it misbehaved.
  drop,    ///< An invocation that was given up.
};
std::string_view name_of(ContainerMoment moment);

/// How an execution found its container.
enum class StartKind : std::uint8_t {
  cold,     ///< A new one.
  warm,     ///< One that was there.
  prewarm,  ///< No execution: the container was started ahead of time.
};
std::string_view name_of(StartKind kind);

struct ContainerEvent {
  Nanos at{};  ///< From the begin of the run.
  ContainerMoment moment = ContainerMoment::start;
  StartKind kind = StartKind::cold;  ///< Of a start.
  std::string_view function;
  std::uint64_t instance = 0;   ///< Containers count from 1 in the order in which they are made; 0: none.
  std::int64_t used_bytes = 0;  ///< Memory of all containers, after the event.
  std::string_view reason;      ///< Of a drop, stop or crash; may be empty.
};

/// What a log says once, in its first line.
struct ContainerLogHeader {
  std::string source;  ///< "serve" or "sim".
  std::string policy;
  double memory_mb = 0;  ///< Of the server.
  std::string begin;     ///< Wall time of t_ms = 0, as format_utc; empty in a simulation.
};

/// Writes a log, in blocks.
class ContainerLog {
 public:
  /// Replaces the file. Errors: environment (cannot be written).
  static Result<ContainerLog> create(const Path& path, const ContainerLogHeader& header);
  /// Adds a line. Cost: less than a microsecond; a full block is written. A failure is reported by the next flush.
  void add(const ContainerEvent& event);
  /// Writes what is still in memory. Errors: environment (disk full).
  Result<> flush();

 private:
  explicit ContainerLog(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
  std::string lines_;
  Result<> written_;
};

/// Reads a log and calls `take` for each event; its texts are valid during the call.
/// Errors: environment (unreadable), bad_input with the line.
Result<ContainerLogHeader> read_container_log(const Path& path,
                                              const std::function<void(const ContainerEvent&)>& take);

}  // namespace thaw
