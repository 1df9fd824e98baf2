#pragma once
// What disturbs a measurement, as counters that only grow: read them before and after it, and subtract.

#include <cstdint>
#include <optional>

#include "record/fact_reader.h"
#include "record/field_table.h"

namespace thaw {

struct Disturbance {
  std::optional<double> steal_s;  ///< Processor time that the hypervisor gave to others.
  std::optional<double> busy_s;   ///< Processor time not idle, of all processors, stolen time included.
  std::optional<std::int64_t> thermal_throttles;
  std::optional<double> quota_throttled_s;  ///< Time in which the control group's quota stopped us.
  std::optional<double> cpu_waiting_s;      ///< Time in which some task waited for a processor.
  std::optional<std::int64_t> out_of_memory_kills;
  std::optional<double> package_energy_j;  ///< Of all processor packages.
};

/// The counters now. Cost: well below 1 ms.
Disturbance read_disturbance(const FactReader& facts);
inline Disturbance read_disturbance(const FactSource& source) { return read_disturbance(FactReader(source)); }

/// What happened between two readings; missing where either is, or where a counter started again from 0.
Disturbance operator-(const Disturbance& after, const Disturbance& before);

/// The counters as they stand in run.json.
FieldTable<Disturbance> disturbance_fields();

}  // namespace thaw
