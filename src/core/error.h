#pragma once
// One error value for the whole program. The kind doubles as the exit code; message, place and advice are
// separate fields, so that every front end can print them in its own way.

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace thaw {

/// What went wrong, and the exit code of the program that stops because of it.
enum class ErrorKind : int {
  bad_usage = 2,     ///< Command line or configuration is wrong; nothing was run.
  bad_input = 3,     ///< A trace, record or result file is malformed.
  environment = 4,   ///< A tool, host or permission is missing.
  run_failed = 5,    ///< The thing under test failed.
  check_failed = 6,  ///< The run worked; a threshold or comparison did not hold.
  internal = 70,     ///< A bug in Thaw.
};

struct [[nodiscard]] Error {
  ErrorKind kind = ErrorKind::internal;
  std::string what;   ///< One sentence: the thing, the value seen, the value wanted.
  std::string where;  ///< "trace.csv:17", "--rate"; empty when it does not apply.
  std::string hint;   ///< What to try next; may be empty.

  /// Adds an enclosing place: `Error{…, where="17:3"}.in("x.yaml")` is at "x.yaml:17:3".
  [[nodiscard]] Error in(std::string_view place) &&;
  /// Replaces the advice.
  [[nodiscard]] Error with_hint(std::string advice) &&;
};

/// The three-line form for stderr: "thaw: error: …", "  at   …", "  hint …".
std::string render(const Error& error);

template <class T = void>
using Result = tl::expected<T, Error>;

template <class... Args>
tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected(Error{kind, fmt::format(text, std::forward<Args>(args)...), {}, {}});
}

/// `fail` with a place and advice already known.
inline tl::unexpected<Error> fail_at(ErrorKind kind, std::string what, std::string where,
                                     std::string hint = {}) {
  return tl::unexpected(Error{kind, std::move(what), std::move(where), std::move(hint)});
}

/// Prints the broken assumption and exits with ErrorKind::internal. Use THAW_ASSERT.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line, std::string_view text);

}  // namespace thaw

#define THAW_CONCAT_IMPL(a, b) a##b
#define THAW_CONCAT(a, b) THAW_CONCAT_IMPL(a, b)

/// THAW_TRY(decl, expr): returns the error of `expr` from the enclosing function, else binds its value to `decl`.
#define THAW_TRY(decl, expr) THAW_TRY_IMPL(THAW_CONCAT(thaw_try_, __LINE__), decl, expr)
#define THAW_TRY_IMPL(tmp, decl, expr)                     \
  auto tmp = (expr);                                       \
  if (!tmp) return tl::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)

/// THAW_CHECK(expr): returns the error of a Result<> from the enclosing function.
#define THAW_CHECK(expr)                                                                                   \
  do {                                                                                                     \
    if (auto thaw_checked = (expr); !thaw_checked) return tl::unexpected(std::move(thaw_checked).error()); \
  } while (false)

/// States an assumption whose failure is a bug in Thaw. On in all builds.
#define THAW_ASSERT(condition, ...)                                                                       \
  do {                                                                                                    \
    if (!(condition)) ::thaw::assertion_failed(#condition, __FILE__, __LINE__, fmt::format(__VA_ARGS__)); \
  } while (false)
