#include "record/redact.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/text.h"

namespace thaw {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Words at whose end a secret is named, with or without a separator before them: "PGPASSWORD", "auth-token".
constexpr std::array<std::string_view, 8> secret_words = {"password", "passwd",     "passphrase",  "secret",
                                                          "token",    "credential", "credentials", "apikey"};
/// Beside one of these, "key" is a secret and not a column to sort by.
constexpr std::array<std::string_view, 9> key_words = {"api",  "access", "secret",     "private", "auth",
                                                       "sign", "master", "encryption", "account"};
/// A name that ends so tells where the secret is, or how much of it there may be.
constexpr std::array<std::string_view, 12> harmless_ends = {
    "file", "path", "stdin", "env", "limit", "count", "length", "size", "prompt", "type", "ttl", "url"};
/// Header fields that carry a secret.
constexpr std::array<std::string_view, 4> secret_headers = {"authorization", "proxy-authorization", "cookie",
                                                            "set-cookie"};

/// "apiKey_id-2" -> {"api", "key", "id", "2"}.
std::vector<std::string> parts_of(std::string_view name) {
  std::vector<std::string> parts(1);
  char previous = 0;
  for (const char c : name) {
    const bool is_hump = c >= 'A' && c <= 'Z' && previous >= 'a' && previous <= 'z';
    const bool is_separator = c == '_' || c == '-' || c == '.';
    if ((is_hump || is_separator) && !parts.back().empty()) parts.emplace_back();
    if (!is_separator) parts.back() += to_lower(std::string_view(&c, 1));
    previous = c;
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

bool is_in_capitals(std::string_view name) {
  return std::none_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

/// Whether one of the stems that all words for secrets have is in the name. Nearly no name of a record has: this saves
/// taking it apart.
bool has_stem_of_secret(std::string_view name) {
  const auto is_same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  for (const std::string_view stem : {"pass", "secret", "token", "credential", "key"}) {
    if (std::search(name.begin(), name.end(), stem.begin(), stem.end(), is_same) != name.end()) return true;
  }
  return false;
}

bool is_secret_header(std::string_view name) { return contains(secret_headers, to_lower(name)); }

/// Goes over text and copies it, with secrets masked.
class Redactor {
 public:
  explicit Redactor(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      const bool is_masked = starts_a_word() && (mask_named() || mask_option() || mask_url());
      if (!is_masked) out_ += text_[at_++];
    }
    return std::move(out_);
  }

 private:
  char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  bool starts_a_word() const { return at_ == 0 || !is_name_character(text_[at_ - 1]); }

  std::size_t skip(std::size_t at, bool (*matches)(char)) const {
    while (at < text_.size() && matches(text_[at])) ++at;
    return at;
  }

  /// Where the value at `at` ends; sets `at` behind an opening quote.
  std::size_t end_of_value(std::size_t& at, std::string_view stops) const {
    if (!is_quote(peek(at))) return std::min(text_.find_first_of(stops, at), text_.size());
    const char quote = text_[at++];
    std::size_t end = at;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    return std::min(end, text_.size());
  }

  void mask(std::size_t from, std::size_t to) {
    out_ += text_.substr(at_, from - at_);
    out_ += redacted;
    at_ = to;
  }

  /// name=value, "name": "value", Name: value.
  bool mask_named() {
    const std::size_t end = skip(at_, is_name_character);
    const std::string_view name = text_.substr(at_, end - at_);
    if (name.empty()) return false;
    std::size_t at = is_quote(peek(end)) && peek(end + 1) == ':' ? end + 1 : end;
    const char separator = peek(at);
    if (separator != '=' && separator != ':') return false;
    const bool is_header = separator == ':' && is_secret_header(name);
    if (!is_header && !names_a_secret(name)) return false;
    at = separator == ':' ? skip(at + 1, is_blank) : at + 1;
    const std::size_t value_end = end_of_value(at, is_header ? "\"'\n" : " \t\n\"',;&|)}");
    if (value_end == at) return false;
    mask(at, value_end);
    return true;
  }

  /// --name value.
  bool mask_option() {
    if (peek(at_) != '-') return false;
    const std::size_t end = skip(at_, is_name_character);
    if (!is_blank(peek(end)) || !names_a_secret(text_.substr(at_, end - at_))) return false;
    std::size_t at = skip(end, is_blank);
    const std::size_t value_end = end_of_value(at, " \t\n;&|)");
    if (value_end == at) return false;
    mask(at, value_end);
    return true;
  }

  /// scheme://user:secret@host.
  bool mask_url() {
    const std::size_t scheme_end = skip(at_, is_name_character);
    if (text_.substr(scheme_end, 3) != "://") return false;
    const std::size_t user = scheme_end + 3;
    const std::size_t authority_end = std::min(text_.find_first_of("/?# \t\n\"'", user), text_.size());
    const std::string_view authority = text_.substr(user, authority_end - user);
    const std::size_t colon = authority.find(':');
    const std::size_t host = authority.rfind('@');
    if (colon == std::string_view::npos || host == std::string_view::npos || colon > host) return false;
    mask(user + colon + 1, user + host);
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

/// A word like "--password=a b" or "Cookie: a": the rest of the word is the secret, blanks included.
std::optional<std::string> mask_whole_word(std::string_view word) {
  const auto name_end =
      static_cast<std::size_t>(std::find_if_not(word.begin(), word.end(), is_name_character) - word.begin());
  const std::string_view name = word.substr(0, name_end);
  const char separator = name_end < word.size() ? word[name_end] : '\0';
  if (separator == '=' && names_a_secret(name)) return fmt::format("{}={}", name, redacted);
  const bool is_header = separator == ':' && (is_secret_header(name) || names_a_secret(name));
  if (is_header && word.substr(name_end + 1, 1) == " ") return fmt::format("{}: {}", name, redacted);
  return std::nullopt;
}

/// True for the option before "user:password" of curl.
bool is_login_option(std::span<const std::string> words, std::size_t at) {
  if (words[at] != "-u" && words[at] != "--user" && words[at] != "-U" && words[at] != "--proxy-user")
    return false;
  return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at),
                     [](const std::string& word) { return word == "curl" || word.ends_with("/curl"); });
}

}  // namespace

bool names_a_secret(std::string_view name) {
  if (!has_stem_of_secret(name)) return false;
  const std::vector<std::string> parts = parts_of(name);
  if (parts.empty() || contains(harmless_ends, parts.back())) return false;
  const auto is_secret = [](const std::string& part) {
    return std::any_of(secret_words.begin(), secret_words.end(),
                       [&](std::string_view word) { return part.ends_with(word); });
  };
  if (std::any_of(parts.begin(), parts.end(), is_secret)) return true;
  if (std::find(parts.begin(), parts.end(), "key") == parts.end()) return false;
  return is_in_capitals(name) || std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
           return contains(key_words, part);
         });
}

