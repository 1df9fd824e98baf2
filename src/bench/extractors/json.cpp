// Values in JSON output.

#include <nlohmann/json.hpp>

#include "bench/extractors/forms.h"
#include "core/text.h"

namespace thaw::extractors {
namespace {

using Json = nlohmann::json;

/// The document, if the text is one; text that cannot be an object or array is not even tried.
std::optional<Json> read_json(std::string_view text) {
  text = trim(text);
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return std::nullopt;
  Json document = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return std::nullopt;
  return document;
}

/// "~1" is "/" and "~0" is "~" in a part of a pointer (RFC 6901, section 4).
std::string unescape(std::string_view part) {
  std::string plain;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool is_escape = part[i] == '~' && i + 1 < part.size();
    plain += !is_escape ? part[i] : part[++i] == '1' ? '/' : '~';
  }
  return plain;
}

const Json* child(const Json& parent, std::string_view part) {
  if (parent.is_object()) {
    const auto found = parent.find(unescape(part));
    return found != parent.end() ? &*found : nullptr;
  }
  if (!parent.is_array() || part.empty() || (part.size() > 1 && part.front() == '0')) return nullptr;
  const auto index = parse_integer(part);
  if (!index || part.front() == '+' || *index < 0 || static_cast<std::size_t>(*index) >= parent.size())
    return nullptr;
  return &parent[static_cast<std::size_t>(*index)];
}

/// What the pointer leads to, or nullptr.
const Json* follow(const Json& document, std::string_view pointer) {
  const Json* at = &document;
  const auto parts = split(pointer, '/');
  for (std::size_t i = 1; i < parts.size() && at != nullptr; ++i) at = child(*at, parts[i]);
  return at;
}

Result<std::optional<std::string>> word_of(const Json& value, const JsonForm& form) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  if (value.is_structured()) {
    return fail(ErrorKind::run_failed, "{} in the output is {}, not a value", form.pointer,
                value.is_object() ? "an object" : "a list of lists");
  }
  return value.dump();
}

Result<Words> words_of(const Json& value, const JsonForm& form) {
  Words words;
  if (!value.is_array()) {
    THAW_TRY(words.emplace_back(), word_of(value, form));
    return words;
  }
  for (const Json& element : value) {
    THAW_TRY(words.emplace_back(), word_of(element, form));
  }
  return words;
}

}  // namespace

Result<Words> json_values(const JsonForm& form, std::string_view text) {
  if (const auto document = read_json(text)) {
    const Json* value = follow(*document, form.pointer);
    return value == nullptr ? Words{} : words_of(*value, form);
  }
  const auto lines = split_lines(text);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const auto document = read_json(*line);
    if (!document) continue;
    if (const Json* value = follow(*document, form.pointer)) return words_of(*value, form);
  }
  return Words{};
}

}  // namespace thaw::extractors
