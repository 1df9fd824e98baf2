#include "report/number_text.h"

#include <fmt/format.h>

#include <cmath>

#include "core/text.h"
#include "core/units.h"
#include "record/dataset.h"

namespace thaw {

std::string format_p_value(double p) {
  if (!std::isfinite(p)) return "NA";
  if (p < 0.001) return "< 0.001";
  return p < 0.01 ? fmt::format("{:.3f}", p) : fmt::format("{:.2f}", p);
}

std::string_view significance_stars(double p) {
  if (p < 0.001) return "***";
  if (p < 0.01) return "**";
  return p < 0.05 ? "*" : "";
}

std::string format_percent_change(double percent) {
  return std::isfinite(percent) ? fmt::format("{:+.2f} %", percent) : "NA";
}

std::string format_ratio(double ratio) { return format_significant(ratio, 4); }

std::string format_with_unit(double value, std::string_view unit) {
  if (!std::isfinite(value)) return "NA";
  if (const auto factor = seconds_per(unit)) return human_seconds(value * *factor);
  if (unit == "bytes" || unit == "B") return human_bytes(value);
  const std::string number = format_significant(value, 4);
  return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

}  // namespace thaw
