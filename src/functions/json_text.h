#pragma once
// The little JSON that functions speak: argument lists in request bodies, and argument text in answers.

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw::functions {

/// The text as a JSON string literal. Bytes that are not UTF-8 become \udc80 … \udcff (one escape per byte), which
/// read_json_arguments turns back into the same bytes.
std::string json_quote(std::string_view text);

/// Reads one JSON value as an argument list: an array of strings, numbers, true or false, or one such scalar. A
/// number stands for its own text.
/// Errors: bad_usage for anything else (objects, nested arrays, null, a NUL character), with the byte offset as place.
Result<std::vector<std::string>> read_json_arguments(std::string_view text);

}  // namespace thaw::functions
