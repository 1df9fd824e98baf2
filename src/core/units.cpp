#include "core/units.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "core/text.h"

namespace thaw {
namespace {

struct NamedFactor {
  std::string_view name;
  double factor;
};

constexpr std::array duration_units = {
    NamedFactor{"ns", 1},     NamedFactor{"us", 1e3},   NamedFactor{"µs", 1e3},
    NamedFactor{"ms", 1e6},   NamedFactor{"s", 1e9},    NamedFactor{"m", 60e9},
    NamedFactor{"min", 60e9}, NamedFactor{"h", 3600e9}, NamedFactor{"d", 86400e9}};

constexpr std::array byte_units = {NamedFactor{"B", 1},
                                   NamedFactor{"kB", 1e3},
                                   NamedFactor{"KB", 1e3},
                                   NamedFactor{"MB", 1e6},
                                   NamedFactor{"GB", 1e9},
                                   NamedFactor{"TB", 1e12},
                                   NamedFactor{"KiB", 1024.0},
                                   NamedFactor{"MiB", 1048576.0},
                                   NamedFactor{"GiB", 1073741824.0},
                                   NamedFactor{"TiB", 1099511627776.0}};

template <std::size_t N>
std::optional<double> factor_of(const std::array<NamedFactor, N>& units, std::string_view name) {
  for (const NamedFactor& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

constexpr bool is_number_char(char c) { return (c >= '0' && c <= '9') || c == '.'; }

/// The longest prefix that looks like a non-negative decimal number.
std::string_view number_prefix(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_number_char(text[length])) ++length;
  return text.substr(0, length);
}

tl::unexpected<Error> bad_value(std::string_view kind, std::string_view text, std::string hint) {
  return fail_at(ErrorKind::bad_usage, fmt::format("{} \"{}\" cannot be read", kind, text), {},
                 std::move(hint));
}

constexpr double largest = 9.2e18;

}  // namespace

Result<Nanos> parse_duration(std::string_view text) {
  const std::string_view whole = trim(text);
  if (whole == "0") return Nanos{0};
  if (whole.empty()) return bad_value("duration", text, "write for example 250ms, 1.5s, 10m or 2h");
  if (whole.front() == '-') return bad_value("duration", text, "a duration is not negative");
  double total = 0;
  for (std::string_view rest = whole; !rest.empty();) {
    const std::string_view digits = number_prefix(rest);
    const auto value = parse_number(digits);
    if (!value) return bad_value("duration", text, "write for example 250ms, 1.5s, 10m or 2h");
    rest.remove_prefix(digits.size());
    std::size_t length = 0;
    while (length < rest.size() && !is_number_char(rest[length])) ++length;
    const std::string_view unit = trim(rest.substr(0, length));
    if (unit.empty()) return bad_value("duration", text, fmt::format("write {0}s or {0}ms", digits));
    const auto factor = factor_of(duration_units, unit);
    if (!factor)
      return bad_value("duration", text,
                       fmt::format("\"{}\" is no unit; use ns, us, ms, s, m, h or d", unit));
    total += *value * *factor;
    rest.remove_prefix(length);
  }
  if (total > largest) return bad_value("duration", text, "the longest duration is about 292 years");
  return Nanos{static_cast<std::int64_t>(std::llround(total))};
}

Result<Bytes> parse_bytes(std::string_view text) {
  const std::string_view whole = trim(text);
  if (whole == "0") return Bytes{0};
  const std::string_view digits = number_prefix(whole);
  const auto value = parse_number(digits);
  if (!value) return bad_value("memory size", text, "write for example 128MiB, 512MB or 1GiB");
  const std::string_view unit = trim(whole.substr(digits.size()));
  if (unit.empty()) return bad_value("memory size", text, fmt::format("write {0}MiB or {0}MB", digits));
  const auto factor = factor_of(byte_units, unit);
  if (!factor) {
    return bad_value("memory size", text,
                     fmt::format("\"{}\" is no unit; use B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", unit));
  }
  if (*value * *factor > largest) return bad_value("memory size", text, "this is more than any machine has");
  return Bytes{static_cast<std::int64_t>(std::llround(*value * *factor))};
}

Result<Rate> parse_rate(std::string_view text) {
  const std::string_view whole = trim(text);
  const std::size_t slash = whole.find('/');
  const auto value = parse_number(whole.substr(0, slash));
  if (!value || *value < 0) return bad_value("rate", text, "write for example 50/s, 10/m or 3600/h");
  if (slash == std::string_view::npos) return bad_value("rate", text, fmt::format("write {}/s", whole));
  const auto factor = factor_of(duration_units, whole.substr(slash + 1));
  if (!factor) return bad_value("rate", text, "after the slash comes s, m, h or d");
  return Rate{*value / (*factor / 1e9)};
}

Result<double> parse_fraction(std::string_view text) {
  std::string_view whole = trim(text);
  const bool percent = !whole.empty() && whole.back() == '%';
  if (percent) whole.remove_suffix(1);
  const auto value = parse_number(trim(whole));
  if (!value) return bad_value("fraction", text, "write for example 0.05 or 5%");
  return percent ? *value / 100 : *value;
}

std::string format_duration(Nanos duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0";
  struct Step {
    std::int64_t size;
    std::string_view name;
  };
  constexpr std::array steps = {Step{1'000'000'000, "s"}, Step{1'000'000, "ms"}, Step{1'000, "us"}};
  for (const Step& step : steps) {
    if (count % step.size == 0) return fmt::format("{}{}", count / step.size, step.name);
    // Up to three decimals stay readable and exact: 1.5s, 2.25ms.
    if (count > step.size && (count % step.size) % (step.size / 1000) == 0) {
      return fmt::format("{}{}", format_number(static_cast<double>(count) / static_cast<double>(step.size)),
                         step.name);
    }
  }
  return fmt::format("{}ns", count);
}

TimeUnit time_unit_for(double largest_seconds) {
  const double magnitude = std::fabs(largest_seconds);
  if (magnitude >= 1 || magnitude == 0) return {1, "s"};
  if (magnitude >= 1e-3) return {1e3, "ms"};
  if (magnitude >= 1e-6) return {1e6, "µs"};
  return {1e9, "ns"};
}

std::string human_seconds(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  const TimeUnit unit = time_unit_for(seconds);
  return fmt::format("{} {}", format_significant(seconds * unit.factor, 4), unit.name);
}

std::string human_bytes(double bytes) {
  if (!std::isfinite(bytes)) return "-";
  constexpr std::array<std::string_view, 5> names = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t i = 0;
  while (std::fabs(bytes) >= 1024 && i + 1 < names.size()) {
    bytes /= 1024;
    ++i;
  }
  return fmt::format("{} {}", format_significant(bytes, 4), names[i]);
}

}  // namespace thaw
