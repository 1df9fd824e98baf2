// Temperatures printed by `sensors` of lm-sensors:
//   Package id 0:  +45.0°C  (high = +80.0°C, crit = +100.0°C)
//   Core 3:        +42.0°C  (high = …
// and, on processors that report one control temperature only, "Tctl:  +50.0°C".

#include "bench/extractors/forms.h"
#include "core/text.h"

namespace thaw::extractors {
namespace {

/// "id" in "<label> id:" at the start of the line, if it is a number.
std::optional<std::int64_t> number_after(std::string_view line, std::string_view label) {
  if (!line.starts_with(label)) return std::nullopt;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return parse_integer(trim(line.substr(label.size(), colon - label.size())));
}

/// "+45.0°C" after the colon as "45.0"; nullopt when the sensor gives none ("N/A").
std::optional<std::string> temperature(std::string_view line) {
  const auto fields = split_fields(line.substr(line.find(':') + 1));
  if (fields.empty()) return std::nullopt;
  const std::string_view number = fields[0].substr(0, fields[0].find_first_not_of("+-.0123456789"));
  return parse_number(number) ? std::optional(std::string(number)) : std::nullopt;
}

}  // namespace

WordColumns sensor_temperatures(std::string_view text) {
  WordColumns columns;
  std::int64_t package = 0;
  std::int64_t packages = 0;
  for (const std::string_view line : split_lines(text)) {
    if (const auto id = number_after(line, "Package id ")) {
      package = *id;
      columns.of(fmt::format("package_temp_{}", package)).push_back(temperature(line));
    } else if (const auto core = number_after(line, "Core ")) {
      columns.of(fmt::format("core_temp_{}_{}", package, *core)).push_back(temperature(line));
    } else if (line.starts_with("Tctl:")) {
      columns.of(fmt::format("package_temp_{}", packages++)).push_back(temperature(line));
    }
  }
  return columns;
}

}  // namespace thaw::extractors
