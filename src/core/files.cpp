#include "core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/text.h"

namespace thaw {
namespace {

tl::unexpected<Error> system_failure(std::string_view action, const Path& path, int error) {
  std::string hint;
  if (error == ENOENT) hint = "check the path; relative paths start at the current folder";
  if (error == EACCES || error == EPERM) hint = "check the permissions of the file and of its folder";
  if (error == ENOSPC || error == EDQUOT)
    hint = "free some space on this file system, or choose another folder with -o DIR";
  return fail_at(ErrorKind::environment, fmt::format("cannot {}: {}", action, std::strerror(error)),
                 path.string(), std::move(hint));
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<std::string> read_file(const Path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return system_failure("read", path, errno);
  struct stat status {};
  std::string content;
  if (::fstat(file.get(), &status) == 0 && status.st_size > 0) {
    content.reserve(static_cast<std::size_t>(status.st_size));
  }
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure("read", path, errno);
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

std::optional<std::string> read_file_if_any(const Path& path) {
  auto content = read_file(path);
  if (!content) return std::nullopt;
  return *std::move(content);
}

std::string read_all(int fd) {
  std::string content;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(content.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

Result<> write_all(int fd, std::string_view bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure("write", Path(what), errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> write_file_atomically(const Path& path, std::string_view content, unsigned mode) {
  Path temporary = path;
  temporary += ".tmp";
  FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (!file.is_open()) return system_failure("write", temporary, errno);
  Result<> written = write_all(file.get(), content, temporary.string());
  file.reset();
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = system_failure("rename to", path, errno);
  if (!written) ::unlink(temporary.c_str());
  return written;
}

Result<TemporaryDirectory> TemporaryDirectory::create(std::string_view prefix, const Path& parent) {
  const Path base = !parent.empty() ? parent : Path(environment_variable("TMPDIR").value_or("/tmp"));
  std::string pattern = (base / (std::string(prefix) + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) return system_failure("create a temporary folder", base, errno);
  return TemporaryDirectory(pattern);
}

TemporaryDirectory::~TemporaryDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::optional<std::string> environment_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Result<Path> share_directory() {
  if (const auto named = environment_variable("THAW_SHARE")) return Path(*named);
  std::error_code error;
  const Path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    // Installed (PREFIX/bin beside PREFIX/share) and the build tree (build/PRESET/src/… below the source
    // tree).
    for (Path folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
      const Path candidate = folder / "share" / "thaw";
      if (std::filesystem::is_directory(candidate / "backends", error)) return candidate;
    }
  }
  return fail_at(ErrorKind::environment, "the folder of shipped files (share/thaw) was not found",
                 program.string(), "install with make install, or set THAW_SHARE to the folder");
}

std::vector<Path> plug_in_folders(std::string_view kind) {
  std::vector<Path> folders;
  if (const auto config = environment_variable("XDG_CONFIG_HOME"); config && !config->empty()) {
    folders.push_back(Path(*config) / "thaw" / kind);
  } else if (const auto home = environment_variable("HOME"); home && !home->empty()) {
    folders.push_back(Path(*home) / ".config" / "thaw" / kind);
  }
  if (const auto share = share_directory()) folders.push_back(*share / kind);
  return folders;
}

std::optional<Path> find_companion(std::string_view name) {
  std::error_code error;
  const auto file_in = [&](const Path& folder) -> std::optional<Path> {
    if (std::filesystem::is_regular_file(folder / name, error)) return folder / name;
    return std::nullopt;
  };
  if (const auto named = environment_variable("THAW_LIBEXEC")) return file_in(*named);
  const Path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  for (const char* place :
       {".", "../libexec/thaw", "../functions", "../sim", "../../src/functions", "../../src/sim"}) {
    if (auto file = file_in(program.parent_path() / place)) return file;
  }
  return std::nullopt;
}

std::optional<Path> find_program(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto is_executable = [](const Path& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string_view::npos) {
    if (is_executable(Path(name))) return Path(name);
    return std::nullopt;
  }
  const std::string search = environment_variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (const std::string_view folder : split(search, ':')) {
    const Path candidate = Path(folder.empty() ? "." : folder) / name;
    if (is_executable(candidate)) return candidate;
  }
  return std::nullopt;
}

}  // namespace thaw
