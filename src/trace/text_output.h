#pragma once
// Text of gigabytes into a file, plain or gzip: written beside the target and renamed, so that a reader never sees
// half of it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// A file being written. What was not finished is removed on destruction.
class TextOutput {
 public:
  /// Errors: environment (permission, no such folder).
  static Result<TextOutput> create(const Path& path, bool is_gzip);
  TextOutput(TextOutput&&) noexcept;
  TextOutput& operator=(TextOutput&&) = delete;
  ~TextOutput();

  TextOutput& add(std::string_view text) {
    buffer_ += text;
    return *this;
  }
  TextOutput& add(char character) {
    buffer_ += character;
    return *this;
  }
  /// Shortest decimal that reads back to the same value, never in exponent form.
  TextOutput& add_number(double value);
  TextOutput& add_number(std::uint64_t value);
  /// A CSV field, quoted when it has to be.
  TextOutput& add_field(std::string_view text);
  /// Ends a line, and writes what has gathered when that is much. Errors: environment (disk full).
  Result<> end_line();

  /// Writes the rest and gives the file its name. Errors: environment.
  Result<> finish();

 private:
  class Sink;
  TextOutput(Path path, std::unique_ptr<Sink> sink);

  Path path_;
  std::unique_ptr<Sink> sink_;
  std::string buffer_;
};

}  // namespace thaw
