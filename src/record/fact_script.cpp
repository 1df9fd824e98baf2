// The script that prints the facts of another machine. What it prints:
//
//   thaw-facts 1 ROOT              first line; ROOT is put before every path, usually empty
//   architecture x86_64            answers, one on each line
//   file /proc/cpuinfo             the files whose content follows, in this order
//   contents
//   /proc/cpuinfo:processor : 0    one line of a file, with its path before it
//   thaw-facts end

#include "core/shell.h"
#include "record/fact_source.h"

namespace thaw {
namespace {

constexpr std::string_view script = R"sh(exec 2>/dev/null
LC_ALL=C; export LC_ALL
cpu=$r/sys/devices/system/cpu
set -- "$r"/proc/cpuinfo "$r"/proc/meminfo "$r"/proc/loadavg "$r"/proc/uptime "$r"/proc/stat "$r"/proc/cmdline \
  "$r"/proc/vmstat "$r"/proc/pressure/* "$r"/proc/self/status "$r"/proc/self/cgroup "$r"/proc/self/limits \
  "$r"/proc/sys/net/core/rmem_max "$r"/proc/sys/net/core/wmem_max "$r"/proc/sys/net/core/somaxconn \
  "$r"/proc/sys/net/core/netdev_max_backlog "$r"/proc/sys/fs/file-max "$r"/etc/os-release "$r"/.dockerenv \
  "$r"/run/.containerenv "$r"/run/systemd/container "$r"/sys/hypervisor/type "$r"/sys/class/dmi/id/sys_vendor \
  "$r"/sys/class/dmi/id/product_name "$r"/sys/class/dmi/id/bios_version \
  "$cpu"/online "$cpu"/isolated "$cpu"/nohz_full "$cpu"/smt/active "$cpu"/vulnerabilities/* "$cpu"/cpuidle/* \
  "$cpu"/intel_pstate/* "$cpu"/cpufreq/boost "$cpu"/cpufreq/policy*/scaling_governor "$cpu"/cpu0/cpufreq/* \
  "$cpu"/cpu0/cache/index*/size "$cpu"/cpu*/topology/physical_package_id "$cpu"/cpu*/topology/core_id \
  "$cpu"/cpu*/thermal_throttle/*_throttle_count "$r"/sys/devices/system/node/online \
  "$r"/sys/devices/system/clocksource/clocksource0/current_clocksource "$r"/sys/kernel/mm/ksm/run \
  "$r"/sys/kernel/mm/transparent_hugepage/enabled "$r"/sys/kernel/mm/transparent_hugepage/defrag \
  "$r"/sys/class/hwmon/hwmon*/name "$r"/sys/class/hwmon/hwmon*/temp*_label "$r"/sys/class/hwmon/hwmon*/temp*_input \
  "$r"/sys/class/hwmon/hwmon*/fan*_input "$r"/sys/class/thermal/thermal_zone*/type \
  "$r"/sys/class/thermal/thermal_zone*/temp "$r"/sys/class/powercap/intel-rapl:*/energy_uj \
  "$r"/proc/driver/nvidia/version "$r"/proc/driver/nvidia/gpus/*/information \
  "$r"/sys/class/drm/card*/device/vendor "$r"/sys/class/drm/card*/device/product_name \
  "$r"/sys/class/drm/card*/device/mem_info_vram_* "$r"/sys/class/drm/card*/device/hwmon/hwmon*/temp1_input
for k in kernel/osrelease kernel/hostname kernel/pid_max kernel/threads-max kernel/sched_autogroup_enabled \
  kernel/sched_cfs_bandwidth_slice_us kernel/sched_rr_timeslice_ms kernel/sched_rt_period_us \
  kernel/sched_rt_runtime_us kernel/randomize_va_space kernel/perf_event_paranoid kernel/nmi_watchdog \
  kernel/numa_balancing vm/swappiness vm/dirty_ratio vm/dirty_background_ratio vm/overcommit_memory \
  vm/overcommit_ratio vm/zone_reclaim_mode; do
  set -- "$@" "$r/proc/sys/$k"
done
while IFS=: read -r i k p; do
  case $k in
    '') b=$r/sys/fs/cgroup ;;
    *=*) continue ;;
    *) b=$r/sys/fs/cgroup/$k ;;
  esac
  while :; do
    p=${p%/}
    set -- "$@" "$b$p"/cpu.max "$b$p"/cpu.stat "$b$p"/cpu.cfs_quota_us "$b$p"/cpu.cfs_period_us "$b$p"/pids.max \
      "$b$p"/memory.max "$b$p"/memory.limit_in_bytes "$b$p"/cpuset.cpus.effective "$b$p"/cpuset.effective_cpus
    case $p in /*) p=${p%/*} ;; *) break ;; esac
  done
done < "$r"/proc/self/cgroup
printf 'thaw-facts 1 %s\n' "$r"
printf 'architecture %s\n' "$(uname -m)"
printf 'ticks_per_second %s\n' "$(getconf CLK_TCK)"
df -kP "$r"/ | while read -r a b c d e; do printf 'root_available_kb %s\n' "$d"; done
n=0
for f in "$r"/proc/[0-9]*; do n=$((n + 1)); done
printf 'process_count %s\n' "$n"
n=$#
for f do
  if [ -f "$f" ] && [ -r "$f" ]; then
    printf 'file %s\n' "$f"
    set -- "$@" "$f"
  fi
done
shift "$n"
echo contents
if command -v grep > /dev/null; then
  grep '' /dev/null "$@"
else
  for f do
    while IFS= read -r l || [ -n "$l" ]; do printf '%s:%s\n' "$f" "$l"; done < "$f"
  done
fi
echo thaw-facts end
)sh";

}  // namespace

std::string fact_script(std::string_view root) { return fmt::format("r={}\n{}", shell_quote(root), script); }

}  // namespace thaw
