#pragma once
// Fields of a CSV line and the numbers in them, for traces of gigabytes: no allocation where nothing is quoted.

#include <charconv>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

/// Splits lines. A quoted field may hold commas and doubled quotes, not line ends.
class CsvSplitter {
 public:
  /// The fields of a line, valid until the next call or until the line goes. Errors: bad_input without a place
  /// (an open quote, text behind a closing quote).
  Result<> split(std::string_view line);
  [[nodiscard]] const std::vector<std::string_view>& fields() const { return fields_; }

 private:
  Result<> split_quoted(std::string_view line);

  std::vector<std::string_view> fields_;
  std::string unquoted_;
};

/// The names of a CSV file's columns, from its first line; compared without regard to case.
class ColumnNames {
 public:
  static Result<ColumnNames> of(std::string_view header);
  /// The column that has one of these names, or nullopt.
  [[nodiscard]] std::optional<std::size_t> find(std::initializer_list<std::string_view> names) const;
  [[nodiscard]] bool has(std::initializer_list<std::string_view> names) const {
    return find(names).has_value();
  }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

namespace detail {
constexpr double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
std::optional<double> parse_field_slowly(std::string_view text);
}  // namespace detail

/// The whole field as a number: "12", "0.5", " 3e4 ", "nan", "-inf"; nullopt for anything else. Correctly rounded.
///
/// Plain decimals whose digits fit 53 bits are one exact division (Clinger, "How to read floating point numbers
/// accurately", 1990, fast path); the rest goes through std::from_chars.
inline std::optional<double> parse_field(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t digits = 0;
  int count = 0, fraction = 0;
  for (; at != end && static_cast<unsigned char>(*at - '0') < 10; ++at, ++count) {
    digits = 10 * digits + static_cast<std::uint64_t>(*at - '0');
  }
  if (at != end && *at == '.') {
    const char* const point = at++;
    for (; at != end && static_cast<unsigned char>(*at - '0') < 10; ++at, ++count) {
      digits = 10 * digits + static_cast<std::uint64_t>(*at - '0');
    }
    fraction = static_cast<int>(at - point) - 1;
  }
  constexpr std::uint64_t exactly_representable = std::uint64_t{1} << 53;
  if (at != end || count == 0 || count > 19 || digits > exactly_representable) {
    return detail::parse_field_slowly(text);
  }
  const auto value = static_cast<double>(digits);
  return fraction == 0 ? value : value / detail::powers_of_ten[fraction];
}

/// The whole field as a count, or nullopt: digits only.
inline std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace thaw
