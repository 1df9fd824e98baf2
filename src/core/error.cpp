#include "core/error.h"

#include <cstdio>
#include <cstdlib>

namespace thaw {

Error Error::in(std::string_view place) && {
  where = where.empty() ? std::string(place) : fmt::format("{}:{}", place, where);
  return std::move(*this);
}

Error Error::with_hint(std::string advice) && {
  hint = std::move(advice);
  return std::move(*this);
}

std::string render(const Error& error) {
  std::string text = fmt::format("thaw: error: {}\n", error.what);
  if (!error.where.empty()) text += fmt::format("  at   {}\n", error.where);
  if (!error.hint.empty()) text += fmt::format("  hint {}\n", error.hint);
  return text;
}

void assertion_failed(const char* condition, const char* file, int line, std::string_view text) {
  fmt::print(stderr,
             "thaw: bug: {} ({} at {}:{})\n  hint please report this with the command line that led here\n",
             text, condition, file, line);
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(ErrorKind::internal));
}

}  // namespace thaw
