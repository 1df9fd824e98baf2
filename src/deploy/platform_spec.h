#pragma once
// A platform that functions can be put on and taken off again, described by a YAML file of commands and not by code.
// docs/deploy.md explains every key.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "document/command_template.h"
#include "document/document.h"

namespace thaw {

/// A value that the platform gives a function: what a command prints, without the white space around it.
struct PlatformValue {
  std::string name;
  CommandTemplate command;
};

struct PlatformSpec {
  std::string name;
  std::string place;  ///< Where it was defined, "share/thaw/platforms/docker.yaml".
  std::string description;
  /// Placeholder ("IMAGE") and default; without a default the user has to give a value.
  std::vector<std::pair<std::string, std::optional<std::string>>> parameters;
  std::vector<CommandTemplate> prepare;  ///< Before all functions.
  std::vector<CommandTemplate> deploy;   ///< For each function, as the next four.
  std::vector<PlatformValue> resolve;
  std::string url;                   ///< "{runtime_ms}" and its like stay for the invocation.
  std::vector<std::string> headers;  ///< "Host: $NAME"
  std::vector<CommandTemplate> remove;
  std::vector<CommandTemplate> finish;                        ///< After all functions.
  unsigned parallel = 1;                                      ///< Functions worked on at a time.
  std::vector<std::pair<std::string, std::string>> programs;  ///< What must be there, and where to get it.
};

/// The placeholder of a parameter or setting: "min-scale" is $MIN_SCALE.
std::string placeholder_of(std::string_view parameter);

/// Reads a platform. Beside its parameters there are $RUN, and for each function $NAME, $LABEL, $INDEX, $MEMORY_MB,
/// $MEMORY_MIB, $EXECUTION_MS, $INIT_MS and $JSON; for `resolve`, `url` and `headers` also $OUTPUT, what the last command of
/// `deploy` that said anything said, and what `resolve` found.
/// Errors: bad_usage with the place for an unknown key, a missing one (deploy, url), or a placeholder that nothing defines.
Result<PlatformSpec> parse_platform(std::string_view name, const DocumentNode& node);

/// The folders searched for NAME.yaml, nearest first: the user's own ($XDG_CONFIG_HOME or ~/.config, thaw/platforms)
/// and the shipped one.
std::vector<Path> platform_folders();

/// Reads the platform of this name from the first folder that has it. Errors: bad_usage for an unknown name (with the
/// nearest one), and those of parse_platform.
Result<PlatformSpec> find_platform(std::string_view name, const std::vector<Path>& folders);

/// All names, sorted.
std::vector<std::string> platform_names(const std::vector<Path>& folders);

}  // namespace thaw
