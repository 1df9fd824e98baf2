#include "bench/chain.h"

#include <algorithm>
#include <set>

#include "core/text.h"

namespace thaw {
namespace {

/// `env NAME=value …` in front of a command.
Argv with_variables(const Variables& variables, Argv argv) {
  if (variables.empty()) return argv;
  Argv prefixed = {"env"};
  for (const auto& [name, value] : variables) prefixed.push_back(fmt::format("{}={}", name, value));
  prefixed.insert(prefixed.end(), std::make_move_iterator(argv.begin()), std::make_move_iterator(argv.end()));
  return prefixed;
}

/// Puts the arguments behind a command that has no place for them.
void append_args(const CommandTemplate& command, const Argv& args, Argv& argv) {
  if (!command.is_shell_text()) {
    argv.insert(argv.end(), args.begin(), args.end());
  } else if (!args.empty()) {
    argv.back() += " " + shell_join(args);
  }
}

Result<> check_composable(const std::vector<BackendSpec>& layers) {
  std::vector<std::string> found;
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (!layers[i].is_composable) found.push_back(fmt::format("position {} ({})", i + 1, layers[i].name));
  }
  if (found.empty()) return {};
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("Non-composable backends can only be in position 1 (leftmost). Found at {}.",
                             join(found, ", ")),
                 "-b", "give it as the first -b");
}

Result<> check_terminal(const std::vector<BackendSpec>& layers) {
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    if (!layers[i].is_terminal) continue;
    // Layers that change nothing about the command (inner_time) may follow.
    const bool is_last_command =
        std::none_of(layers.begin() + static_cast<std::ptrdiff_t>(i) + 1, layers.end(),
                     [](const BackendSpec& layer) { return layer.run.has_value(); });
    if (is_last_command) continue;
    return fail_at(
        ErrorKind::bad_usage,
        fmt::format("\"{}\" calls the function itself and has no place for an inner command", layers[i].name),
        "-b", "put it last");
  }
  return {};
}

Result<> check_ranks(const std::vector<BackendSpec>& layers) {
  const BackendSpec* first = nullptr;
  for (const BackendSpec& layer : layers) {
    if (!layer.starts_ranks) continue;
    if (first != nullptr) {
      return fail_at(ErrorKind::bad_usage,
                     fmt::format("both \"{}\" and \"{}\" start the copies as ranks", first->name, layer.name),
                     "-b", "keep one of them, or there would be copies of copies");
    }
    first = &layer;
  }
  return {};
}

Result<> check_repeats(const std::vector<BackendSpec>& layers) {
  std::set<std::string> seen;
  for (const BackendSpec& layer : layers) {
    if (seen.insert(layer.name).second) continue;
    return fail_at(ErrorKind::bad_usage, fmt::format("backend \"{}\" is in the chain twice", layer.name),
                   "-b", "name it once");
  }
  return {};
}

}  // namespace

Result<Chain> Chain::build(std::vector<BackendSpec> outermost_first) {
  THAW_CHECK(check_repeats(outermost_first));
  THAW_CHECK(check_composable(outermost_first));
  THAW_CHECK(check_terminal(outermost_first));
  THAW_CHECK(check_ranks(outermost_first));
  return Chain(std::move(outermost_first));
}

bool Chain::starts_ranks() const {
  return std::any_of(layers_.begin(), layers_.end(),
                     [](const BackendSpec& layer) { return layer.starts_ranks; });
}

bool Chain::forgets_exit() const {
  return std::any_of(layers_.begin(), layers_.end(),
                     [](const BackendSpec& layer) { return layer.forgets_exit; });
}

std::vector<Pattern> Chain::failure_texts() const {
  std::vector<Pattern> patterns;
  for (const BackendSpec& layer : layers_) {
    if (layer.failure_text) patterns.push_back(*layer.failure_text);
  }
  return patterns;
}

bool Chain::runs_program() const {
  return std::none_of(layers_.begin(), layers_.end(),
                      [](const BackendSpec& layer) { return layer.is_terminal; });
}

bool Chain::runs_program_here() const { return runs_program() && !is_behind_remote(layers_.size()); }

bool Chain::is_behind_remote(std::size_t layer) const {
  return std::any_of(layers_.begin(), layers_.begin() + static_cast<std::ptrdiff_t>(layer),
                     [](const BackendSpec& outer) { return outer.is_remote; });
}

int Chain::variants(const RunContext& context) const { return starts_ranks() ? 1 : context.copies; }

Result<std::vector<Command>> Chain::compose(const Target& target, const RunContext& context) const {
  std::vector<Command> commands;
  for (int copy = 0; copy < variants(context); ++copy) {
    THAW_TRY(commands.emplace_back(), compose_copy(target, context, copy));
  }
  return commands;
}

