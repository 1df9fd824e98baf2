#pragma once
// The connection to the other ranks: the loaded module, and messages made of texts.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "sim/engines/mpi_module.h"

namespace thaw {

/// What ranks say to each other. A message's texts follow the kind, in this order.
enum class MpiMessageKind : int {
  // From a helper to rank 0.
  hello = 1,  ///< version, host, number of workers
  next,       ///< worker, "1" when its last trace was streamed
  fill_up,    ///< worker
  finished,   ///< index, row, function rows, timing, timeline, server rows
  progress,   ///< invocations
  failed,     ///< kind, what, where, hint
  gone,       ///< nothing more will come from this rank
  // From rank 0 to a helper.
  configuration,  ///< JSON
  points,         ///< worker, then the numbers of the points
  end,            ///< leave everything and go
};

struct MpiMessage {
  MpiMessageKind kind{};
  int rank = 0;  ///< Whom it came from.
  std::vector<std::string> texts;
};

/// "a", "bc" as bytes: each text after its length. Errors of unpack: internal (not made by pack).
std::string pack_texts(const std::vector<std::string>& texts);
Result<std::vector<std::string>> unpack_texts(std::string_view bytes);

class MpiLink {
 public:
  /// Loads libthaw-mpi.so and starts MPI. Errors: environment with a hint (not built, no MPI on this machine).
  static Result<MpiLink> open();

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int ranks() const { return ranks_; }

  /// Sends without waiting. Errors: environment (the connection is broken).
  Result<> send(int to, MpiMessageKind kind, const std::vector<std::string>& texts);
  /// The next message that has arrived, or nullopt. Errors: environment.
  Result<std::optional<MpiMessage>> receive();
  /// Whether everything sent is on its way. Errors: environment.
  Result<bool> is_flushed();
  /// Ends MPI in good order; all ranks must do so. Errors: environment.
  Result<> finish();
  /// Ends all ranks at once.
  void abort(int code) const { module_->abort(code); }

 private:
  explicit MpiLink(const ThawMpi* module) : module_(module) {}
  Result<> check(int code, std::string_view action) const;

  const ThawMpi* module_;
  int rank_ = 0;
  int ranks_ = 1;
};

/// The number that mpirun gave this process, read from its environment before MPI is started; nullopt without mpirun.
std::optional<int> launched_as_rank();

}  // namespace thaw
