#pragma once
// The machine a measurement ran on: the facts that decide whether two results may be compared. Read from files and
// system calls without starting a process; a fact that cannot be read is null.

#include <nlohmann/json.hpp>
#include <span>
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
  bool is_volatile = false;  ///< Changes by itself, so it is no difference between two machines.
};

/// The 48 facts that records of this kind have always held: processor, memory, kernel settings, …
std::span<const HostFact> machine_facts();
/// What else decides how far a measurement can be trusted: frequency, limits, pressure, virtualisation, …
std::span<const HostFact> trust_facts();

/// group -> key -> value, every key present, null when the machine does not tell.
/// Cost: below 5 ms on the local machine.
nlohmann::ordered_json host_context(const FactSource& source);

/// "system.uptime_seconds", …: facts that two records of one machine may differ in.
std::vector<std::string> volatile_facts();

}  // namespace thaw
