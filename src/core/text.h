#pragma once
// Small text tools used by every parser: splitting, strict number parsing, spelling suggestions.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

std::string_view trim(std::string_view text);
/// Parts between separators, empty ones kept: split("a,,b", ',') is {"a", "", "b"}; split("", ',') is {""}.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Fields between runs of white space, none empty.
std::vector<std::string_view> split_fields(std::string_view text);
/// Lines without their ends ("\n" or "\r\n"); no empty last line for a final newline.
std::vector<std::string_view> split_lines(std::string_view text);
std::string to_lower(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);

/// The whole text as a finite number in C form ("1e-05", "-3", "+2.5"), or nullopt. No locale, no hexadecimal.
std::optional<double> parse_number(std::string_view text);
/// The whole text as a decimal integer, or nullopt.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// Shortest text that reads back to the same double; "" for NaN and infinities (missing, in CSV).
std::string format_number(double value);
/// `digits` significant digits without trailing zeros; scientific at 1e6 and above or below 1e-4; "NA" for NaN.
std::string format_significant(double value, int digits = 3);

/// Number of edits (insert, delete, replace, swap neighbours) between two words, ignoring case.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The candidate nearest to `word` when near enough to be a typing mistake.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);
/// Advice for an unknown name: `did you mean "perf"?`, else the whole list (at most 12 names, then "…").
std::string suggest(std::string_view word, std::span<const std::string> candidates);

/// Glob-free variable names: letters, digits and _, not starting with a digit.
bool is_identifier(std::string_view text);

}  // namespace thaw
