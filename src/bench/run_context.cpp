#include "bench/run_context.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 17> builtin_placeholders = {
    "CMD",   "ARGS",     "COMMAND_LINE", "SPEC_COMMAND", "BODY",  "FN",   "TASK",       "MPL",      "HOST",
    "HOSTS", "HOSTFILE", "MPIFLAGS",     "TMP_PATH",     "TOKEN", "COPY", "REPETITION", "ENV_FLAGS"};

/// The n of "HOSTn".
std::optional<std::size_t> host_number(std::string_view name) {
  if (!name.starts_with("HOST") || name.size() == 4) return std::nullopt;
  const auto number = parse_integer(name.substr(4));
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

Substitution one_word(std::string word) { return {.words = {std::move(word)}}; }

Argv joined(Argv first, const Argv& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

bool is_builtin_placeholder(std::string_view name) {
  return host_number(name) || std::find(builtin_placeholders.begin(), builtin_placeholders.end(), name) !=
                                  builtin_placeholders.end();
}

void ResolvedValues::set(std::size_t layer, int copy, std::string name, std::string value) {
  values_[{layer, copy}].insert_or_assign(std::move(name), std::move(value));
}

const std::string* ResolvedValues::find(std::size_t layer, int copy, std::string_view name) const {
  const auto of_layer = values_.find({layer, copy});
  if (of_layer == values_.end()) return nullptr;
  const auto value = of_layer->second.find(name);
  return value == of_layer->second.end() ? nullptr : &value->second;
}

Substitution LayerScope::missing(std::string what, std::string hint) {
  if (!missing_) missing_ = Error{ErrorKind::bad_usage, std::move(what), spec().place, std::move(hint)};
  return {};
}

Result<> LayerScope::missing_value() {
  if (missing_) return tl::unexpected(*missing_);
  return {};
}

const std::vector<std::string>& LayerScope::hosts() const {
  static const std::vector<std::string> this_machine = {"localhost"};
  if (!spec().hosts.empty()) return spec().hosts;
  const auto with_hosts = std::find_if(place_.layers.begin(), place_.layers.end(),
                                       [](const BackendSpec& layer) { return !layer.hosts.empty(); });
  return with_hosts == place_.layers.end() ? this_machine : with_hosts->hosts;
}

std::optional<Substitution> LayerScope::inner_command(std::string_view name, bool takes_all_args) const {
  const Argv all = joined(inside_.command, inside_.args);
  if (name == "CMD")
    return Substitution{.words = takes_all_args ? all : inside_.command, .starts_command = true};
  if (name == "ARGS") return Substitution{.words = inside_.args};
  if (name == "COMMAND_LINE") return one_word(shell_join(all));
  if (name == "SPEC_COMMAND" && inside_.is_spec) return Substitution{.words = all, .starts_command = true};
  return std::nullopt;
}

std::optional<Substitution> LayerScope::host(std::string_view name) {
  if (name == "HOSTS") return one_word(join(hosts(), ","));
  if (name == "HOST") return one_word(hosts()[static_cast<std::size_t>(place_.copy) % hosts().size()]);
  const auto number = host_number(name);
  if (!number) return std::nullopt;
  if (*number < hosts().size()) return one_word(hosts()[*number]);
  return missing(fmt::format("${} of {} host{}", name, hosts().size(), hosts().size() == 1 ? "" : "s"),
                 fmt::format("hosts count from 0; add some under backend_options.{}.hosts", spec().name));
}

std::optional<Substitution> LayerScope::fact(std::string_view name, bool is_shell_text) {
  const Target& target = place_.target;
  if (name == "FN") {
    if (!target.function.empty()) return one_word(target.function);
    return missing(fmt::format("backend \"{}\" needs the name of a function", spec().name),
                   "name it on the command line, or under function: in a file");
  }
  if (name == "TASK") return one_word(target.task);
  if (name == "MPL") return one_word(fmt::format("{}", place_.context.copies));
  if (name == "TOKEN") return one_word(place_.context.token);
  if (name == "COPY") return one_word(fmt::format("{}", place_.copy));
  if (name == "REPETITION") return one_word(fmt::format("{}", place_.context.repetition));
  if (name == "TMP_PATH") return one_word(place_.context.tmp_path);
  if (name == "HOSTFILE")
    return Substitution{.words = spec().hostfile.empty() ? Argv{} : Argv{spec().hostfile}};
  if (name == "BODY")
    return Substitution{.words = target.args.empty() ? Argv{} : Argv{join(target.args, " ")}};
  if (name == "MPIFLAGS") {
    if (is_shell_text) return Substitution{.words = {spec().mpiflags}, .is_raw = true};
    return Substitution{.words = shell_split(spec().mpiflags).value_or(Argv{})};
  }
  if (name == "ENV_FLAGS") {
    Substitution flags;
    for (const auto& [variable, value] : target.env) {
      flags.words.insert(flags.words.end(), {"--env", variable + "=" + value});
    }
    return flags;
  }
  return std::nullopt;
}

std::optional<Substitution> LayerScope::own(std::string_view name, bool is_shell_text) {
  for (const auto& [placeholder, words] : spec().placeholders) {
    if (placeholder != name) continue;
    Substitution value;
    value.is_raw = is_shell_text && words.size() == 1;
    for (const std::string& word : words) {
      // A placeholder may be defined by those that every backend knows: CONTAINER: $FN.
      value.words.push_back(expand_plain(word, [&](std::string_view inner) {
        const auto found = fact(inner, false);
        return found ? found : host(inner);
      }));
    }
    return value;
  }
  for (const ResolveSpec& resolve : spec().resolve) {
    if (resolve.name != name) continue;
    if (const std::string* found = place_.context.resolved.find(place_.layer, place_.copy, name)) {
      return one_word(*found);
    }
    return missing(fmt::format("${} of backend \"{}\" was not looked up", name, spec().name), {});
  }
  return std::nullopt;
}

std::optional<Substitution> LayerScope::find(std::string_view name, bool is_shell_text, bool takes_all_args) {
  if (auto value = inner_command(name, takes_all_args)) return value;
  if (auto value = fact(name, is_shell_text)) return value;
  if (auto value = host(name)) return value;
  return own(name, is_shell_text);
}

Result<Argv> LayerScope::expand(const CommandTemplate& command) {
  const bool takes_all_args = !command.uses("ARGS");
  THAW_TRY(Argv argv, thaw::expand(command, [&](std::string_view name) {
             return find(name, command.is_shell_text(), takes_all_args);
           }));
  THAW_CHECK(missing_value());
  return argv;
}

Result<std::vector<std::pair<std::string, std::string>>> LayerScope::environment() {
  auto variables = spec().env;
  for (auto& [name, value] : variables) {
    value = expand_plain(value, [&](std::string_view placeholder) { return find(placeholder, false, true); });
  }
  THAW_CHECK(missing_value());
  return variables;
}

}  // namespace thaw
