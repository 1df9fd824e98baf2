#include "document/command_template.h"

#include <algorithm>

#include "core/text.h"

namespace thaw {
namespace {

/// The placeholder's name when the word is nothing else: "CMD" for "$CMD" and "${CMD}".
std::optional<std::string> lone_placeholder(const std::string& word) {
  const std::vector<std::string> names = placeholders_in(word);
  if (names.size() != 1) return std::nullopt;
  if (word != "$" + names[0] && word != "${" + names[0] + "}") return std::nullopt;
  return names[0];
}

Result<> expand_word(const std::string& word, const CommandTemplate& command,
                     const SubstitutionLookup& lookup, Argv& argv) {
  const auto name = lone_placeholder(word);
  if (!name) {
    argv.push_back(expand_plain(word, lookup));
    return {};
  }
  auto value = lookup(*name);
  if (!value) {
    return fail_at(
        ErrorKind::bad_usage, fmt::format("unknown placeholder ${}", *name), command.place,
        fmt::format("define it under placeholders or resolve, or write $${} for the text itself", *name));
  }
  std::move(value->words.begin(), value->words.end(), std::back_inserter(argv));
  return {};
}

/// Whether the group has placeholders and none of them has a word to offer.
bool is_void(const CommandTemplate::Element& group, const SubstitutionLookup& lookup) {
  bool has_placeholder = false;
  for (const std::string& word : group.words) {
    for (const std::string& name : placeholders_in(word)) {
      const auto value = lookup(name);
      if (value && !value->words.empty()) return false;
      has_placeholder = has_placeholder || value.has_value();
    }
  }
  return has_placeholder;
}

}  // namespace

std::vector<std::string> CommandTemplate::placeholders() const {
  if (is_shell_text()) return placeholders_in(shell_text);
  std::vector<std::string> names;
  for (const Element& element : elements) {
    for (const std::string& word : element.words) {
      std::ranges::move(placeholders_in(word), std::back_inserter(names));
    }
  }
  return names;
}

bool CommandTemplate::uses(std::string_view placeholder) const {
  const std::vector<std::string> names = placeholders();
  return std::find(names.begin(), names.end(), placeholder) != names.end();
}

bool CommandTemplate::mentions_program(std::string_view program) const {
  const auto names_it = [&](std::string_view word) {
    const std::size_t slash = word.rfind('/');
    return (slash == std::string_view::npos ? word : word.substr(slash + 1)) == program;
  };
  if (is_shell_text()) {
    const auto words = split_fields(shell_text);
    return std::any_of(words.begin(), words.end(), names_it);
  }
  return std::any_of(elements.begin(), elements.end(), [&](const Element& element) {
    return std::any_of(element.words.begin(), element.words.end(), names_it);
  });
}

Result<CommandTemplate> parse_command_template(const DocumentNode& node) {
  CommandTemplate command;
  command.place = node.place();
  if (node.is_list()) {
    for (const DocumentNode& item : node.items()) {
      THAW_TRY(std::vector<std::string> words, item.strings());
      command.elements.push_back({std::move(words), item.is_list()});
    }
    if (command.elements.empty()) return node.error("the command is an empty list");
    return command;
  }
  if (!node.is_scalar()) return node.error("a command must be text or a list of words");
  command.shell_text = trim(node.text());
  if (command.shell_text.empty()) return node.error("the command is empty", "leave the key out instead");
  const auto closed = expand_shell_text(command.shell_text, [](std::string_view) { return std::nullopt; });
  if (!closed) return tl::unexpected(Error(closed.error()).in(command.place));
  return command;
}

Result<std::vector<CommandTemplate>> parse_command_templates(const DocumentNode& node) {
  std::vector<CommandTemplate> commands;
  if (node.is_null() || (node.is_scalar() && trim(node.text()).empty())) return commands;
  const auto items = node.items();
  // [docker, restart, $FN] is one command; [[docker, restart, $FN], sync] and [docker restart $FN, sync] are two.
  const bool is_list_of_commands =
      !items.empty() && (items[0].is_list() || items[0].text().find(' ') != std::string::npos);
  if (!is_list_of_commands) {
    THAW_TRY(commands.emplace_back(), parse_command_template(node));
    return commands;
  }
  for (const DocumentNode& item : items) {
    THAW_TRY(commands.emplace_back(), parse_command_template(item));
  }
  return commands;
}

Result<Argv> expand(const CommandTemplate& command, const SubstitutionLookup& lookup) {
  if (command.is_shell_text()) {
    THAW_TRY(std::string text, expand_shell_text(command.shell_text, lookup));
    return Argv{"/bin/sh", "-c", std::move(text)};
  }
  Argv argv;
  for (const CommandTemplate::Element& element : command.elements) {
    if (element.is_group && is_void(element, lookup)) continue;
    for (const std::string& word : element.words) THAW_CHECK(expand_word(word, command, lookup, argv));
  }
  return argv;
}

}  // namespace thaw
