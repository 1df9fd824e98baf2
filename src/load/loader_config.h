#pragma once
// Configuration files of `thaw load`: its own, and the predecessor's loader file with all of its keys and documented
// defaults. Both become options, so that one resolution serves files and command lines.

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace thaw {

inline constexpr const char* load_config_schema = "thaw.load-config/1";

/// Options as words of a command line.
struct LoaderOptions {
  std::vector<std::string> words;
  std::vector<std::string> notes;  ///< Keys that have no effect here, and why.
};

/// Reads a file by its content: with our schema an object of option names without dashes (lists for repeated ones, true for
/// flags), otherwise the predecessor's.
/// Errors: bad_input (not JSON; unknown key with the nearest one; a value of another type or outside its range).
Result<LoaderOptions> options_of_config(std::string_view text, const std::string& place);

}  // namespace thaw
