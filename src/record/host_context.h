#pragma once
// The machine a measurement ran on: the facts that decide whether two results may be compared. Read from files and
// system calls without starting a process; a fact that cannot be read is null.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "record/fact_source.h"
#include "record/field_table.h"

namespace thaw {

class FactReader;

/// One fact: its group and key in the context, and how it is read.
struct HostFact {
  std::string_view group;
  Field<FactReader> field;
  bool is_volatile = false;  ///< Changes on an idle machine by itself: not a difference between two machines.
};

/// All facts, in the order of the context.
std::span<const HostFact> host_facts();

/// group -> key -> value, every key present, null when the machine does not tell.
/// Cost: below 5 ms on the local machine.
nlohmann::ordered_json host_context(const FactSource& source);

/// "system.uptime_seconds", …: keys that two records of one machine may differ in.
std::vector<std::string> volatile_facts();

/// Counters that show what disturbed a run: read before and after, and subtract.
struct DisturbanceCounters {
  std::optional<double> steal_s;                ///< Processor time the hypervisor gave to others.
  std::optional<double> busy_s;                 ///< Processor time not idle, all processors.
  std::optional<std::int64_t> throttle_events;  ///< Thermal throttling, all processors.
  std::optional<double> quota_throttled_s;      ///< Time the cgroup's quota stopped us.
  std::optional<double> cpu_pressure_s;         ///< Time in which some task waited for a processor.
  std::optional<std::int64_t> out_of_memory_kills;
};
DisturbanceCounters read_disturbance(const FactSource& source);

/// The growth from `before` to `after` as JSON; null where either is missing.
nlohmann::ordered_json disturbance_between(const DisturbanceCounters& before,
                                           const DisturbanceCounters& after);

}  // namespace thaw