Argv Chain::set_environment(std::size_t layer, const Variables& variables, Argv argv,
                            Command& command) const {
  if (is_behind_remote(layer)) return with_variables(variables, std::move(argv));
  command.env.insert(command.env.begin(), variables.begin(), variables.end());
  return argv;
}

Chain::EnvironmentPath Chain::environment_path() const {
  EnvironmentPath path = EnvironmentPath::inherited;
  for (const BackendSpec& layer : layers_) {
    // Ranks, too, may be started on other hosts.
    if (!layer.is_remote && !layer.starts_ranks) continue;
    path = layer.run->uses("ENV_FLAGS") ? EnvironmentPath::as_flags : EnvironmentPath::in_command;
  }
  return path;
}

Result<Command> Chain::compose_copy(const Target& target, const RunContext& context, int copy) const {
  if (runs_program() && (target.program.empty() || target.program[0].empty())) {
    return fail_at(ErrorKind::bad_usage, "there is no program to run", {}, "name it behind the options");
  }
  const EnvironmentPath path = environment_path();
  Command command;
  LayerScope::Inside inside{.command = target.program, .args = target.args};
  if (path == EnvironmentPath::in_command && runs_program()) {
    inside.command = with_variables(target.env, std::move(inside.command));
  }
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const BackendSpec& layer = layers_[i];
    if (!layer.run) continue;
    LayerScope scope({layers_, i, target, context, copy}, inside);
    THAW_TRY(Argv argv, scope.expand(*layer.run));
    const bool takes_args = !layer.is_terminal || layer.run->uses("ARGS") || layer.run->uses("BODY");
    if (!takes_args) append_args(*layer.run, inside.args, argv);
    THAW_TRY(const Variables variables, scope.environment());
    inside = {.command = set_environment(i, variables, std::move(argv), command), .args = {}};
  }
  command.argv = std::move(inside.command);
  command.argv.insert(command.argv.end(), inside.args.begin(), inside.args.end());
  if (path == EnvironmentPath::inherited) {
    command.env.insert(command.env.end(), target.env.begin(), target.env.end());
  }
  return command;
}

Result<Command> Chain::through_outer(std::size_t layer, Argv argv, const Target& target,
                                     const RunContext& context, int copy) const {
  Command command;
  for (std::size_t i = layer; i-- > 0;) {
    const BackendSpec& outer = layers_[i];
    const auto& way_in = outer.spec ? outer.spec : outer.run;
    if (!way_in || (!outer.spec && !outer.is_remote)) continue;
    if (!outer.spec && outer.is_terminal) {
      return fail_at(ErrorKind::environment,
                     fmt::format("backend \"{}\" has no way to reach its host", outer.name), outer.place,
                     "give it a  spec: [..., $SPEC_COMMAND]");
    }
    LayerScope scope({layers_, i, target, context, copy},
                     {.command = std::move(argv), .args = {}, .is_spec = true});
    THAW_TRY(argv, scope.expand(*way_in));
    THAW_TRY(const Variables variables, scope.environment());
    argv = set_environment(i, variables, std::move(argv), command);
  }
  command.argv = std::move(argv);
  return command;
}

Result<Command> Chain::compose_spec(const Argv& argv, const Target& target, const RunContext& context) const {
  return through_outer(layers_.size(), argv, target, context, 0);
}

Result<Errand> Chain::errand(std::size_t layer, const CommandTemplate& command, const Target& target,
                             const RunContext& context, int copy) const {
  LayerScope scope({layers_, layer, target, context, copy}, {.command = target.program, .args = target.args});
  THAW_TRY(Argv argv, scope.expand(command));
  Errand errand{layers_[layer].name, {}, {}};
  THAW_TRY(errand.command, through_outer(layer, std::move(argv), target, context, copy));
  return errand;
}

Result<std::vector<Errand>> Chain::errands(std::vector<CommandTemplate> BackendSpec::*list,
                                           const Target& target, const RunContext& context) const {
  std::vector<Errand> all;
  std::set<Argv> seen;
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    for (int copy = 0; copy < variants(context); ++copy) {
      for (const CommandTemplate& command : layers_[layer].*list) {
        THAW_TRY(Errand found, errand(layer, command, target, context, copy));
        if (copy == 0 || seen.insert(found.command.argv).second) all.push_back(found);
        seen.insert(found.command.argv);
      }
    }
  }
  return all;
}

Result<std::vector<Errand>> Chain::resets(const Target& target, const RunContext& context) const {
  return errands(&BackendSpec::reset, target, context);
}

Result<std::vector<Errand>> Chain::on_timeout(const Target& target, const RunContext& context) const {
  return errands(&BackendSpec::on_timeout, target, context);
}

}  // namespace thaw
