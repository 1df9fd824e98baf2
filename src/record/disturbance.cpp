#include "record/disturbance.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace thaw {
namespace {

/// The line "cpu" of /proc/stat: user nice system idle iowait irq softirq steal guest guest_nice, in ticks; guest time
/// is already part of user and nice (proc(5)).
void read_processor_times(const FactReader& facts, Disturbance& counters) {
  const auto line = facts.value_of("/proc/stat", "cpu");
  const auto ticks = facts.answers().ticks_per_second;
  if (!line || !ticks || *ticks <= 0) return;
  constexpr std::size_t idle = 3, iowait = 4, steal = 7;
  const auto fields = split_fields(*line);
  if (fields.size() <= steal) return;
  double busy = 0;
  for (std::size_t i = 0; i <= steal; ++i) {
    const double seconds = parse_number(fields[i]).value_or(0) / static_cast<double>(*ticks);
    if (i == steal) counters.steal_s = seconds;
    if (i != idle && i != iowait) busy += seconds;
  }
  counters.busy_s = busy;
}

std::optional<std::int64_t> sum_of(const FactReader& facts, std::string_view pattern) {
  std::optional<std::int64_t> sum;
  for (const std::string& path : facts.source().glob(pattern)) {
    if (const auto value = facts.integer(path)) sum = sum.value_or(0) + *value;
  }
  return sum;
}

/// nr_periods, nr_throttled, and throttled_usec (version 2) or throttled_time in ns (version 1).
std::optional<double> quota_throttled(const FactReader& facts) {
  std::optional<double> longest;
  for (const std::string& folder : facts.control_groups("cpu")) {
    const std::string file = folder + "/cpu.stat";
    std::optional<double> seconds;
    if (const auto micros = facts.value_of(file, "throttled_usec")) {
      seconds = parse_number(*micros).value_or(0) * 1e-6;
    } else if (const auto nanos = facts.value_of(file, "throttled_time")) {
      seconds = parse_number(*nanos).value_or(0) * 1e-9;
    }
    // A quota may sit on any group above us.
    if (seconds) longest = std::max(longest.value_or(0), *seconds);
  }
  return longest;
}

std::optional<double> package_energy(const FactReader& facts) {
  std::optional<double> joules;
  for (const std::string& path : facts.source().glob("/sys/class/powercap/intel-rapl:*/energy_uj")) {
    // "intel-rapl:0" is a package, "intel-rapl:0:0" a part of it.
    if (std::count(path.begin(), path.end(), ':') != 1) continue;
    if (const auto micros = facts.integer(path))
      joules = joules.value_or(0) + static_cast<double>(*micros) * 1e-6;
  }
  return joules;
}

template <class T>
std::optional<T> growth(const std::optional<T>& after, const std::optional<T>& before) {
  if (!after || !before || *after < *before) return std::nullopt;
  return *after - *before;
}

using Counters = const Disturbance&;

constexpr std::array<Field<Disturbance>, 7> fields{{
    {"steal_s", "s", FieldType::number, "Processor time that the hypervisor gave to other guests",
     [](Counters c) { return maybe(c.steal_s); }},
    {"busy_s", "s", FieldType::number, "Processor time not idle, of all processors",
     [](Counters c) { return maybe(c.busy_s); }},
    {"thermal_throttles", "", FieldType::integer, "Times a processor was slowed down by heat",
     [](Counters c) { return maybe(c.thermal_throttles); }},
    {"quota_throttled_s", "s", FieldType::number, "Time in which the control group's quota stopped its tasks",
     [](Counters c) { return maybe(c.quota_throttled_s); }},
    {"cpu_waiting_s", "s", FieldType::number, "Time in which some task waited for a processor",
     [](Counters c) { return maybe(c.cpu_waiting_s); }},
    {"out_of_memory_kills", "", FieldType::integer, "Processes killed because memory ran out",
     [](Counters c) { return maybe(c.out_of_memory_kills); }},
    {"package_energy_j", "J", FieldType::number, "Energy of all processor packages",
     [](Counters c) { return maybe(c.package_energy_j); }},
}};

}  // namespace

Disturbance read_disturbance(const FactReader& facts) {
  Disturbance counters;
  read_processor_times(facts, counters);
  counters.thermal_throttles =
      sum_of(facts, "/sys/devices/system/cpu/cpu*/thermal_throttle/core_throttle_count");
  counters.quota_throttled_s = quota_throttled(facts);
  if (const auto micros = facts.pressure("/proc/pressure/cpu", "some", "total")) {
    counters.cpu_waiting_s = *micros * 1e-6;
  }
  if (const auto kills = facts.value_of("/proc/vmstat", "oom_kill")) {
    counters.out_of_memory_kills = parse_integer(*kills);
  }
  counters.package_energy_j = package_energy(facts);
  return counters;
}

Disturbance operator-(const Disturbance& after, const Disturbance& before) {
  return {.steal_s = growth(after.steal_s, before.steal_s),
          .busy_s = growth(after.busy_s, before.busy_s),
          .thermal_throttles = growth(after.thermal_throttles, before.thermal_throttles),
          .quota_throttled_s = growth(after.quota_throttled_s, before.quota_throttled_s),
          .cpu_waiting_s = growth(after.cpu_waiting_s, before.cpu_waiting_s),
          .out_of_memory_kills = growth(after.out_of_memory_kills, before.out_of_memory_kills),
          .package_energy_j = growth(after.package_energy_j, before.package_energy_j)};
}

FieldTable<Disturbance> disturbance_fields() { return fields; }

}  // namespace thaw
