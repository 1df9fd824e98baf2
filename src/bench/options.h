#pragma once
// What `thaw bench` was asked to do, from flags, environment and files, in one value that a record keeps and
// --repro and --resume read back.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/sweep.h"
#include "core/error.h"
#include "core/files.h"
#include "core/random.h"
#include "core/shell.h"
#include "core/units.h"

namespace thaw {

/// What happens before a repetition.
enum class StartMode {
  normal,  ///< Nothing.
  cold,    ///< Every layer of the chain is reset before every repetition.
  warm,    ///< The command runs before the first repetition, its result discarded.
};

/// A program or function with its arguments, and the name it has in tables.
struct NamedCommand {
  std::string name;  ///< Empty: the program's base name.
  Argv argv;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

struct BenchOptions {
  // What to run.
  std::vector<NamedCommand> commands;  ///< More than one are compared.
  std::vector<std::string> backends;   ///< Outermost first; empty: local.
  std::vector<std::string> files;      ///< Backend and experiment files, in order.
  Path repro_document;  ///< A record of the predecessor (Markdown) under all files; empty: none.
  std::vector<std::string> documents;  ///< Inline JSON, laid over the files.
  std::string function;                ///< $FN; empty: the program's base name.
  Environment env;
  std::optional<Path> stdin_file;
  std::string prepare;             ///< Shell command before every repetition; empty: none.
  std::string conclude;            ///< Shell command after every repetition; empty: none.
  std::vector<std::string> hosts;  ///< Over the hosts that backend files name.

  // How often, and from which state.
  std::string repeat = "ci";          ///< A stopping rule.
  std::string metric = "outer_time";  ///< What the rule looks at.
  StartMode start = StartMode::normal;
  int warmup = 0;  ///< Discarded repetitions before the first; --warm is 1.
  int copies = 1;
  std::optional<Nanos> timeout = std::chrono::hours(1);
  std::vector<int> pin;

  // Several cells.
  std::vector<std::string> sweep;  ///< "n=1,2,3" texts.
  bool is_zipped = false;
  SweepOrder order = SweepOrder::in_turn;

  // Where it goes.
  std::string experiment = "misc";
  std::string task;  ///< Empty: the first command's name.
  std::string description;
  Path directory = "runs";
  Path out;  ///< Empty: directory/experiment/task-time.
  bool is_append = false;
  bool allow_failures = false;
  bool skip_context = false;
  std::uint64_t seed = default_seed;

  /// Where each value that is not a default came from: "flag", "environment" or a file's name.
  std::map<std::string, std::string> origins;
};

/// "normal", "cold" or "warm".
std::string_view start_mode_name(StartMode mode);

/// The options as they are recorded (keys as the flags, snake_case). Values of environment variables whose names
/// speak of a secret are left out.
nlohmann::ordered_json to_json(const BenchOptions& options);
/// Reads to_json back. Errors: bad_input naming the key.
Result<BenchOptions> bench_options_from_json(const nlohmann::ordered_json& json);

/// "0-3,6" as processor numbers. Errors: bad_usage.
Result<std::vector<int>> parse_cpu_list(std::string_view text);
/// "NAME=VALUE". Errors: bad_usage.
Result<std::pair<std::string, std::string>> parse_assignment(std::string_view text);

}  // namespace thaw
