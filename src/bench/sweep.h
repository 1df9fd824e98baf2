#pragma once
// Sweeps: one experiment repeated over values of arguments, parameters in arguments, environment and options.
// A sweep is made of axes; every combination of their values (or, zipped, the i-th values together) is a cell.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/shell.h"
#include "document/document.h"

namespace thaw {

/// What an axis changes. The order is the order of nesting, args outermost.
enum class SweepTarget {
  args,         ///< All arguments of the program.
  parameter,    ///< Every "{name}" in them.
  environment,  ///< One variable.
  option,       ///< One option of the experiment (copies, timeout, cold, …).
};

struct SweepAxis {
  SweepTarget target = SweepTarget::parameter;
  std::string name;          ///< Empty for args.
  std::vector<Argv> values;  ///< For targets other than args, each is one word.
  bool is_constant = false;  ///< Written as one value, not as a list of one: goes with lists of any length.
};

struct Sweep {
  std::vector<SweepAxis> axes;  ///< In nesting order, outermost first.
  bool is_zipped = false;
};

/// One combination: settings to lay over the experiment's own.
struct SweepCell {
  std::string launch_id;  ///< "sweep_0001_3fa2c1".
  std::optional<Argv> args;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::pair<std::string, std::string>> options;

  /// Everything the cell sets, by the names of the command line, for the record: {"args","1 2"}, {"env.X","a"},
  /// {"copies","4"}, {"n","10"}.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings() const;
};

/// Reads `sweep:` of a configuration file: {args: list of lists, parameters: map, env: map, options: map,
/// zip: bool}; a scalar is one value. `options` lists the names an option may have.
/// Errors: bad_usage at the place of the mistake; "at least one of …" for an empty sweep.
Result<Sweep> parse_sweep(const DocumentNode& node, std::span<const std::string_view> options);

/// Reads one `--sweep` of the command line: "n=10,100,1000", "n=1..10", "n=1..10:2", "env.X=a,b", "copies=1,2",
/// "args=1 2;3 4" (each split as a shell splits words). A comma in a value is written "\,". A name in `options` is
/// an option, any other a parameter. Errors: bad_usage.
Result<SweepAxis> parse_sweep_axis(std::string_view text, std::span<const std::string_view> options);

/// Adds an axis at its place in the nesting. Errors: bad_usage when the sweep already has it.
Result<> add_axis(Sweep& sweep, SweepAxis axis);

/// All cells, the last axis changing fastest. `suffix` (24 bits) is shared by the launch ids.
/// Errors: bad_usage for lists of different length in a zipped sweep, or more than a million cells.
Result<std::vector<SweepCell>> expand_sweep(const Sweep& sweep, std::uint32_t suffix);

/// The arguments with every "{name}" replaced by the parameter's value. Other braces stay.
Argv fill_parameters(const Argv& args, std::span<const std::pair<std::string, std::string>> parameters);
/// Errors: bad_usage when a swept parameter occurs in none of the argument lists, since it would change nothing.
/// `options` serves the advice.
Result<> check_parameters_used(const Sweep& sweep, const Argv& args,
                               std::span<const std::string_view> options);

/// What is set before the sweep, for warnings.
struct SweepBase {
  Argv args;
  std::map<std::string, std::string> environment;
  std::map<std::string, std::string> options;
};
/// One sentence for each value that the sweep overrides.
std::vector<std::string> overridden_by(const Sweep& sweep, const SweepBase& base);

/// In what order cells take their repetitions.
enum class SweepOrder {
  in_turn,      ///< All of the first cell, then all of the second, …
  random,       ///< Blocks of one repetition of each cell, shuffled anew.
  interleaved,  ///< Blocks of one repetition of each cell, in order.
};
/// "in-turn", "random", "interleaved". Errors: bad_usage with the nearest name.
Result<SweepOrder> parse_sweep_order(std::string_view text);

/// Says which cell runs next, while cells finish at different times. Equal seeds give equal orders.
class SweepSchedule {
 public:
  SweepSchedule(SweepOrder order, std::size_t cells, std::uint64_t seed);

  /// The cell of the next repetition; nullopt when all are finished.
  std::optional<std::size_t> next();
  /// The cell takes no more repetitions.
  void finish(std::size_t cell);

 private:
  void start_block();

  SweepOrder order_;
  std::uint64_t seed_;
  std::uint64_t blocks_ = 0;
  std::vector<bool> is_finished_;
  std::size_t left_;
  std::vector<std::size_t> block_;
  std::size_t position_ = 0;
};

}  // namespace thaw
