#pragma once
// Strong types for amounts, and their text forms. Durations and memory need a unit in text: a bare number is
// an error that says how to write it.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace thaw {

using Nanos = std::chrono::nanoseconds;
using Seconds = std::chrono::duration<double>;  ///< Only inside formulas and at the edges.

constexpr double to_seconds(Nanos duration) { return Seconds(duration).count(); }
constexpr Nanos from_seconds(double seconds) { return std::chrono::round<Nanos>(Seconds(seconds)); }

/// An integer amount that only mixes with itself. `Tag` names the dimension.
template <class Tag>
class Amount {
 public:
  constexpr Amount() = default;
  constexpr explicit Amount(std::int64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::int64_t count() const { return value_; }
  constexpr Amount& operator+=(Amount rhs) {
    value_ += rhs.value_;
    return *this;
  }
  constexpr Amount& operator-=(Amount rhs) {
    value_ -= rhs.value_;
    return *this;
  }
  friend constexpr Amount operator+(Amount a, Amount b) { return a += b; }
  friend constexpr Amount operator-(Amount a, Amount b) { return a -= b; }
  friend constexpr auto operator<=>(Amount, Amount) = default;

 private:
  std::int64_t value_ = 0;
};

using Bytes = Amount<struct BytesTag>;

/// Events per second.
struct Rate {
  double per_second = 0;
  friend constexpr auto operator<=>(Rate, Rate) = default;
};

inline namespace literals {
constexpr Bytes operator""_KiB(unsigned long long n) { return Bytes{static_cast<std::int64_t>(n) << 10}; }
constexpr Bytes operator""_MiB(unsigned long long n) { return Bytes{static_cast<std::int64_t>(n) << 20}; }
constexpr Bytes operator""_GiB(unsigned long long n) { return Bytes{static_cast<std::int64_t>(n) << 30}; }
}  // namespace literals

/// "250ms", "1.5s", "10m", "2h", "1d", "1h30m"; "0" alone is allowed. Units: ns us µs ms s m h d.
/// Errors: bad_usage for a bare number (hint: write 10s or 10ms), an unknown unit, a negative or too large value.
Result<Nanos> parse_duration(std::string_view text);

/// "128MiB", "1GiB", "512MB", "64KiB", "100B": decimal (kB MB GB TB) and binary (KiB MiB GiB TiB) units.
Result<Bytes> parse_bytes(std::string_view text);

/// "50/s", "10/m", "3600/h".
Result<Rate> parse_rate(std::string_view text);

/// "5%", "0.05" -> 0.05. Errors: bad_usage when not a number.
Result<double> parse_fraction(std::string_view text);

/// The exact, shortest duration text that parse_duration reads back: "1.5s", "250ms".
std::string format_duration(Nanos duration);

/// For people: three significant digits with a fitting unit, "1.23 ms". NaN prints "-".
std::string human_seconds(double seconds);
/// For people: binary units, "1.50 GiB".
std::string human_bytes(double bytes);

/// A scale for a whole column: picks the unit from the largest value and keeps it.
struct TimeUnit {
  double factor;          ///< Multiply seconds by this.
  std::string_view name;  ///< "s", "ms", "µs", "ns".
};
TimeUnit time_unit_for(double largest_seconds);

}  // namespace thaw
