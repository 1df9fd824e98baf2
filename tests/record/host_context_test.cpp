#include "record/host_context.h"

#include <gmock/gmock.h>

#include <set>

#include "core/clock.h"
#include "record/fact_tree.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;

const SystemAnswers answers{.architecture = "x86_64",
                            .process_count = 321,
                            .root_available_bytes = 5LL << 29,
                            .ticks_per_second = 100,
                            .clock_resolution_s = 1e-9};

/// The workstation's context, in dotted keys.
const Json& context() {
  static const Json json = host_context(LocalFacts(workstation(), answers));
  return json;
}

TEST(MachineFacts, AreThe48OfTheirTenGroups) {
  std::vector<std::string> groups;
  for (const HostFact& fact : machine_facts()) {
    if (groups.empty() || groups.back() != fact.group) groups.emplace_back(fact.group);
  }

  EXPECT_EQ(machine_facts().size(), 48U);
  EXPECT_THAT(groups, ElementsAre("cpu", "memory", "gpu", "load_average", "virtual_memory", "network",
                                  "filesystem", "kernel", "scheduler", "system"));
}

TEST(HostContext, HasEveryFactOnce) {
  std::set<std::string> keys;
  for (const auto facts : {machine_facts(), trust_facts()}) {
    for (const HostFact& fact : facts) {
      EXPECT_TRUE(keys.insert(fmt::format("{}.{}", fact.group, fact.field.name)).second) << fact.field.name;
      EXPECT_TRUE(context().at(std::string(fact.group)).contains(std::string(fact.field.name)));
    }
  }
}

TEST(HostContext, ReadsTheProcessor) {
  EXPECT_EQ(context()["cpu"], Json::parse(R"({
    "processor_count": 4, "model_name": "AMD Ryzen 7 5800X 8-Core Processor", "vendor": "AuthenticAMD",
    "cpu_cores": 8, "cache_size": "512 KB", "cpu_temperature_celsius": 52.625, "fan_speed_rpm": 1180,
    "scaling_governor": "performance", "scaling_min_freq_khz": 2200000, "scaling_max_freq_khz": 3800000,
    "scaling_cur_freq_khz": 3799000, "architecture": "x86_64"})"));
}

TEST(HostContext, ReadsTheMemory) {
  EXPECT_EQ(context()["memory"], Json::parse(R"({"total_memory_kb": 32780156, "available_memory_kb": 25678900,
    "free_memory_kb": 1204340, "cached_memory_kb": 20123456, "swap_total_kb": 2097148, "swap_free_kb": 2097140})"));
}

TEST(HostContext, ReadsAGraphicsDeviceWithoutItsTools) {
  EXPECT_EQ(context()["gpu"],
            Json::parse(R"({"vendor": "AMD", "name": "Radeon RX 6600", "total_memory_mb": 8176,
    "free_memory_mb": 7176, "temperature_celsius": 47.0})"));
}

TEST(HostContext, ReadsLoadKernelAndSystem) {
  EXPECT_EQ(context()["load_average"],
            Json::parse(R"({"one_minute": 0.52, "five_minute": 0.58, "fifteen_minute": 0.59})"));
  EXPECT_EQ(context()["filesystem"],
            Json::parse(R"({"file_max": 9223372036854775807, "root_available_gb": 2.5})"));
  EXPECT_EQ(context()["kernel"],
            Json::parse(R"({"version": "6.1.0-28-amd64", "pid_max": 4194304, "threads_max": 255771})"));
  EXPECT_EQ(context()["system"],
            Json::parse(R"({"uptime_seconds": 86461, "running_processes": 321, "hostname": "workstation"})"));
}

TEST(HostContext, ReadsKernelSettings) {
  EXPECT_EQ(context()["virtual_memory"],
            Json::parse(
                R"({"swappiness": 10, "dirty_ratio": 20, "dirty_background_ratio": 5, "overcommit_memory": 1,
    "overcommit_ratio": 50})"));
  EXPECT_EQ(
      context()["network"],
      Json::parse(
          R"({"rmem_max": 212992, "wmem_max": 212993, "netdev_max_backlog": 1000, "somaxconn": 4096})"));
  EXPECT_EQ(context()["scheduler"],
            Json::parse(R"({"autogroup_enabled": 1, "cfs_bandwidth_slice_us": 5000, "rr_timeslice_ms": 100,
    "rt_period_us": 1000000, "rt_runtime_us": 950000})"));
}

TEST(HostContext, ReadsTopologyAndFrequency) {
  EXPECT_EQ(
      context()["topology"],
      Json::parse(R"({"online_processors": 4, "packages": 1, "cores": 2, "smt_active": true, "numa_nodes": 1,
    "isolated_processors": "", "tickless_processors": "2-3"})"));
  EXPECT_EQ(context()["frequency"],
            Json::parse(R"({"driver": "acpi-cpufreq", "governors": "performance, powersave",
    "energy_preference": "performance", "turbo_enabled": true, "base_freq_khz": 3800000,
    "hardware_max_freq_khz": 4850000, "idle_driver": "acpi_idle"})"));
}

TEST(HostContext, TakesTheSmallestLimitOnTheWayUp) {
  EXPECT_EQ(context()["limits"], Json::parse(R"({"cgroup_version": 2, "cpu_quota_processors": 1.5,
    "allowed_processors": "0-2", "memory_limit_bytes": 8589934592, "process_limit": 512, "open_files_limit": 1024})"));
}

