#include "load/usage_meter.h"

#include <sys/resource.h>

#include "core/files.h"
#include "core/text.h"

namespace thaw {
namespace {

/// Descriptors beside the connections: files, logs, watchers.
constexpr std::size_t other_descriptors = 64;

SenderHealth thread_usage() {
  SenderHealth health;
  rusage usage{};
  if (::getrusage(RUSAGE_THREAD, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    health.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    health.involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw);
  }
  // "<run ns> <ready and waiting ns> <slices>"
  const auto text = read_file_if_any("/proc/thread-self/schedstat");
  const auto fields = split_fields(text ? *text : std::string_view());
  if (fields.size() >= 2) {
    if (const auto delay = parse_integer(fields[1])) health.run_delay_s = static_cast<double>(*delay) * 1e-9;
  }
  return health;
}

}  // namespace

UsageMeter::UsageMeter() : begin_(thread_usage()) {}

void UsageMeter::read_into(SenderHealth& health) const {
  const SenderHealth now = thread_usage();
  health.cpu_s = now.cpu_s - begin_.cpu_s;
  health.involuntary_switches = now.involuntary_switches - begin_.involuntary_switches;
  if (now.run_delay_s && begin_.run_delay_s) health.run_delay_s = *now.run_delay_s - *begin_.run_delay_s;
}

std::vector<std::string> prepare_limits(std::size_t connections, bool is_loopback) {
  std::vector<std::string> advice;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < connections + other_descriptors) {
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, connections + other_descriptors);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < connections + other_descriptors) {
      advice.push_back(
          fmt::format("{} connections may be needed, but only {} descriptors are allowed; raise the limit "
                      "with ulimit -n {}",
                      connections, limit.rlim_cur, connections + other_descriptors));
    }
  }
  const auto ports = read_file_if_any("/proc/sys/net/ipv4/ip_local_port_range");
  const auto fields = split_fields(ports ? *ports : std::string_view());
  if (fields.size() == 2) {
    const auto first = parse_integer(fields[0]), last = parse_integer(fields[1]);
    if (first && last && static_cast<std::int64_t>(connections) > *last - *first) {
      advice.push_back(
          fmt::format("{} connections to one address may be needed, but there are only {} local ports; widen "
                      "net.ipv4.ip_local_port_range{}",
                      connections, *last - *first + 1, is_loopback ? "" : " or use several addresses"));
    }
  }
  return advice;
}

}  // namespace thaw
