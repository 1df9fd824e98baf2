#include "platform/port_pool.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bitset>
#include <mutex>
#include <utility>

#include "core/files.h"
#include "core/text.h"

namespace thaw {
namespace {

constexpr unsigned lowest = 10'240;

struct PortPool {
  std::mutex mutex;
  std::bitset<65536> taken;
  unsigned highest = 0;  ///< 0: not known yet.
  unsigned next = 0;
};

PortPool& pool() {
  static PortPool ports;
  return ports;
}

/// The last port below those that the kernel hands out by itself.
unsigned highest_port() {
  const auto text = read_file_if_any("/proc/sys/net/ipv4/ip_local_port_range");
  const auto fields = split_fields(text ? std::string_view(*text) : std::string_view());
  const auto first = fields.empty() ? std::nullopt : parse_integer(fields[0]);
  return first && *first > lowest + 1000 ? static_cast<unsigned>(*first) - 1 : 32'767;
}

bool is_free(std::uint16_t port) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(port);
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
}

}  // namespace

Result<ReservedPort> ReservedPort::take() {
  PortPool& ports = pool();
  const std::lock_guard lock(ports.mutex);
  if (ports.highest == 0) {
    ports.highest = highest_port();
    // Gateways that run beside each other begin at different places.
    ports.next = lowest + static_cast<unsigned>(::getpid()) * 997 % (ports.highest - lowest);
  }
  for (unsigned tries = lowest; tries <= ports.highest; ++tries) {
    const unsigned port = ports.next;
    ports.next = port == ports.highest ? lowest : port + 1;
    if (ports.taken[port] || !is_free(static_cast<std::uint16_t>(port))) continue;
    ports.taken[port] = true;
    return ReservedPort(static_cast<std::uint16_t>(port));
  }
  return fail(ErrorKind::environment, "no port from {} to {} is free", lowest, ports.highest);
}

ReservedPort::ReservedPort(ReservedPort&& other) noexcept : number_(std::exchange(other.number_, 0)) {}

ReservedPort::~ReservedPort() {
  if (number_ == 0) return;
  const std::lock_guard lock(pool().mutex);
  pool().taken[number_] = false;
}

}  // namespace thaw
