#pragma once
// Doing the work of a call: using the processor, waiting, touching memory.

#include <mutex>
#include <vector>

#include "core/clock.h"
#include "functions/trace_call.h"

namespace thaw::functions {

/// What a call really took.
struct WorkReport {
  Nanos wall{};
  Nanos cpu{};
  Bytes memory{};                 ///< Held and touched.
  bool could_have_memory = true;  ///< False: the system refused it, and nothing was done.
};

/// Memory that is kept between calls, as a running function keeps its own. Safe to share between threads.
class WorkMemory {
 public:
  explicit WorkMemory(bool is_kept = true) : is_kept_(is_kept) {}
  WorkMemory(const WorkMemory&) = delete;
  WorkMemory& operator=(const WorkMemory&) = delete;
  ~WorkMemory();

  struct Piece {
    char* begin = nullptr;
    std::size_t bytes = 0;
  };
  /// At least so much memory, not touched; begin is null when the system refuses.
  Piece take(std::size_t bytes);
  void give_back(Piece piece);

 private:
  bool is_kept_;
  std::mutex mutex_;
  std::vector<Piece> idle_;  ///< The one given back last is taken first.
};

/// Does the work on the calling thread. Touching the memory counts into the runtime: every page is written once, on every
/// call, and its first touch costs the kernel's page fault.
///
/// The time is kept by reading the clock between pieces of about 20 µs, whose length follows from how long the pieces
/// before took. So nothing is calibrated at the start, and a processor that changes its speed is followed.
WorkReport perform(const TraceCall& call, Clock& clock, WorkMemory& memory);

/// `rounds` times 100 square roots, one after the other.
void spin(std::uint64_t rounds);

}  // namespace thaw::functions
