// Facts beyond the classic ones that decide how far a measurement can be trusted: clock frequency, limits, pressure,
// virtualisation, time source.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/text.h"
#include "record/disturbance.h"
#include "record/fact_fields.h"
#include "record/host_context.h"
#include "record/redact.h"

namespace thaw {
namespace {

using Facts = const FactReader&;
constexpr auto boolean = FieldType::boolean;
constexpr auto integer = FieldType::integer;
constexpr auto number = FieldType::number;
constexpr auto text = FieldType::text;

const std::string unlimited = "unlimited";

std::string join(const std::set<std::string>& parts) {
  return thaw::join(std::vector<std::string>(parts.begin(), parts.end()), ", ");
}

// Topology

template <FixedPath path>
FieldValue list_count(Facts facts) {
  const auto list = facts.text(path);
  return list ? maybe(count_listed(*list)) : FieldValue();
}

template <FixedPath pattern>
FieldValue distinct_count(Facts facts) {
  const auto values = distinct(facts, pattern);
  return values.empty() ? FieldValue() : FieldValue(static_cast<std::int64_t>(values.size()));
}

FieldValue core_count(Facts facts) {
  std::set<std::string> cores;
  for (const std::string& path : facts.source().glob("/sys/devices/system/cpu/cpu*/topology/core_id")) {
    const std::string folder = path.substr(0, path.rfind('/'));
    cores.insert(facts.text(folder + "/physical_package_id").value_or("") + ":" +
                 facts.text(path).value_or(""));
  }
  return cores.empty() ? FieldValue() : FieldValue(static_cast<std::int64_t>(cores.size()));
}

template <FixedPath path>
FieldValue truth_in(Facts facts) {
  const auto value = facts.integer(path);
  return value ? FieldValue(*value != 0) : FieldValue();
}

// Frequency

FieldValue all_governors(Facts facts) {
  const auto governors = distinct(facts, "/sys/devices/system/cpu/cpufreq/policy*/scaling_governor");
  return governors.empty() ? FieldValue() : FieldValue(join(governors));
}

FieldValue turbo_enabled(Facts facts) {
  if (const auto no_turbo = facts.integer("/sys/devices/system/cpu/intel_pstate/no_turbo"))
    return *no_turbo == 0;
  const auto boost = facts.integer("/sys/devices/system/cpu/cpufreq/boost");
  return boost ? FieldValue(*boost != 0) : FieldValue();
}

FieldValue idle_driver(Facts facts) {
  return maybe(facts.text("/sys/devices/system/cpu/cpuidle/current_driver"));
}

FieldValue has_invariant_counter(Facts facts) {
  const auto flags = facts.cpu("flags");
  if (!flags) return {};
  const auto names = split_fields(*flags);
  return std::ranges::count(names, "constant_tsc") > 0 && std::ranges::count(names, "nonstop_tsc") > 0;
}

// Control groups. The limit that counts is the smallest on the way up.

/// The processors that one folder's quota is worth; nullopt without a file, infinity without a limit.
std::optional<double> quota_of(Facts facts, const std::string& folder) {
  constexpr double none = std::numeric_limits<double>::infinity();
  if (const auto quota = facts.field(folder + "/cpu.max", 0)) {
    const auto allowed = parse_number(*quota);
    const auto period = parse_number(facts.field(folder + "/cpu.max", 1).value_or(""));
    return allowed && period && *period > 0 ? *allowed / *period : none;
  }
  const auto allowed = facts.integer(folder + "/cpu.cfs_quota_us");
  const auto period = facts.integer(folder + "/cpu.cfs_period_us");
  if (!allowed || !period) return std::nullopt;
  return *allowed > 0 && *period > 0 ? static_cast<double>(*allowed) / static_cast<double>(*period) : none;
}

FieldValue cpu_quota(Facts facts) {
  std::optional<double> smallest;
  for (const std::string& folder : facts.control_groups("cpu")) {
    const auto quota = quota_of(facts, folder);
    if (quota) smallest = std::min(smallest.value_or(*quota), *quota);
  }
  if (!smallest) return {};
  return std::isfinite(*smallest) ? FieldValue(*smallest) : FieldValue(unlimited);
}

/// The smallest integer in files called v1 or v2 of our control groups; "max" and absurd numbers are no limit.
FieldValue smallest_integer(Facts facts, std::string_view controller, std::string_view v1,
                            std::string_view v2) {
  constexpr std::int64_t absurd = std::int64_t{1} << 60;
  std::int64_t smallest = absurd;
  bool has_any = false;
  for (const std::string& folder : facts.control_groups(controller)) {
    for (const std::string_view name : {v1, v2}) {
      const auto limit = facts.text(fmt::format("{}/{}", folder, name));
      if (!limit) continue;
      has_any = true;
      smallest = std::min(smallest, parse_integer(*limit).value_or(absurd));
    }
  }
  if (!has_any) return {};
  return smallest < absurd ? FieldValue(smallest) : FieldValue(unlimited);
}

FieldValue memory_limit(Facts facts) {
  return smallest_integer(facts, "memory", "memory.limit_in_bytes", "memory.max");
}

FieldValue process_limit(Facts facts) { return smallest_integer(facts, "pids", "pids.max", "pids.max"); }

FieldValue group_version(Facts facts) {
  if (!facts.source().file("/proc/self/cgroup")) return {};
  return facts.is_unified("cpu") ? std::int64_t{2} : std::int64_t{1};
}

FieldValue allowed_processors(Facts facts) {
  for (const std::string& folder : facts.control_groups("cpuset")) {
    for (const char* name : {"/cpuset.cpus.effective", "/cpuset.effective_cpus"}) {
      if (auto list = facts.text(folder + name)) return *std::move(list);
    }
  }
  return maybe(facts.value_of("/proc/self/status", "Cpus_allowed_list"));
}

FieldValue open_files_limit(Facts facts) {
  const auto limits = facts.value_of("/proc/self/limits", "Max open files");
  if (!limits) return {};
  const auto fields = split_fields(*limits);
  return fields.empty() ? FieldValue() : maybe(parse_integer(fields[0]));
}

// What happened so far

template <FixedPath path, FixedPath line>
FieldValue pressure_10s(Facts facts) {
  return maybe(facts.pressure(path, line, "avg10"));
}

FieldValue thermal_throttles(Facts facts) { return maybe(read_disturbance(facts).thermal_throttles); }
FieldValue quota_throttled(Facts facts) { return maybe(read_disturbance(facts).quota_throttled_s); }
FieldValue package_energy(Facts facts) { return maybe(read_disturbance(facts).package_energy_j); }

FieldValue steal_share(Facts facts) {
  const Disturbance since_boot = read_disturbance(facts);
  if (!since_boot.steal_s || !since_boot.busy_s || *since_boot.busy_s <= 0) return {};
  return *since_boot.steal_s / *since_boot.busy_s;
}

// Virtualisation

FieldValue is_virtual(Facts facts) {
  const auto flags = facts.cpu("flags");
  if (!flags) return {};
  const auto names = split_fields(*flags);
  return std::ranges::count(names, "hypervisor") > 0;
}

FieldValue container(Facts facts) {
  if (facts.source().file("/.dockerenv")) return std::string("docker");
  if (facts.source().file("/run/.containerenv")) return std::string("podman");
  if (auto kind = facts.text("/run/systemd/container"); kind && !kind->empty()) return *std::move(kind);
  const std::string groups = facts.text("/proc/self/cgroup").value_or("");
  for (const char* kind : {"kubepods", "docker", "lxc"}) {
    if (groups.find(kind) != std::string::npos) return std::string(kind);
  }
  return {};
}

// Settings

template <FixedPath path>
FieldValue choice_in(Facts facts) {
  return maybe(facts.chosen(path));
}

FieldValue mitigations(Facts facts) {
  auto list = nlohmann::ordered_json::object();
  for (const std::string& path : facts.source().glob("/sys/devices/system/cpu/vulnerabilities/*")) {
    if (const auto state = facts.text(path)) list[path.substr(path.rfind('/') + 1)] = *state;
  }
  return list.empty() ? FieldValue() : FieldValue(std::move(list));
}

FieldValue boot_parameters(Facts facts) {
  const auto line = facts.text("/proc/cmdline");
  return line ? FieldValue(redact_text(*line)) : FieldValue();
}

FieldValue operating_system(Facts facts) {
  auto name = facts.value_of("/etc/os-release", "PRETTY_NAME");
  if (name && name->size() >= 2 && name->front() == '"' && name->back() == '"') {
    name = name->substr(1, name->size() - 2);
  }
  return maybe(name);
}

FieldValue clock_step(Facts facts) { return maybe(facts.answers().clock_resolution_s); }

constexpr bool is_volatile = true;

constexpr std::array<HostFact, 50> facts_of_trust{{
    {"topology",
     {"online_processors", "", integer, "Processors switched on",
      list_count<"/sys/devices/system/cpu/online">}},
    {"topology",
     {"packages", "", integer, "Processor packages (sockets)",
      distinct_count<"/sys/devices/system/cpu/cpu*/topology/physical_package_id">}},
    {"topology", {"cores", "", integer, "Cores of all packages", core_count}},
    {"topology",
     {"smt_active", "", boolean, "Two processors share one core",
      truth_in<"/sys/devices/system/cpu/smt/active">}},
    {"topology", {"numa_nodes", "", integer, "Memory nodes", list_count<"/sys/devices/system/node/online">}},
    {"topology",
     {"isolated_processors", "", text, "Processors kept free of other tasks; empty: none",
      text_in<"/sys/devices/system/cpu/isolated">}},
    {"topology",
     {"tickless_processors", "", text, "Processors without a timer tick while one task runs",
      text_in<"/sys/devices/system/cpu/nohz_full">}},
    {"frequency",
     {"driver", "", text, "Frequency driver",
      text_in<"/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver">}},
    {"frequency", {"governors", "", text, "Governors of all processors, each once", all_governors}},
    {"frequency",
     {"energy_preference", "", text, "Energy preference of processor 0",
      text_in<"/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference">}},
    {"frequency",
     {"turbo_enabled", "", boolean, "Frequencies above the rated one are allowed", turbo_enabled}},
    {"frequency",
     {"base_freq_khz", "kHz", integer, "Rated frequency",
      integer_in<"/sys/devices/system/cpu/cpu0/cpufreq/base_frequency">}},
    {"frequency",
     {"hardware_max_freq_khz", "kHz", integer, "Highest frequency of the hardware",
      integer_in<"/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq">}},
    {"frequency", {"idle_driver", "", text, "Driver of the sleep states", idle_driver}},
    {"limits",
     {"cgroup_version", "", integer, "Version of the control groups that limit processors", group_version}},
    {"limits",
     {"cpu_quota_processors", "", number, "Processor time allowed, in processors; or `unlimited`",
      cpu_quota}},
    {"limits", {"allowed_processors", "", text, "List of the processors allowed", allowed_processors}},
    {"limits", {"memory_limit_bytes", "bytes", integer, "Memory allowed; or `unlimited`", memory_limit}},
    {"limits", {"process_limit", "", integer, "Processes allowed; or `unlimited`", process_limit}},
    {"limits", {"open_files_limit", "", integer, "Files that one process may have open", open_files_limit}},
    {"throttling",
     {"thermal_throttles", "", integer, "Times the processors were slowed down by heat since boot",
      thermal_throttles},
     is_volatile},
    {"throttling",
     {"quota_throttled_s", "s", number, "Time the quota stopped our control group", quota_throttled},
     is_volatile},
    {"throttling",
     {"package_energy_j", "J", number, "Energy counter of all packages; readable by root only",
      package_energy},
     is_volatile},
    {"pressure",
     {"cpu_some_percent", "%", number, "Time in which some task waited for a processor, last 10 s",
      pressure_10s<"/proc/pressure/cpu", "some">},
     is_volatile},
    {"pressure",
     {"memory_some_percent", "%", number, "Time in which some task waited for memory, last 10 s",
      pressure_10s<"/proc/pressure/memory", "some">},
     is_volatile},
    {"pressure",
     {"memory_full_percent", "%", number, "Time in which all tasks waited for memory, last 10 s",
      pressure_10s<"/proc/pressure/memory", "full">},
     is_volatile},
    {"pressure",
     {"io_some_percent", "%", number, "Time in which some task waited for a device, last 10 s",
      pressure_10s<"/proc/pressure/io", "some">},
     is_volatile},
    {"pressure",
     {"io_full_percent", "%", number, "Time in which all tasks waited for a device, last 10 s",
      pressure_10s<"/proc/pressure/io", "full">},
     is_volatile},
    {"virtualisation", {"is_virtual", "", boolean, "The processor reports a hypervisor", is_virtual}},
    {"virtualisation",
     {"hypervisor", "", text, "Its kind, where the kernel tells it", text_in<"/sys/hypervisor/type">}},
    {"virtualisation", {"container", "", text, "Kind of container that Thaw runs in", container}},
    {"virtualisation",
     {"steal_share", "", number, "Share of busy processor time given to other guests since boot",
      steal_share},
     is_volatile},
    {"virtualisation",
     {"machine_vendor", "", text, "Maker of the machine", text_in<"/sys/class/dmi/id/sys_vendor">}},
    {"virtualisation",
     {"machine_model", "", text, "Model of the machine", text_in<"/sys/class/dmi/id/product_name">}},
    {"memory_policy",
     {"transparent_hugepages", "", text, "Large pages: always, madvise or never",
      choice_in<"/sys/kernel/mm/transparent_hugepage/enabled">}},
    {"memory_policy",
     {"hugepage_defrag", "", text, "When large pages are made",
      choice_in<"/sys/kernel/mm/transparent_hugepage/defrag">}},
    {"memory_policy",
     {"numa_balancing", "", integer, "kernel.numa_balancing", integer_in<"/proc/sys/kernel/numa_balancing">}},
    {"memory_policy",
     {"page_merging", "", integer, "Equal pages are merged (ksm)", integer_in<"/sys/kernel/mm/ksm/run">}},
    {"memory_policy",
     {"zone_reclaim_mode", "", integer, "vm.zone_reclaim_mode",
      integer_in<"/proc/sys/vm/zone_reclaim_mode">}},
    {"security",
     {"address_randomisation", "", integer, "kernel.randomize_va_space",
      integer_in<"/proc/sys/kernel/randomize_va_space">}},
    {"security",
     {"perf_event_paranoid", "", integer, "kernel.perf_event_paranoid",
      integer_in<"/proc/sys/kernel/perf_event_paranoid">}},
    {"security",
     {"nmi_watchdog", "", integer, "kernel.nmi_watchdog; takes one hardware counter",
      integer_in<"/proc/sys/kernel/nmi_watchdog">}},
    {"security",
     {"mitigations", "", FieldType::object, "State of each known processor vulnerability", mitigations}},
    {"clock",
     {"source", "", text, "Clock that the kernel reads",
      text_in<"/sys/devices/system/clocksource/clocksource0/current_clocksource">}},
    {"clock", {"resolution_s", "s", number, "Smallest step of the monotonic clock", clock_step}},
    {"clock",
     {"has_invariant_counter", "", boolean, "The time-stamp counter keeps its pace in all states",
      has_invariant_counter}},
    {"software", {"operating_system", "", text, "Name of the distribution", operating_system}},
    {"software", {"microcode", "", text, "Revision of the processor's microcode", cpu<"microcode">}},
    {"software",
     {"firmware", "", text, "Version of the firmware", text_in<"/sys/class/dmi/id/bios_version">}},
    {"software", {"boot_parameters", "", text, "The kernel's command line, secrets masked", boot_parameters}},
}};

}  // namespace

std::span<const HostFact> trust_facts() { return facts_of_trust; }

}  // namespace thaw
