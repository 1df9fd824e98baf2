#include "core/interrupt.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "core/process.h"

namespace thaw {
namespace {

int descriptor = -1;

void on_interrupt(int number) {
  int expected = 0;
  if (!interrupt_signal().compare_exchange_strong(expected, number)) ::_exit(128 + number);
  const int error = errno;
  const std::uint64_t once = 1;
  static_cast<void>(!::write(descriptor, &once, sizeof once));
  errno = error;
}

}  // namespace

int interrupt_descriptor() { return descriptor; }

void forget_interrupt() {
  std::uint64_t count = 0;
  static_cast<void>(!::read(descriptor, &count, sizeof count));
}

std::atomic<int>& interrupt_signal() {
  static std::atomic<int> signal_number = 0;
  return signal_number;
}

void install_interrupt_handlers() {
  interrupt_signal() = 0;
  if (descriptor < 0) descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  forget_interrupt();
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace thaw
