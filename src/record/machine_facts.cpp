// The 48 facts about a machine, in ten groups. Names and units are those of SHARP's system specification, so that
// records can be compared with its Markdown files.

#include <algorithm>
#include <array>

#include "core/text.h"
#include "record/fact_fields.h"
#include "record/host_context.h"

namespace thaw {
namespace {

using Facts = const FactReader&;
constexpr auto integer = FieldType::integer;
constexpr auto number = FieldType::number;
constexpr auto text = FieldType::text;

constexpr double bytes_per_gib = 1024.0 * 1024 * 1024;
constexpr std::int64_t bytes_per_mib = 1024 * 1024;

// Processor

FieldValue usable_processors(Facts facts) {
  const auto list = facts.value_of("/proc/self/status", "Cpus_allowed_list");
  return list ? maybe(count_listed(*list)) : FieldValue();
}

FieldValue model_name(Facts facts) {
  for (const char* key : {"model name", "cpu model"}) {
    if (auto name = facts.cpu(key)) return *std::move(name);
  }
  // Arm processors give numbers instead of a name.
  const auto part = facts.cpu("CPU part");
  const auto implementer = facts.cpu("CPU implementer");
  if (!part || !implementer) return {};
  return fmt::format("implementer {}, part {}", *implementer, *part);
}

FieldValue cpu_vendor(Facts facts) {
  auto vendor = facts.cpu("vendor_id");
  return maybe(vendor ? vendor : facts.cpu("CPU implementer"));
}

FieldValue cores_per_package(Facts facts) {
  const auto cores = facts.cpu("cpu cores");
  return cores ? maybe(parse_integer(*cores)) : FieldValue();
}

FieldValue cache_size(Facts facts) {
  if (auto size = facts.cpu("cache size")) return *std::move(size);
  const auto levels = facts.source().glob("/sys/devices/system/cpu/cpu0/cache/index*/size");
  auto size = levels.empty() ? std::nullopt : facts.text(levels.back());
  if (size && size->ends_with('K')) size->replace(size->size() - 1, 1, " KB");
  return maybe(size);
}

/// A thousandth of the integer in a file: /sys gives temperatures in millidegrees.
std::optional<double> thousandth(Facts facts, const std::string& path) {
  const auto value = facts.integer(path);
  return value ? std::optional(static_cast<double>(*value) / 1000) : std::nullopt;
}

FieldValue cpu_temperature(Facts facts) {
  const auto labels = facts.source().glob("/sys/class/hwmon/hwmon*/temp*_label");
  for (const std::string_view wanted : {"Package id 0", "Tctl", "Tdie", "Core 0"}) {
    for (const std::string& label : labels) {
      if (facts.text(label) != wanted) continue;
      return maybe(thousandth(facts, label.substr(0, label.rfind("_label")) + "_input"));
    }
  }
  for (const std::string& zone : facts.source().glob("/sys/class/thermal/thermal_zone*/type")) {
    const std::string type = facts.text(zone).value_or("");
    if (type != "x86_pkg_temp" && type != "cpu-thermal" && type != "cpu_thermal") continue;
    return maybe(thousandth(facts, zone.substr(0, zone.rfind('/')) + "/temp"));
  }
  return {};
}

FieldValue fan_speed(Facts facts) {
  const auto fans = facts.source().glob("/sys/class/hwmon/hwmon*/fan*_input");
  return fans.empty() ? FieldValue() : maybe(facts.integer(fans.front()));
}

// Graphics

bool has_nvidia_driver(Facts facts) { return facts.source().file("/proc/driver/nvidia/version").has_value(); }

/// The folder of the first graphics device of which the kernel tells a vendor.
std::optional<std::string> graphics_folder(Facts facts) {
  const auto vendors = facts.source().glob("/sys/class/drm/card*/device/vendor");
  if (vendors.empty()) return std::nullopt;
  return vendors.front().substr(0, vendors.front().rfind('/'));
}

FieldValue gpu_vendor(Facts facts) {
  if (has_nvidia_driver(facts)) return std::string("NVIDIA");
  const auto folder = graphics_folder(facts);
  auto vendor = folder ? facts.text(*folder + "/vendor") : std::nullopt;
  // PCI vendor numbers.
  if (vendor == "0x10de") return std::string("NVIDIA");
  if (vendor == "0x1002") return std::string("AMD");
  if (vendor == "0x8086") return std::string("Intel");
  return maybe(vendor);
}

FieldValue gpu_name(Facts facts) {
  const auto cards = facts.source().glob("/proc/driver/nvidia/gpus/*/information");
  if (!cards.empty()) return maybe(facts.value_of(cards.front(), "Model"));
  const auto folder = graphics_folder(facts);
  return folder ? maybe(facts.text(*folder + "/product_name")) : FieldValue();
}

std::optional<std::int64_t> video_memory(Facts facts, std::string_view kind) {
  const auto folder = graphics_folder(facts);
  if (!folder) return std::nullopt;
  return facts.integer(fmt::format("{}/mem_info_vram_{}", *folder, kind));
}

FieldValue gpu_total_memory(Facts facts) {
  const auto total = video_memory(facts, "total");
  return total ? FieldValue(*total / bytes_per_mib) : FieldValue();
}

FieldValue gpu_free_memory(Facts facts) {
  const auto total = video_memory(facts, "total");
  const auto used = video_memory(facts, "used");
  return total && used ? FieldValue((*total - *used) / bytes_per_mib) : FieldValue();
}

FieldValue gpu_temperature(Facts facts) {
  const auto sensors = facts.source().glob("/sys/class/drm/card*/device/hwmon/hwmon*/temp1_input");
  return sensors.empty() ? FieldValue() : maybe(thousandth(facts, sensors.front()));
}

// Load and system

template <int n>
FieldValue load_average(Facts facts) {
  const auto load = facts.field("/proc/loadavg", n);
  return load ? maybe(parse_number(*load)) : FieldValue();
}

FieldValue root_available(Facts facts) {
  const auto bytes = facts.answers().root_available_bytes;
  return bytes ? FieldValue(static_cast<double>(*bytes) / bytes_per_gib) : FieldValue();
}

FieldValue uptime(Facts facts) {
  const auto seconds = facts.field("/proc/uptime", 0);
  return seconds ? maybe(parse_integer(seconds->substr(0, seconds->find('.')))) : FieldValue();
}

FieldValue process_count(Facts facts) { return maybe(facts.answers().process_count); }
FieldValue architecture(Facts facts) { return maybe(facts.answers().architecture); }

constexpr bool is_volatile = true;

constexpr std::array<HostFact, 48> facts_of_machine{{
    {"cpu", {"processor_count", "", integer, "Processors that Thaw may run on", usable_processors}},
    {"cpu", {"model_name", "", text, "Model, as the first processor tells it", model_name}},
    {"cpu", {"vendor", "", text, "Vendor, as the first processor tells it", cpu_vendor}},
    {"cpu", {"cpu_cores", "", integer, "Cores of one package", cores_per_package}},
    {"cpu", {"cache_size", "", text, "Last level of cache", cache_size}},
    {"cpu",
     {"cpu_temperature_celsius", "°C", number, "Package temperature, else that of the first core",
      cpu_temperature},
     is_volatile},
    {"cpu", {"fan_speed_rpm", "1/min", integer, "First fan", fan_speed}, is_volatile},
    {"cpu",
     {"scaling_governor", "", text, "Frequency governor of processor 0",
      text_in<"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor">}},
    {"cpu",
     {"scaling_min_freq_khz", "kHz", integer, "Lowest frequency allowed",
      integer_in<"/sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq">}},
    {"cpu",
     {"scaling_max_freq_khz", "kHz", integer, "Highest frequency allowed",
      integer_in<"/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq">}},
    {"cpu",
     {"scaling_cur_freq_khz", "kHz", integer, "Frequency when the record was begun",
      integer_in<"/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq">},
     is_volatile},
    {"cpu", {"architecture", "", text, "Instruction set, as uname -m", architecture}},
    {"memory", {"total_memory_kb", "KiB", integer, "Memory", memory<"MemTotal">}},
    {"memory",
     {"available_memory_kb", "KiB", integer, "Memory that programs could get without swapping",
      memory<"MemAvailable">},
     is_volatile},
    {"memory", {"free_memory_kb", "KiB", integer, "Memory not used at all", memory<"MemFree">}, is_volatile},
    {"memory",
     {"cached_memory_kb", "KiB", integer, "Memory that caches files", memory<"Cached">},
     is_volatile},
    {"memory", {"swap_total_kb", "KiB", integer, "Swap space", memory<"SwapTotal">}},
    {"memory", {"swap_free_kb", "KiB", integer, "Swap space not used", memory<"SwapFree">}, is_volatile},
    {"gpu",
     {"vendor", "", text, "Vendor of the first graphics device; a PCI number when unknown", gpu_vendor}},
    {"gpu", {"name", "", text, "Its model, where the driver tells it in a file", gpu_name}},
    {"gpu",
     {"total_memory_mb", "MiB", integer, "Its memory, where the driver tells it in a file",
      gpu_total_memory}},
    {"gpu", {"free_memory_mb", "MiB", integer, "Its memory not used", gpu_free_memory}, is_volatile},
    {"gpu", {"temperature_celsius", "°C", number, "Its temperature", gpu_temperature}, is_volatile},
    {"load_average",
     {"one_minute", "", number, "Tasks running or waiting, mean over one minute", load_average<0>},
     is_volatile},
    {"load_average", {"five_minute", "", number, "The same over five minutes", load_average<1>}, is_volatile},
    {"load_average",
     {"fifteen_minute", "", number, "The same over fifteen minutes", load_average<2>},
     is_volatile},
    {"virtual_memory", {"swappiness", "", integer, "vm.swappiness", integer_in<"/proc/sys/vm/swappiness">}},
    {"virtual_memory",
     {"dirty_ratio", "%", integer, "vm.dirty_ratio", integer_in<"/proc/sys/vm/dirty_ratio">}},
    {"virtual_memory",
     {"dirty_background_ratio", "%", integer, "vm.dirty_background_ratio",
      integer_in<"/proc/sys/vm/dirty_background_ratio">}},
    {"virtual_memory",
     {"overcommit_memory", "", integer, "vm.overcommit_memory",
      integer_in<"/proc/sys/vm/overcommit_memory">}},
    {"virtual_memory",
     {"overcommit_ratio", "%", integer, "vm.overcommit_ratio", integer_in<"/proc/sys/vm/overcommit_ratio">}},
    {"network",
     {"rmem_max", "bytes", integer, "net.core.rmem_max", integer_in<"/proc/sys/net/core/rmem_max">}},
    {"network",
     {"wmem_max", "bytes", integer, "net.core.wmem_max", integer_in<"/proc/sys/net/core/wmem_max">}},
    {"network",
     {"netdev_max_backlog", "", integer, "net.core.netdev_max_backlog",
      integer_in<"/proc/sys/net/core/netdev_max_backlog">}},
    {"network", {"somaxconn", "", integer, "net.core.somaxconn", integer_in<"/proc/sys/net/core/somaxconn">}},
    {"filesystem", {"file_max", "", integer, "fs.file-max", integer_in<"/proc/sys/fs/file-max">}},
    {"filesystem",
     {"root_available_gb", "GiB", number, "Space for users on the file system of /", root_available},
     is_volatile},
    {"kernel", {"version", "", text, "Release, as uname -r", text_in<"/proc/sys/kernel/osrelease">}},
    {"kernel", {"pid_max", "", integer, "kernel.pid_max", integer_in<"/proc/sys/kernel/pid_max">}},
    {"kernel",
     {"threads_max", "", integer, "kernel.threads-max", integer_in<"/proc/sys/kernel/threads-max">}},
    {"scheduler",
     {"autogroup_enabled", "", integer, "kernel.sched_autogroup_enabled",
      integer_in<"/proc/sys/kernel/sched_autogroup_enabled">}},
    {"scheduler",
     {"cfs_bandwidth_slice_us", "µs", integer, "kernel.sched_cfs_bandwidth_slice_us",
      integer_in<"/proc/sys/kernel/sched_cfs_bandwidth_slice_us">}},
    {"scheduler",
     {"rr_timeslice_ms", "ms", integer, "kernel.sched_rr_timeslice_ms",
      integer_in<"/proc/sys/kernel/sched_rr_timeslice_ms">}},
    {"scheduler",
     {"rt_period_us", "µs", integer, "kernel.sched_rt_period_us",
      integer_in<"/proc/sys/kernel/sched_rt_period_us">}},
    {"scheduler",
     {"rt_runtime_us", "µs", integer, "kernel.sched_rt_runtime_us",
      integer_in<"/proc/sys/kernel/sched_rt_runtime_us">}},
    {"system", {"uptime_seconds", "s", integer, "Time since the kernel started", uptime}, is_volatile},
    {"system", {"running_processes", "", integer, "Processes that exist", process_count}, is_volatile},
    {"system", {"hostname", "", text, "Name of the machine", text_in<"/proc/sys/kernel/hostname">}},
}};

}  // namespace

std::span<const HostFact> machine_facts() { return facts_of_machine; }

}  // namespace thaw
