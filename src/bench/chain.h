#pragma once
// Composition: backends nested around a program, the first one outermost, into the commands that a repetition runs.
// Everything is composed on argument vectors; where a layer is a command line for a shell (ssh, bash -c), what is
// inside is quoted once for that shell, so an argument arrives as it was given.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bench/backend.h"
#include "bench/run_context.h"
#include "core/error.h"
#include "core/process.h"

namespace thaw {

/// A command that belongs to a layer but is not measured.
struct Errand {
  std::string backend;
  std::string name;  ///< Of a look-up: the placeholder that gets its output.
  Command command;
};

/// Environment variables, set in this order.
using Variables = std::vector<std::pair<std::string, std::string>>;

class Chain {
 public:
  /// Nests the backends, the first outermost; none at all runs the program itself.
  /// Errors: bad_usage for a chain that cannot work, with the reason: a backend that is not composable anywhere but
  /// first, a terminal one anywhere but last, two that start ranks, or one that is there twice.
  static Result<Chain> build(std::vector<BackendSpec> outermost_first);

  /// The commands of one repetition: one for each copy, or a single one when a layer starts the ranks itself.
  /// Errors: bad_usage when a placeholder has no value ($FN without a function, $HOST3 of two hosts).
  Result<std::vector<Command>> compose(const Target& target, const RunContext& context) const;

  /// The command that tells a host fact: `argv` in place of the program, through the `spec` of every layer.
  /// Errors: bad_usage as above; environment when a terminal layer has no way in.
  Result<Command> compose_spec(const Argv& argv, const Target& target, const RunContext& context) const;

  /// What makes the next repetition cold, outermost layer first, each to be waited for. A layer's errands run where
  /// the layer itself runs: those of docker in `-b ssh -b docker` go through ssh, once for every host in use.
  Result<std::vector<Errand>> resets(const Target& target, const RunContext& context) const;
  /// What ends the leftovers of a repetition that was stopped.
  Result<std::vector<Errand>> on_timeout(const Target& target, const RunContext& context) const;

  /// Runs a layer's look-up and returns its standard output.
  using Lookup = std::function<Result<std::string>(const Errand& errand)>;
  /// Looks up, in order, the values that the commands use. To be called before the first repetition and after each
  /// reset. Errors: those of `run`, and environment when one prints nothing.
  Result<ResolvedValues> resolve(const Target& target, const RunContext& context, const Lookup& run) const;
  /// Whether `resolve` has anything to do.
  [[nodiscard]] bool has_lookups() const;

  /// The programs on this machine that the chain needs are there. Errors: environment, with the Debian package.
  [[nodiscard]] Result<> check_programs() const;

  /// The folder in which each repetition needs a fresh one as RunContext::tmp_path; empty when none does.
  [[nodiscard]] std::string tmp_parent() const;
  /// The commands are not the same in every repetition, look-ups apart.
  [[nodiscard]] bool differs_by_repetition() const;
  /// The program is started by the chain (it is not a service somewhere that is called by name) …
  [[nodiscard]] bool runs_program() const;
  /// … and so on this machine, with this machine's files.
  [[nodiscard]] bool runs_program_here() const;
  /// A layer may end before it has waited for what is inside.
  [[nodiscard]] bool forgets_exit() const;
  /// What the outputs of the layers say when the command failed.
  [[nodiscard]] std::vector<Pattern> failure_texts() const;
  /// One command starts all copies.
  [[nodiscard]] bool starts_ranks() const;
  /// Metrics of all layers, outermost first; of two with the same name (but `auto`) the outer layer's.
  [[nodiscard]] std::vector<MetricSpec> metrics() const;
  [[nodiscard]] std::vector<ProbeSpec> probes() const;
  [[nodiscard]] const std::vector<BackendSpec>& layers() const { return layers_; }
  /// Remarks about defaults that were taken, one sentence each.
  [[nodiscard]] std::vector<std::string> notes() const;

  /// The chain for people: its layers, the commands of all copies as argument vectors and as one shell line, and the
  /// errands. A value that is looked up only when the run begins appears as <NAME of BACKEND>.
  /// Errors: those of compose.
  Result<std::string> explain(const Target& target, const RunContext& context) const;

 private:
  explicit Chain(std::vector<BackendSpec> layers) : layers_(std::move(layers)) {}

  /// How often a repetition's commands differ: one for each copy, or once when a layer starts the ranks.
  [[nodiscard]] int variants(const RunContext& context) const;
  [[nodiscard]] bool is_behind_remote(std::size_t layer) const;
  /// How the program's variables reach it.
  enum class EnvironmentPath {
    inherited,   ///< As ours: every layer hands its environment on.
    as_flags,    ///< The innermost remote layer takes them as $ENV_FLAGS.
    in_command,  ///< A layer hands nothing on to other hosts: `env NAME=value PROGRAM`.
  };
  [[nodiscard]] EnvironmentPath environment_path() const;
  /// Gives a layer's command its variables, as ours or, behind a remote layer, with `env` in front of it.
  Argv set_environment(std::size_t layer, const Variables& variables, Argv argv, Command& command) const;
  Result<Command> compose_copy(const Target& target, const RunContext& context, int copy) const;
  Result<Command> through_outer(std::size_t layer, Argv argv, const Target& target, const RunContext& context,
                                int copy) const;
  Result<Errand> errand(std::size_t layer, const CommandTemplate& command, const Target& target,
                        const RunContext& context, int copy) const;
  Result<std::vector<Errand>> errands(std::vector<CommandTemplate> BackendSpec::*list, const Target& target,
                                      const RunContext& context) const;

  std::vector<BackendSpec> layers_;
};

}  // namespace thaw
