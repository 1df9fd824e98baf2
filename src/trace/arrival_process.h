#pragma once
// Arrival processes of a given kind and an exact number of arrivals, in constant memory, and their merger.

#include <cstdint>
#include <memory>
#include <vector>

#include "core/random.h"
#include "trace/azure_like.h"
#include "trace/trace.h"

namespace thaw {

/// An arrival and whose it is.
struct TimedFunction {
  double time_ms;
  FunctionIndex function;
};

/// The arrivals of one function over [0, duration).
///
/// Time is cut into equal cells. A Poisson process given its count has Binomial(rest, 1/cells left) arrivals in each
/// cell, uniform within it; a bursty one has about eight in every cell, uniform within a tenth of it.
class ArrivalProcess {
 public:
  ArrivalProcess(ArrivalKind kind, std::uint64_t count, double duration_ms, RandomStream stream);

  /// Time of the next arrival; infinity after the last.
  [[nodiscard]] double next_ms() const { return next_ms_; }

  /// Appends every arrival before `until_ms`, in no particular order.
  void emit(double until_ms, FunctionIndex function, std::vector<TimedFunction>& out);

 private:
  void emit_periodic(double until_ms, FunctionIndex function, std::vector<TimedFunction>& out);
  std::uint64_t draw_cell_count();
  template <class Sink>
  void draw_cell(std::uint64_t count, Sink sink);
  void fill_pending();

  ArrivalKind kind_;
  std::uint64_t left_;      ///< Arrivals in cells not yet drawn; periodic: not yet emitted.
  std::uint64_t cell_ = 0;  ///< The next cell; periodic: the next arrival.
  std::uint64_t cells_ = 1;
  double cell_ms_;    ///< Length of a cell; periodic: the period.
  double phase_ = 0;  ///< Of a period.
  RandomStream stream_;
  std::vector<double> pending_;  ///< Arrivals of a cell that was cut by a slice; the latest first.
  double next_ms_ = 0;
};

/// Merges processes in the order of their index, a slice of time in a block.
std::unique_ptr<InvocationSource> merge_processes(std::vector<ArrivalProcess> processes, double slice_ms);

}  // namespace thaw