TEST(HostContext, ReadsWhatDisturbs) {
  EXPECT_EQ(
      context()["throttling"],
      Json::parse(R"({"thermal_throttles": 10, "quota_throttled_s": 1.5, "package_energy_j": 1000.0})"));
  EXPECT_EQ(
      context()["pressure"],
      Json::parse(R"({"cpu_some_percent": 1.63, "memory_some_percent": 0.25, "memory_full_percent": 0.13,
    "io_some_percent": 4.0, "io_full_percent": 3.0})"));
}

TEST(HostContext, MasksSecretsInBootParameters) {
  EXPECT_EQ(context()["software"]["boot_parameters"], "BOOT_IMAGE=/vmlinuz root=/dev/sda1 api_key=*** quiet");
}

TEST(HostContext, SaysThatTheMachineIsNotVirtual) {
  EXPECT_EQ(context()["virtualisation"]["is_virtual"], false);
}

TEST(HostContext, IsNullThroughoutWhereNothingCanBeRead) {
  const FactTree empty;

  const Json flat = host_context(empty.facts()).flatten();
  for (const auto& [key, value] : flat.items()) {
    EXPECT_TRUE(value.is_null()) << key;
  }
}

TEST(HostContext, ReadsOldControlGroups) {
  FactTree tree;
  tree.with("/proc/self/cgroup", "4:cpu,cpuacct:/a/b\n3:memory:/a\n0::/")
      .with("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1")
      .with("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000")
      .with("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "50000")
      .with("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000")
      .with("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712");

  const Json limits = host_context(tree.facts())["limits"];

  EXPECT_EQ(limits["cgroup_version"], 1);
  EXPECT_EQ(limits["cpu_quota_processors"], 0.5);
  EXPECT_EQ(limits["memory_limit_bytes"], "unlimited");
}

TEST(HostContext, ReadsTheTurboSwitchOfIntelDrivers) {
  FactTree tree;
  tree.with("/sys/devices/system/cpu/intel_pstate/no_turbo", "1");

  EXPECT_EQ(host_context(tree.facts())["frequency"]["turbo_enabled"], false);
}

TEST(HostContext, FallsBackToAThermalZone) {
  FactTree tree;
  tree.with("/sys/class/thermal/thermal_zone0/type", "acpitz")
      .with("/sys/class/thermal/thermal_zone0/temp", "27800")
      .with("/sys/class/thermal/thermal_zone1/type", "x86_pkg_temp")
      .with("/sys/class/thermal/thermal_zone1/temp", "61000");

  EXPECT_EQ(host_context(tree.facts())["cpu"]["cpu_temperature_celsius"], 61.0);
}

TEST(HostContext, NamesArmProcessorsByTheirNumbers) {
  FactTree tree;
  tree.with("/proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c")
      .with("/sys/devices/system/cpu/cpu0/cache/index0/size", "64K")
      .with("/sys/devices/system/cpu/cpu0/cache/index2/size", "1024K");

  const Json cpu = host_context(tree.facts())["cpu"];

  EXPECT_EQ(cpu["model_name"], "implementer 0x41, part 0xd0c");
  EXPECT_EQ(cpu["vendor"], "0x41");
  EXPECT_EQ(cpu["cache_size"], "1024 KB");
}

TEST(HostContext, ReadsTheFilesOfTheNvidiaDriver) {
  FactTree tree;
  tree.with("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01")
      .with("/proc/driver/nvidia/gpus/0000:01:00.0/information",
            "Model: \t\t NVIDIA A100-SXM4-40GB\nIRQ:   \t\t 42");

  const Json gpu = host_context(tree.facts())["gpu"];

  EXPECT_EQ(gpu["vendor"], "NVIDIA");
  EXPECT_EQ(gpu["name"], "NVIDIA A100-SXM4-40GB");
  EXPECT_TRUE(gpu["total_memory_mb"].is_null());
}

TEST(HostContext, TellsTheContainerItRunsIn) {
  FactTree tree;
  tree.with("/run/.containerenv", "");

  EXPECT_EQ(host_context(tree.facts())["virtualisation"]["container"], "podman");
}

TEST(HostContext, KnowsTheMachineItRunsOn) {
  const Json here = host_context(LocalFacts());

  EXPECT_GT(here["cpu"]["processor_count"], 0);
  EXPECT_GT(here["memory"]["total_memory_kb"], 0);
  EXPECT_GT(here["filesystem"]["root_available_gb"], 0);
  EXPECT_FALSE(here["system"]["hostname"].get<std::string>().empty());
}

TEST(HostContext, CostsLessThanFiveMilliseconds) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr auto limit = std::chrono::milliseconds(100);
#else
  constexpr auto limit = std::chrono::milliseconds(5);
#endif
  Nanos fastest = Nanos::max();
  for (int i = 0; i < 20; ++i) {
    const MonotonicTime start = system_clock().now();
    host_context(LocalFacts());
    fastest = std::min<Nanos>(fastest, system_clock().now() - start);
  }

  EXPECT_LT(fastest, limit);
}

TEST(VolatileFacts, AreFactsThatExist) {
  for (const std::string& key : volatile_facts()) {
    const std::size_t dot = key.find('.');
    EXPECT_TRUE(context().at(key.substr(0, dot)).contains(key.substr(dot + 1))) << key;
  }
}

TEST(VolatileFacts, HoldWhatChangesByItself) {
  EXPECT_THAT(volatile_facts(), testing::IsSupersetOf({"system.uptime_seconds", "load_average.one_minute",
                                                       "memory.free_memory_kb"}));
}

}  // namespace
}  // namespace thaw
