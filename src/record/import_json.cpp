#include <nlohmann/json.hpp>

#include "core/text.h"
#include "record/import.h"
#include "record/json_text.h"

namespace thaw::import {
namespace {

using Json = nlohmann::ordered_json;

/// Real files nest a few levels; the limit keeps recursion over a hostile one off the end of the stack.
constexpr std::size_t deepest = 100;

bool nests_too_deeply(std::string_view text) {
  std::size_t depth = 0;
  bool is_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_string && c == '\\') ++i;
    if (c == '"') is_string = !is_string;
    if (is_string) continue;
    if ((c == '[' || c == '{') && ++depth > deepest) return true;
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return false;
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return format_number(value.get<double>());
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<Json> parse_json(std::string_view text, const Path& path) {
  if (nests_too_deeply(text)) {
    return fail_at(ErrorKind::bad_input, fmt::format("the JSON nests deeper than {} levels", deepest),
                   path.string());
  }
  return parse_json_text(text, path.string());
}

void flatten(const Json& value, const std::string& prefix, Context& context) {
  if (value.is_null()) return;
  if (!value.is_structured()) {
    context[prefix] = scalar_text(value);
    return;
  }
  std::size_t position = 0;
  for (const auto& [key, inner] : value.items()) {
    flatten(inner, prefix + "." + (value.is_array() ? std::to_string(position++) : key), context);
  }
}

}  // namespace thaw::import
