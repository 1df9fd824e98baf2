#pragma once
// Values as Python prints them, for files that programs in Python read.

#include <string>
#include <string_view>

namespace thaw {

/// A number: "12" for a whole one, as Python's int, else as repr of a float: the shortest digits that read
/// back, scientific from 1e16 on and below 1e-4. REQUIRES: finite.
std::string python_number(double value);

/// repr of a float, "12.0" for a whole one. REQUIRES: finite.
std::string python_float(double value);

/// repr of a str: in single quotes, or in double quotes when it has single ones only; control characters
/// escaped.
std::string python_repr(std::string_view text);

}  // namespace thaw
