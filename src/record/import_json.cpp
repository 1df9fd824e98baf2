#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "record/import.h"

namespace thaw::import {
namespace {

using Json = nlohmann::ordered_json;

/// Line and column of a byte, both from 1.
std::pair<std::size_t, std::size_t> position_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {lines + 1, before.size() - line_start + 1};
}

/// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …" without its preamble.
std::string plain_reason(std::string_view what) {
  const std::size_t colon = what.find(": ");
  return std::string(colon == std::string_view::npos ? what : what.substr(colon + 2));
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return format_number(value.get<double>());
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Real files nest a few levels; the limit keeps recursion over a hostile one off the end of the stack.
constexpr std::size_t deepest = 100;

/// The offset at which brackets nest too deeply, or npos.
std::size_t too_deep_at(std::string_view text) {
  std::size_t depth = 0;
  bool is_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_string && c == '\\') ++i;
    if (c == '"') is_string = !is_string;
    if (is_string) continue;
    if ((c == '[' || c == '{') && ++depth > deepest) return i;
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return std::string_view::npos;
}

}  // namespace

Result<Json> parse_json(std::string_view text, const Path& path, std::size_t first_line) {
  const auto place = [&](std::size_t byte) {
    const auto [line, column] = position_of(text, byte);
    return fmt::format("{}:{}:{}", path.string(), first_line + line - 1, column);
  };
  if (const std::size_t at = too_deep_at(text); at != std::string_view::npos) {
    return fail_at(ErrorKind::bad_input, fmt::format("the JSON nests deeper than {} levels", deepest), place(at));
  }
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return fail_at(ErrorKind::bad_input, fmt::format("the JSON is malformed: {}", plain_reason(error.what())),
                   place(error.byte == 0 ? 0 : error.byte - 1));
  } catch (const Json::exception& error) {
    return fail_at(ErrorKind::bad_input, fmt::format("the JSON cannot be used: {}", plain_reason(error.what())),
                   path.string());
  }
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
