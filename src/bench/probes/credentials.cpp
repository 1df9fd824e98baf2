#include "bench/probes/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "core/text.h"

namespace thaw::redfish {
namespace {

/// The file's text, if only its owner may read it. The mode is that of the file that is then read.
Result<std::string> read_private_file(const Path& file) {
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened.is_open()) {
    return fail_at(ErrorKind::environment,
                   fmt::format("cannot read the credentials: {}", std::strerror(errno)), file);
  }
  struct stat status {};
  if (::fstat(opened.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail_at(ErrorKind::environment, "the credentials are no regular file", file);
  }
  if ((status.st_mode & 077) != 0) {
    return fail_at(
        ErrorKind::environment,
        fmt::format("others can read the credentials: mode {:04o}, wanted 0600", status.st_mode & 07777),
        file, fmt::format("chmod 600 {}", file.string()));
  }
  return read_all(opened.get());
}

}  // namespace

Result<Credentials> find_credentials(const Path& file, const Environment& environment) {
  const auto user = environment("THAW_REDFISH_USER");
  const auto password = environment("THAW_REDFISH_PASSWORD");
  if (user && password) return Credentials{*user, *password};
  if (file.empty()) {
    return fail_at(ErrorKind::environment, "no user and password for the management controller", {},
                   "set THAW_REDFISH_USER and THAW_REDFISH_PASSWORD, or credentials_file in probe_options");
  }

  THAW_TRY(const std::string text, read_private_file(file));
  Credentials found;
  for (const std::string_view line : split_lines(text)) {
    if (line.starts_with("user=")) found.user = line.substr(5);
    if (line.starts_with("password=")) found.password = line.substr(9);
  }
  if (found.user.empty() || found.password.empty()) {
    return fail_at(ErrorKind::bad_input, "the credentials lack a user or a password", file,
                   "write two lines: user=NAME and password=SECRET");
  }
  return found;
}

}  // namespace thaw::redfish
