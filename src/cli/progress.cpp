#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "core/files.h"

namespace thaw::cli {
namespace {

constexpr Nanos interval = std::chrono::milliseconds(100);

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10) return size.ws_col;
  return 80;
}

/// The longest prefix of at most `bytes` bytes that does not cut a UTF-8 character.
std::string cut(const std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

ProgressLine::ProgressLine(Clock& clock, bool is_wanted)
    : clock_(clock),
      is_on_(is_wanted && ::isatty(STDERR_FILENO) == 1 &&
             environment_variable("TERM").value_or("dumb") != "dumb") {}

void ProgressLine::show(const std::string& text) {
  if (!is_due()) return;
  next_ = clock_.now() + interval;
  is_shown_ = true;
  fmt::print(stderr, "\r\033[K{}", cut(text, terminal_width() - 1));
  std::fflush(stderr);
}

void ProgressLine::clear() {
  if (!is_shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  is_shown_ = false;
}

}  // namespace thaw::cli
