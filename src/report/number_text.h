#pragma once
// How reports write numbers: a fixed number of significant digits, p-values with their stars, changes in
// percent, values with a unit that fits.

#include <string>
#include <string_view>

namespace thaw {

/// "< 0.001", three decimals below 0.01, else two; "NA" for NaN.
std::string format_p_value(double p);

/// "***" below 0.001, "**" below 0.01, "*" below 0.05, else "".
std::string_view significance_stars(double p);

/// "+23.37 %", two decimals, always with a sign; "NA" when not finite.
std::string format_percent_change(double percent);

/// "1.234": four significant digits, "NA" when not finite.
std::string format_ratio(double ratio);

/// A value for people: times and bytes in the unit that fits it ("411.9 ms"), others with their own unit.
std::string format_with_unit(double value, std::string_view unit);

}  // namespace thaw
