#include "core/shell.h"

#include <algorithm>

#include "core/text.h"

namespace thaw {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("@%+=:,./-_").find(c) != std::string_view::npos;
}

/// A placeholder at text[at] == '$': its name and the length of the whole form, or length 0.
struct Placeholder {
  std::string_view name;
  std::size_t length = 0;
};

Placeholder placeholder_at(std::string_view text, std::size_t at) {
  const auto is_name_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool braced = at + 1 < text.size() && text[at + 1] == '{';
  const std::size_t begin = at + (braced ? 2 : 1);
  std::size_t end = begin;
  while (end < text.size() && is_name_char(text[end])) ++end;
  const std::string_view name = text.substr(begin, end - begin);
  if (!is_identifier(name)) return {};
  if (!braced) return {name, end - at};
  if (end >= text.size() || text[end] != '}') return {};
  return {name, end + 1 - at};
}

/// Makes `text` safe inside the quotes `quote` of an outer shell.
std::string escape_inside(char quote, std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (quote == '\'' && c == '\'') {
      escaped += "'\\''";
      continue;
    }
    if (quote == '"' && (c == '\\' || c == '"' || c == '$' || c == '`')) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// The length of the quoted string that starts at text[0], its quotes included.
std::size_t quoted_length(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[0] == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == text[0]) {
      return i + 1;
    }
  }
  return text.size();
}

/// Whether the quoted string that starts at text[0] is a command line for another shell.
bool holds_command(std::string_view text, const SubstitutionLookup& lookup) {
  const std::vector<std::string> names = placeholders_in(text.substr(0, quoted_length(text)));
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const auto value = lookup(name);
    return value && value->starts_command;
  });
}

/// Follows the quotes of shell text, where a quoted string may itself be a command line with quotes of its
/// own.
class QuoteStack {
 public:
  /// Called for every unescaped character of the template. Opens or closes a level.
  void see(char c) {
    if (c != '\'' && c != '"') return;
    const auto open = std::find(levels_.begin(), levels_.end(), c);
    if (open != levels_.end()) {
      levels_.erase(open, levels_.end());
    } else {
      levels_.push_back(c);
    }
  }
  [[nodiscard]] bool empty() const { return levels_.empty(); }
  [[nodiscard]] char innermost() const { return levels_.empty() ? '\0' : levels_.back(); }
  [[nodiscard]] char outermost() const { return levels_.empty() ? '\0' : levels_.front(); }
  /// `text` as it must be written here so that the innermost shell reads it as it is.
  [[nodiscard]] std::string wrap(std::string text) const {
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) text = escape_inside(*level, text);
    return text;
  }

 private:
  std::vector<char> levels_;
};

}  // namespace

std::string shell_quote(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  return "'" + escape_inside('\'', word) + "'";
}

std::string shell_join(std::span<const std::string> words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += shell_quote(word);
  }
  return line;
}

Result<Argv> shell_split(std::string_view line) {
  Argv words;
  std::string word;
  bool in_word = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == ' ' || c == '\t' || c == '\n') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
      continue;
    }
    in_word = true;
    if (c == '\\' && i + 1 < line.size()) {
      word += line[++i];
    } else if (c == '\'' || c == '"') {
      const std::size_t open = i;
      for (++i; i < line.size() && line[i] != c; ++i) {
        if (c == '"' && line[i] == '\\' && i + 1 < line.size() &&
            std::string_view("\\\"$`").find(line[i + 1]) != std::string_view::npos) {
          ++i;
        }
        word += line[i];
      }
      if (i >= line.size()) {
        return fail_at(ErrorKind::bad_usage,
                       fmt::format("quote {} at column {} is never closed", c, open + 1), {},
                       "close the quote, or put a backslash before it");
      }
    } else {
      word += c;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

Result<std::string> expand_shell_text(std::string_view text, const SubstitutionLookup& lookup) {
  std::string expanded;
  QuoteStack quotes;
  bool is_data = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // A backslash protects the next character everywhere but inside single quotes.
    if (c == '\\' && quotes.outermost() != '\'' && i + 1 < text.size()) {
      expanded += c;
      expanded += text[++i];
      continue;
    }
    if (c == '$') {
      const Placeholder found = placeholder_at(text, i);
      if (found.length > 0) {
        if (const auto value = lookup(found.name)) {
          const bool as_written = value->is_raw || (!quotes.empty() && is_data);
          expanded += quotes.wrap(as_written ? join(value->words, " ") : shell_join(value->words));
          i += found.length - 1;
          continue;
        }
      }
    }
    if (quotes.empty() && (c == '\'' || c == '"')) is_data = !holds_command(text.substr(i), lookup);
    quotes.see(c);
    expanded += c;
  }
  if (!quotes.empty()) {
    return fail_at(ErrorKind::bad_input,
                   fmt::format("a {} quote is never closed in \"{}\"",
                               quotes.innermost() == '"' ? "double" : "single", text),
                   {}, "close the quote in the backend's command");
  }
  return expanded;
}

std::string expand_plain(std::string_view text, const SubstitutionLookup& lookup) {
  std::string expanded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$') {
      if (i + 1 < text.size() && text[i + 1] == '$') {
        expanded += '$';
        ++i;
        continue;
      }
      const Placeholder found = placeholder_at(text, i);
      if (found.length > 0) {
        if (const auto value = lookup(found.name)) {
          expanded += join(value->words, " ");
          i += found.length - 1;
          continue;
        }
      }
    }
    expanded += text[i];
  }
  return expanded;
}

std::vector<std::string> placeholders_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') continue;
    if (const Placeholder found = placeholder_at(text, i); found.length > 0) {
      names.emplace_back(found.name);
      i += found.length - 1;
    }
  }
  return names;
}

}  // namespace thaw
