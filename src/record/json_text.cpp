#include "record/json_text.h"

#include <algorithm>

namespace thaw {
namespace {

/// "place:line:column" of the byte before `bytes_read`, which is where the parser stopped.
std::string place_of(std::string_view text, std::size_t bytes_read, std::string_view place) {
  const std::string_view before = text.substr(0, std::min(bytes_read > 0 ? bytes_read - 1 : 0, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("{}:{}:{}", place, line, before.size() - line_start + 1);
}

}  // namespace

Result<nlohmann::ordered_json> parse_json_text(std::string_view text, std::string_view place) {
  try {
    return nlohmann::ordered_json::parse(text.begin(), text.end());
  } catch (const nlohmann::ordered_json::parse_error& error) {
    // The library's text: "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …".
    std::string what = error.what();
    if (const auto colon = what.find(": "); colon != std::string::npos) what.erase(0, colon + 2);
    return fail_at(ErrorKind::bad_input, fmt::format("not JSON: {}", what),
                   place_of(text, error.byte, place));
  } catch (const nlohmann::ordered_json::exception& error) {
    return fail_at(ErrorKind::bad_input, fmt::format("not JSON: {}", error.what()), std::string(place));
  }
}

Result<nlohmann::ordered_json> read_json_file(const Path& path) {
  THAW_TRY(const std::string text, read_file(path));
  return parse_json_text(text, path.string());
}

std::string text_at(const nlohmann::ordered_json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace thaw
