#pragma once
// The processes of a gateway, noted in a file, so that the next gateway ends those of one that was killed. The program's
// own guard ends them at once in nearly all cases; this is for when the guard was killed too.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// "<pid>-<start ticks>-<number>" of this process; the number tells several gateways in one process apart.
std::string new_gateway_id();
/// Whether the process of such an id still runs.
bool is_gateway_alive(std::string_view id);

class LeftBehind {
 public:
  /// Ends what gateways that no longer run have noted in the folder, and begins a file for this one.
  /// `ended` gets how many processes that were. Errors: environment (the folder cannot be written).
  static Result<std::unique_ptr<LeftBehind>> open(const Path& folder, const std::string& gateway_id,
                                                  std::size_t& ended);
  /// Removes the file.
  ~LeftBehind();

  /// May be called from any thread.
  void add(pid_t process);
  void remove(pid_t process);

 private:
  LeftBehind(Path path, FileDescriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  void write(std::string_view lines);

  Path path_;
  FileDescriptor file_;
  std::mutex mutex_;
  std::map<pid_t, std::uint64_t> running_;
  std::size_t lines_ = 0;
};

}  // namespace thaw