std::string redact_text(std::string_view text) { return Redactor(text).run(); }

Argv redact_words(std::span<const std::string> words) {
  Argv result;
  bool is_value_of_secret = false;
  bool is_login = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (is_value_of_secret) {
      result.emplace_back(redacted);
    } else if (is_login && word.find(':') != std::string::npos) {
      result.push_back(fmt::format("{}:{}", word.substr(0, word.find(':')), redacted));
    } else {
      result.push_back(mask_whole_word(word).value_or(redact_text(word)));
    }
    const bool is_option = word.starts_with("-") && word.find_first_of("= ") == std::string::npos;
    is_value_of_secret = !is_value_of_secret && is_option && names_a_secret(word);
    is_login = is_login_option(words, i);
  }
  return result;
}

namespace {

void mask_within(nlohmann::ordered_json& value) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    text = redact_text(text);
  } else if (value.is_array()) {
    // A list of words may be an argument vector, where a secret is the word behind its option.
    const bool is_words =
        std::all_of(value.begin(), value.end(), [](const auto& item) { return item.is_string(); });
    if (is_words) {
      value = redact_words(value.get<std::vector<std::string>>());
    } else {
      for (auto& item : value) mask_within(item);
    }
  } else if (value.is_object()) {
    for (auto& [key, item] : value.get_ref<nlohmann::ordered_json::object_t&>()) {
      if (names_a_secret(key) && item.is_primitive() && !item.is_null()) {
        item = redacted;
      } else {
        mask_within(item);
      }
    }
  }
}

}  // namespace

nlohmann::ordered_json redact_json(nlohmann::ordered_json value) {
  mask_within(value);
  return value;
}

}  // namespace thaw
