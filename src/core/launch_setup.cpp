#include "core/launch_setup.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace thaw {
namespace {

int null_descriptor() {
  // Never closed: threads that live as long as the process may use it until the end.
  static const int null_file = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  return null_file;
}

}  // namespace

std::optional<cpu_set_t> cpus_of(const Launch& launch, const ProcessorHold& place) {
  if (launch.cpus.empty()) return place.allowed();
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (const int cpu : launch.cpus) CPU_SET(static_cast<std::size_t>(cpu), &cpus);
  return cpus;
}

std::array<int, 3> descriptors_of(const Launch& launch) {
  const auto or_null = [](int fd) { return fd >= 0 ? fd : null_descriptor(); };
  return {or_null(launch.stdin_fd), or_null(launch.stdout_fd), or_null(launch.stderr_fd)};
}

tl::unexpected<Error> cannot_create(int error) {
  return fail_at(ErrorKind::environment, fmt::format("a process cannot be created: {}", std::strerror(error)),
                 {}, error == EAGAIN ? "the limit on processes is reached; see ulimit -u" : "");
}

}  // namespace thaw
