#pragma once
// The bodies that a Redfish service answers about electric power, and what a run's power and energy follow from them.
// Nothing here touches the network.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/error.h"

namespace thaw::redfish {

/// One entry of a power meter's history: typically 10 s.
struct PowerSample {
  WallTime time;
  double average = 0;  ///< W, as the rest.
  double minimum = 0;
  double peak = 0;
};

/// A power meter: its history, and the figures over all of that.
struct PowerMeter {
  std::vector<PowerSample> samples;  ///< By time.
  std::optional<double> average, maximum, minimum;
};

/// Reads an HpePowerMeter resource: `PowerDetail` with Time, Average, Minimum, Peak, or the other layout in which
/// the list is called `Samples` and the peak `Maximum`. Samples without time or average are left out.
/// Errors: environment, for what is no such resource.
Result<PowerMeter> parse_power_meter(std::string_view body);

/// What matters of a chassis' Power resource.
struct ChassisPower {
  std::optional<double> watts;  ///< PowerControl[0].PowerConsumedWatts.
  std::string fast_meter;       ///< Path of the fast power meter; empty when there is none.
};
/// Reads iLO 5 and 6 (`Oem.Hpe`, `Links`, `@odata.id`), iLO 4 (`Oem.Hp`, `links`, `href`) and plain Redfish.
/// Errors: environment, for what is no such resource.
Result<ChassisPower> parse_chassis_power(std::string_view body);

/// From when to when, on the clock of the samples.
struct TimeSpan {
  WallTime start, end;
};

/// The power of a run.
struct PowerSummary {
  std::optional<double> average;  ///< W: energy divided by duration.
  std::optional<double> maximum, minimum;
  std::optional<double> energy;  ///< J
  std::string note;              ///< How this was found when not from the meter's samples; empty otherwise.
};

/// Energy by the trapezoid rule over the samples within the span, the first and last of them held to its ends.
/// REQUIRES: at least one sample, all within the span, by time.
double energy_of(const std::vector<PowerSample>& samples, TimeSpan span);

/// The best there is: two or more of the meter's samples within the span; else the powers polled during the run; else
/// the meter's figures over its whole history.
PowerSummary summarize_power(const PowerMeter& meter, const std::vector<PowerSample>& polled, TimeSpan span);

/// How far the service's clock is ahead of ours, from the Date of its answers. Each answer bounds the difference by
/// when it was asked for and received (Cristian 1989) and by the second that the Date is cut to; several answers bound
/// it more closely.
class ClockOffset {
 public:
  void add(WallTime asked, WallTime received, WallTime date);
  /// 0 when the clocks may agree (or nothing is known), else the middle of the bounds.
  [[nodiscard]] Nanos value() const;

 private:
  bool is_known_ = false;
  Nanos least_{}, most_{};
};

/// "Sun, 06 Nov 1994 08:49:37 GMT" of a Date header (RFC 9110, section 5.6.7); nullopt for anything else.
std::optional<WallTime> parse_http_date(std::string_view text);

}  // namespace thaw::redfish
