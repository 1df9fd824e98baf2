#pragma once
// Files: whole-file reading, atomic writing, and the search for what ships with the program.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace thaw {

using Path = std::filesystem::path;

/// An owned file descriptor; -1 when empty.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// The whole file. Errors: environment (absent, unreadable), with the system's words and the path as place.
Result<std::string> read_file(const Path& path);
/// The whole file or nullopt; for facts that may be absent.
std::optional<std::string> read_file_if_any(const Path& path);
/// Everything readable from an open descriptor, from its start.
std::string read_all(int fd);

/// Writes `name.tmp` beside the target, syncs and renames, so readers see the old file or the new one, never half.
/// Errors: environment (permission, disk full), the temporary file removed.
Result<> write_file_atomically(const Path& path, std::string_view content, unsigned mode = 0644);

/// Writes all bytes at the descriptor's position. Errors: environment, with what was being written.
Result<> write_all(int fd, std::string_view bytes, std::string_view what);

/// A private folder under $TMPDIR (default /tmp) with everything in it, removed on destruction.
class TemporaryDirectory {
 public:
  static Result<TemporaryDirectory> create(std::string_view prefix, const Path& parent = {});
  TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  explicit TemporaryDirectory(Path path) : path_(std::move(path)) {}
  Path path_;
};

/// The folder of shipped files ("share/thaw"): $THAW_SHARE, else beside the program (build tree or installed
/// prefix). Errors: environment when none exists.
Result<Path> share_directory();

/// The folders searched for plug-ins of a kind ("backends"), nearest first: the user's own ($XDG_CONFIG_HOME or ~/.config,
/// then thaw/KIND) and the shipped one.
std::vector<Path> plug_in_folders(std::string_view kind);

/// A program or library that belongs to this one and is never called by users: in $THAW_LIBEXEC when set, else beside the
/// program, in PREFIX/libexec/thaw, or where the build tree has it. nullopt when it was not built or installed.
std::optional<Path> find_companion(std::string_view name);

/// An environment variable; nullopt when unset.
std::optional<std::string> environment_variable(std::string_view name);

/// The program's file as a shell would find it: a path with '/' as is, else the first executable on $PATH.
std::optional<Path> find_program(std::string_view name);

}  // namespace thaw
