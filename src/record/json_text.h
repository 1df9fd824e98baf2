#pragma once
// JSON text to a value, with complaints that name line and column.

#include <nlohmann/json.hpp>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// Parses one JSON value. Errors: bad_input at "place:line:column".
Result<nlohmann::ordered_json> parse_json_text(std::string_view text, std::string_view place);

/// Reads and parses a file. Errors: environment (unreadable), bad_input.
Result<nlohmann::ordered_json> read_json_file(const Path& path);

/// The text under `key` of an object, "" when absent or no text.
std::string text_at(const nlohmann::ordered_json& object, const char* key);

}  // namespace thaw
