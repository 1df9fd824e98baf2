#pragma once
// A user name and password for a management controller. They come from the environment or from a file that nobody
// else can read, and go nowhere but into requests: not into arguments, records, messages or logs.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace thaw::redfish {

struct Credentials {
  std::string user;
  std::string password;
};

/// Looks a variable up; environment_variable in real life.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

/// From THAW_REDFISH_USER and THAW_REDFISH_PASSWORD, else from the file (lines "user=NAME" and "password=SECRET")
/// when `file` is not empty.
/// Errors: environment when there are none, or the file is unreadable or can be read by others; bad_input when it
/// lacks a line. No message contains what was read.
Result<Credentials> find_credentials(const Path& file, const Environment& environment);

}  // namespace thaw::redfish
