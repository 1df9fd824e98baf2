#pragma once
// Argument vectors and shell text. Thaw composes commands as argument vectors; where a layer is shell text
// (a pipeline, a remote command line) an argument is quoted once for every shell that will read it.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

using Argv = std::vector<std::string>;

/// One word that any POSIX shell reads back as exactly `word`. Plain words stay unquoted.
std::string shell_quote(std::string_view word);
/// The words as one command line.
std::string shell_join(std::span<const std::string> words);

/// Splits as a POSIX shell splits words: quotes and backslashes, no expansion of any kind.
/// Errors: bad_usage for an open quote.
Result<Argv> shell_split(std::string_view line);

/// What a placeholder in shell text stands for.
struct Substitution {
  Argv words;           ///< Inserted as these words, each quoted for every enclosing shell.
  bool is_raw = false;  ///< Inserted as written (shell text from the user), words joined by spaces.
  bool starts_command =
      false;  ///< Begins a command line ($CMD); a quoted string that holds one is shell text.
};
/// Maps a placeholder's name ("CMD" for $CMD or ${CMD}) to its substitution; nullopt leaves it to the shell.
using SubstitutionLookup = std::function<std::optional<Substitution>(std::string_view name)>;

/// Expands placeholders in shell text. The text is read as the shell will read it: inside single or double
/// quotes (as in `ssh host '$CMD'` or `bash -c "$CMD"`) the string is itself a command line for another shell, so
/// the words are quoted for that shell first and then for the quotes around them. A quoted string in which no
/// substitution starts a command (as in `curl -d "$ARGS"`) is data: there the words are joined by spaces and
/// protected from the quotes only. Names are matched whole: $HOSTNAME is never $HOST followed by NAME.
/// Errors: bad_input for an open quote.
Result<std::string> expand_shell_text(std::string_view text, const SubstitutionLookup& lookup);

/// Expands placeholders in one plain string (an element of an argument vector): no quoting, a value's words
/// joined by spaces; "$$" is a dollar sign.
std::string expand_plain(std::string_view text, const SubstitutionLookup& lookup);

/// The names of all placeholders ($NAME, ${NAME}) in the text, in order, repeats kept.
std::vector<std::string> placeholders_in(std::string_view text);

}  // namespace thaw
