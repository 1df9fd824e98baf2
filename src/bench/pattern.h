#pragma once
// Regular expressions in Perl syntax over the output of programs, which nobody vouches for: matching uses
// bounded memory and steps, and never the call stack.

#include <functional>
#include <memory>
#include <string_view>

#include "core/error.h"

namespace thaw {

/// A compiled regular expression; cheap to copy. ^ and $ match at line ends too, and . does not match a line end.
class Pattern {
 public:
  /// Errors: bad_usage with what is wrong and where.
  static Result<Pattern> compile(std::string_view text);

  /// Calls `found` with the first group (or, in a pattern without groups, the whole) of each match, in order. A
  /// match in which the group took no part is left out.
  /// Errors: run_failed when the pattern needs too many steps on this text.
  Result<> each_match(std::string_view text, const std::function<void(std::string_view)>& found) const;

 private:
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace thaw
