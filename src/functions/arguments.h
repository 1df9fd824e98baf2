#pragma once
// Reading a function's arguments: strict numbers with defaults and limits, and errors that show the usage.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"

namespace thaw::functions {

/// The positional arguments of one call, read from left to right.
class Positionals {
 public:
  /// `function` is the function's name; its registry row gives the usage shown in errors.
  Positionals(std::string_view function, std::span<const std::string> args)
      : function_(function), args_(args) {}

  /// The next argument as a number in [least, most], or the default when none is left.
  Result<double> number(std::string_view name, double default_value, double least, double most);
  /// The next argument as a whole number in [least, most], or the default when none is left.
  Result<std::int64_t> integer(std::string_view name, std::int64_t default_value, std::int64_t least,
                               std::int64_t most);
  /// Errors: bad_usage when arguments are left over.
  Result<> finish() const;

  /// An error about this function's arguments, with its usage as advice.
  [[nodiscard]] tl::unexpected<Error> wrong(std::string what) const;

 private:
  std::string_view function_;
  std::span<const std::string> args_;
};

}  // namespace thaw::functions
