#pragma once
// The bytes of a trace's file, from disk or from memory, plain or gzip. A file can be opened again for every pass.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// Bytes in order.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Fills the buffer with up to `size` bytes; 0 is the end.
  /// Errors: environment (reading failed), bad_input (gzip cut off or damaged).
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;
};

/// A file of a trace: a name for messages and where its bytes are.
class InputFile {
 public:
  InputFile() = default;
  static InputFile at(Path path);
  /// Bytes that are already here, for tests and fuzzers.
  static InputFile in_memory(std::string name, std::string bytes);

  /// Starts a pass over the bytes; gzip is undone. Errors: environment (absent, unreadable).
  [[nodiscard]] Result<std::unique_ptr<ByteStream>> open() const;
  /// Up to `size` of the first bytes, gzip undone. Errors: as open and read.
  [[nodiscard]] Result<std::string> beginning(std::size_t size) const;
  /// All bytes, gzip undone. Errors: as open and read; bad_input above `limit`.
  [[nodiscard]] Result<std::string> whole(std::size_t limit) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  std::string name_;
  Path path_;
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace thaw
