#include "bench/probes/power_meter.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/text.h"

namespace thaw::redfish {
namespace {

using Json = nlohmann::json;

Result<Json> parse_object(std::string_view body) {
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  return fail(ErrorKind::environment, "the answer is no JSON object but '{}'",
              trim(body.substr(0, std::min<std::size_t>(body.find('\n'), 40))));
}

/// The member of an object, or null when it is no object or has none.
const Json& at(const Json& object, const char* key) {
  static const Json null;
  const auto found = object.find(key);
  return found != object.end() ? *found : null;
}

const Json& first_present(const Json& object, const char* key, const char* other_key) {
  const Json& first = at(object, key);
  return first.is_null() ? at(object, other_key) : first;
}

std::optional<double> number(const Json& value) {
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::optional<PowerSample> parse_sample(const Json& detail) {
  const Json& time = at(detail, "Time");
  const auto average = number(at(detail, "Average"));
  if (!time.is_string() || !average) return std::nullopt;
  const auto when = parse_utc(time.get<std::string>());
  if (!when) return std::nullopt;
  return PowerSample{*when, *average, number(at(detail, "Minimum")).value_or(*average),
                     number(first_present(detail, "Peak", "Maximum")).value_or(*average)};
}

PowerSummary summary_of(const std::vector<PowerSample>& samples, TimeSpan span) {
  PowerSummary summary;
  summary.energy = energy_of(samples, span);
  const double duration = to_seconds(span.end - span.start);
  summary.average = duration > 0 ? *summary.energy / duration : samples.front().average;
  summary.minimum = std::ranges::min(samples, {}, &PowerSample::minimum).minimum;
  summary.maximum = std::ranges::max(samples, {}, &PowerSample::peak).peak;
  return summary;
}

std::vector<PowerSample> within(const std::vector<PowerSample>& samples, TimeSpan span) {
  std::vector<PowerSample> inside;
  std::ranges::copy_if(samples, std::back_inserter(inside), [&](const PowerSample& sample) {
    return sample.time >= span.start && sample.time <= span.end;
  });
  return inside;
}

}  // namespace

Result<PowerMeter> parse_power_meter(std::string_view body) {
  THAW_TRY(const Json json, parse_object(body));
  PowerMeter meter;
  meter.average = number(at(json, "Average"));
  meter.maximum = number(at(json, "Maximum"));
  meter.minimum = number(at(json, "Minimum"));
  // "Samples" is a count beside "PowerDetail", or the list itself.
  const Json& details = first_present(json, "PowerDetail", "Samples");
  if (details.is_array()) {
    for (const Json& detail : details) {
      if (const auto sample = parse_sample(detail)) meter.samples.push_back(*sample);
    }
  }
  if (meter.samples.empty() && !meter.average) {
    return fail(ErrorKind::environment, "the answer is no power meter: neither samples nor an average");
  }
  std::ranges::stable_sort(meter.samples, {}, &PowerSample::time);
  return meter;
}

Result<ChassisPower> parse_chassis_power(std::string_view body) {
  THAW_TRY(const Json json, parse_object(body));
  ChassisPower power;
  const Json& controls = at(json, "PowerControl");
  if (controls.is_array() && !controls.empty()) power.watts = number(at(controls[0], "PowerConsumedWatts"));

  const Json& oem = at(json, "Oem");
  const Json& maker = first_present(oem, "Hpe", "Hp");
  const Json& link = at(first_present(maker, "Links", "links"), "FastPowerMeter");
  const Json& path = first_present(link, "@odata.id", "href");
  if (path.is_string()) power.fast_meter = path.get<std::string>();

  if (!power.watts && power.fast_meter.empty()) {
    return fail(ErrorKind::environment,
                "the answer tells no power: neither PowerConsumedWatts nor a power meter");
  }
  return power;
}

double energy_of(const std::vector<PowerSample>& samples, TimeSpan span) {
  double joules = samples.front().average * to_seconds(samples.front().time - span.start) +
                  samples.back().average * to_seconds(span.end - samples.back().time);
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const double mean = (samples[i - 1].average + samples[i].average) / 2;
    joules += mean * to_seconds(samples[i].time - samples[i - 1].time);
  }
  return joules;
}

PowerSummary summarize_power(const PowerMeter& meter, const std::vector<PowerSample>& polled, TimeSpan span) {
  const auto inside = within(meter.samples, span);
  if (inside.size() >= 2) return summary_of(inside, span);

  const auto seen = within(polled, span);
  if (!seen.empty()) {
    PowerSummary summary = summary_of(seen, span);
    summary.note =
        fmt::format("{} of the power meter's samples fell into the run: power is from {} polled value{}",
                    inside.size(), seen.size(), seen.size() == 1 ? "" : "s");
    return summary;
  }

  PowerSummary summary;
  summary.average = meter.average;
  summary.maximum = meter.maximum;
  summary.minimum = meter.minimum;
  if (meter.average) summary.energy = *meter.average * to_seconds(span.end - span.start);
  summary.note =
      fmt::format("{} of the power meter's samples fell into the run: power is {}", inside.size(),
                  meter.average ? "its figure over its whole history, not the run's" : "not known");
  return summary;
}

void ClockOffset::add(WallTime asked, WallTime received, WallTime date) {
  const Nanos least = date - received;
  const Nanos most = date + std::chrono::seconds(1) - asked;
  // Bounds that exclude each other mean that a clock was set in between: the later ones hold.
  const bool narrows = is_known_ && least <= most_ && most >= least_;
  least_ = narrows ? std::max(least, least_) : least;
  most_ = narrows ? std::min(most, most_) : most;
  is_known_ = true;
}

Nanos ClockOffset::value() const {
  const bool may_agree = least_ <= Nanos::zero() && most_ >= Nanos::zero();
  return !is_known_ || may_agree ? Nanos::zero() : least_ + (most_ - least_) / 2;
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto fields = split_fields(text);
  if (fields.size() != 6 || fields[5] != "GMT") return std::nullopt;
  const auto month = std::ranges::find(months, fields[2]);
  if (month == months.end()) return std::nullopt;
  const auto utc =
      parse_utc(fmt::format("{}-{:02}-{}T{}Z", fields[3], month - months.begin() + 1, fields[1], fields[4]));
  return utc ? std::optional(*utc) : std::nullopt;
}

}  // namespace thaw::redfish
