#include "bench/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

#include "core/clock.h"
#include "core/process.h"
#include "core/text.h"

namespace thaw {
namespace {

using namespace std::chrono_literals;

constexpr Nanos patience = 2s;

DoctorCheck works(std::string area, std::string name, std::string detail) {
  return {std::move(area), std::move(name), CheckStatus::works, std::move(detail), {}};
}
DoctorCheck limited(std::string area, std::string name, std::string detail, std::string hint) {
  return {std::move(area), std::move(name), CheckStatus::limited, std::move(detail), std::move(hint)};
}
DoctorCheck absent(std::string area, std::string name, std::string detail, std::string hint) {
  return {std::move(area), std::move(name), CheckStatus::absent, std::move(detail), std::move(hint)};
}

std::string first_line(std::string_view text) {
  const auto lines = split_lines(text);
  return lines.empty() ? std::string() : std::string(trim(lines.front()));
}

std::optional<ToolOutput> ask(Argv argv) {
  auto output = run_tool({std::move(argv), {}}, {}, patience);
  if (!output) return std::nullopt;
  return *std::move(output);
}

/// A tool that must exist and answer `argv` with exit code 0.
DoctorCheck tool(std::string name, Argv argv, std::string_view package, std::string_view daemon_hint = {}) {
  if (!find_program(argv.front())) {
    return absent("backend", std::move(name), fmt::format("no program \"{}\" on PATH", argv.front()),
                  fmt::format("apt-get install {}", package));
  }
  const auto output = ask(argv);
  if (output && output->succeeded()) {
    const std::string said = first_line(output->out.empty() ? output->err : output->out);
    return works("backend", std::move(name), said.empty() ? "it runs" : said);
  }
  const std::string said =
      output ? first_line(output->err.empty() ? output->out : output->err) : "it cannot be run";
  return limited("backend", std::move(name), said, std::string(daemon_hint));
}

DoctorCheck check_clock() {
  const Nanos step = clock_resolution();
  if (step <= 100ns)
    return works("time", "monotonic clock", fmt::format("resolution {}", format_duration(step)));
  return limited("time", "monotonic clock", fmt::format("resolution {}", format_duration(step)),
                 "enable high-resolution timers in the kernel");
}

DoctorCheck check_clock_source(const Path& root) {
  const auto source =
      read_file_if_any(root / "sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (!source) return absent("time", "clock source", "the kernel does not tell", "");
  const std::string name(trim(*source));
  if (name == "tsc" || name == "arch_sys_counter" || name == "kvm-clock" ||
      name == "hyperv_clocksource_tsc_page") {
    return works("time", "clock source", name);
  }
  return limited("time", "clock source", name + " (reading it is a slow system call)",
                 "boot with clocksource=tsc if the processor's counter is reliable");
}

DoctorCheck check_spawn() {
  constexpr int count = 20;
  Nanos best = Nanos::max();
  for (int i = 0; i < count; ++i) {
    const Launch launch{.command = {{"/bin/true"}, {}}};
    const auto reports = run_processes(std::span(&launch, 1));
    if (!reports) return absent("time", "process start", reports.error().what, reports.error().hint);
    best = std::min(best, reports->front().wall);
  }
  return works("time", "process start",
               fmt::format("/bin/true takes {} at best: the least a program can show",
                           human_seconds(to_seconds(best))));
}

DoctorCheck check_cpu_time() {
  // The kernel's accounting step shows as the smallest non-zero user time of a short busy program.
  const Launch launch{.command = {{"/bin/sh", "-c", "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done"}, {}}};
  int zeros = 0;
  for (int i = 0; i < 5; ++i) {
    const auto reports = run_processes(std::span(&launch, 1));
    if (reports && reports->front().user + reports->front().system == Nanos(0)) ++zeros;
  }
  if (zeros == 0) return works("time", "user and system time", "short programs show their processor time");
  return limited("time", "user and system time", "counted in timer ticks: short programs show 0 or one tick",
                 "use perf's cpu_clock for programs below 10 ms");
}

DoctorCheck check_governor(const Path& root) {
  const auto governor = read_file_if_any(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (!governor)
    return absent("host", "cpu governor", "this machine does not show frequency scaling",
                  "a virtual machine's frequency is its host's business: look there");
  const std::string name(trim(*governor));
  if (name == "performance") return works("host", "cpu governor", name);
  return limited("host", "cpu governor", name, "cpupower frequency-set -g performance");
}

DoctorCheck check_load() {
  const auto load = read_file_if_any("/proc/loadavg");
  if (!load) return absent("host", "load", "/proc/loadavg cannot be read", "");
  const std::string one(split_fields(*load).front());
  const auto value = parse_number(one);
  const auto processors = static_cast<double>(std::max(1U, std::thread::hardware_concurrency()));
  const std::string detail = fmt::format("{} over one minute on {} processors", one, processors);
  if (value && *value < processors / 2) return works("host", "load", detail);
  return limited("host", "load", detail, "wait until other work has ended, or expect wide intervals");
}

DoctorCheck check_energy(const Path& root) {
  std::error_code error;
  if (std::filesystem::exists(root / "sys/class/powercap/intel-rapl:0/energy_uj", error)) {
    return works("host", "processor energy counter", "RAPL is readable");
  }
  return absent("host", "processor energy counter", "no RAPL counter (virtual machine, or no permission)",
                "measure at the outlet or by the board: backend power");
}

DoctorCheck check_perf() {
  if (!find_program("perf")) {
    return absent("backend", "perf", "no program \"perf\" on PATH", "apt-get install linux-perf");
  }
  const auto output = ask({"perf", "stat", "-x,", "-e", "cycles,cpu-clock,page-faults", "true"});
  if (!output || !output->succeeded()) {
    return limited("backend", "perf", output ? first_line(output->err) : "it cannot be run",
                   "lower /proc/sys/kernel/perf_event_paranoid, or run as root");
  }
  if (output->err.find("<not supported>,,cycles") != std::string::npos) {
    return limited("backend", "perf", "software events only; hardware counters are missing, not 0",
                   "run on bare metal, or let the hypervisor pass the counters through");
  }
  return works("backend", "perf", "hardware and software events");
}

DoctorCheck check_docker() {
  return tool("docker", {"docker", "version", "--format", "server {{.Server.Version}}"}, "docker.io",
              "start dockerd, or set DOCKER_HOST to where it listens");
}

DoctorCheck check_mpip() {
  const auto library = environment_variable("MPIP_LIBRARY");
  constexpr const char* advice = "build mpiP and set MPIP_LIBRARY to the path of libmpiP.so; not in Debian";
  if (!library || library->empty()) return absent("backend", "mpip", "no library of mpiP is named", advice);
  if (::access(library->c_str(), R_OK) != 0) {
    return absent("backend", "mpip", fmt::format("cannot read {}", *library), advice);
  }
  return works("backend", "mpip", *library);
}

DoctorCheck check_power() {
  if (environment_variable("THAW_REDFISH_USER")) {
    return works("backend", "power", "credentials are in the environment; the host is asked when measuring");
  }
  return absent("backend", "power", "no credentials for a Redfish (iLO) service",
                "set THAW_REDFISH_USER and THAW_REDFISH_PASSWORD, or name a 0600 file; see docs/backends.md");
}

DoctorCheck check_temps() {
  DoctorCheck check =
      tool("temps", {"sensors"}, "lm-sensors", "no sensor is readable; a virtual machine has none");
  return check;
}

}  // namespace

std::string_view name_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::works:
      return "works";
    case CheckStatus::limited:
      return "limited";
    case CheckStatus::absent:
      return "absent";
  }
  return "absent";
}

std::vector<DoctorCheck> examine_machine(const Path& sysfs_root) {
  return {
      check_clock(),
      check_clock_source(sysfs_root),
      check_spawn(),
      check_cpu_time(),
      check_governor(sysfs_root),
      check_load(),
      check_energy(sysfs_root),
      works("backend", "local", "always there"),
      works("backend", "inner_time", "always there: reads what the function prints"),
      tool("uname", {"uname", "-a"}, "coreutils"),
      tool("memory, time", {"/usr/bin/time", "--version"}, "time"),
      check_perf(),
      tool("strace", {"strace", "-c", "-o", "/dev/null", "true"}, "strace",
           "allow ptrace: /proc/sys/kernel/yama/ptrace_scope"),
      check_temps(),
      check_docker(),
      tool("ssh", {"ssh", "-V"}, "openssh-client"),
      tool("mpi", {"mpirun", "--version"}, "openmpi-bin"),
      check_mpip(),
      tool("knative", {"kubectl", "version", "--request-timeout=1s"}, "kubernetes-client",
           "no cluster answers; check kubectl config view"),
      tool("fission", {"fission", "version"}, "fission (from its releases; not in Debian)",
           "no cluster answers; or use the backend fission-router"),
      check_power(),
  };
}

}  // namespace thaw
