#pragma once
// A command as a backend's file writes it, with placeholders: a list of words (no shell takes part), or one text
// for /bin/sh.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/shell.h"
#include "document/document.h"

namespace thaw {

/// One command of a backend's file.
///
/// In the list form an element that is exactly one placeholder stands for all its words, possibly none; elsewhere in
/// an element a placeholder is replaced within the word. A list inside the list is a group that is left out when all
/// its placeholders are empty: `[--data-raw, $BODY]`. In the text form placeholders are quoted for the shells that
/// read them (see expand_shell_text).
struct CommandTemplate {
  struct Element {
    std::vector<std::string> words;
    bool is_group = false;
  };
  std::vector<Element> elements;  ///< The list form; empty for the text form.
  std::string shell_text;
  std::string place;  ///< "perf.yaml:4:10", for messages.

  [[nodiscard]] bool is_shell_text() const { return elements.empty(); }
  /// The names of all placeholders, repeats kept.
  [[nodiscard]] std::vector<std::string> placeholders() const;
  [[nodiscard]] bool uses(std::string_view placeholder) const;
  /// Whether a word of the command, as a path or not, names this program.
  [[nodiscard]] bool mentions_program(std::string_view program) const;
};

/// Reads a command: text, or a list of words and groups of words. Errors: bad_usage for anything else, an empty
/// command or an open quote.
Result<CommandTemplate> parse_command_template(const DocumentNode& node);
/// Reads one command, or several: a list whose first element is itself a list or has a space in it holds commands,
/// each text or a list. Nothing and an empty text are no command.
Result<std::vector<CommandTemplate>> parse_command_templates(const DocumentNode& node);

/// The argument vector with every placeholder replaced; {"/bin/sh", "-c", text} for the text form.
/// Errors: bad_usage for a list element that is an unknown placeholder.
Result<Argv> expand(const CommandTemplate& command, const SubstitutionLookup& lookup);

}  // namespace thaw
