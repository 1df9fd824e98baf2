#pragma once
// Lines of a file, fast: one scan per line over a buffer that stays in the cache.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "trace/input_file.h"

namespace thaw {

/// Gives the lines of a file one by one, without their ends ("\n" or "\r\n") and without a byte order mark.
class LineReader {
 public:
  /// Errors: as InputFile::open.
  static Result<LineReader> open(const InputFile& file);

  /// Moves to the next line; false at the end and after an error, which `status` then tells apart. The line stays
  /// valid until the next call.
  bool next(std::string_view& line) {
    const char* const begin = buffer_.data() + at_;
    const auto* const end = static_cast<const char*>(find_newline(begin, filled_ - at_));
    if (end == nullptr) return next_after_refill(line);
    line = {begin, static_cast<std::size_t>(end - begin)};
    at_ += line.size() + 1;
    ++line_;
    strip_return(line);
    return true;
  }
  /// Skips lines without any character.
  bool next_filled(std::string_view& line) {
    while (next(line)) {
      if (!line.empty()) return true;
    }
    return false;
  }

  /// Errors: what stopped the reading (environment; bad_input for damaged gzip or a line above 64 MB).
  [[nodiscard]] Result<> status() const;

  /// The number of the last line, from 1.
  [[nodiscard]] std::uint64_t line() const { return line_; }
  /// "invocations.csv:17" for the last line.
  [[nodiscard]] std::string place() const;
  [[nodiscard]] bool had_byte_order_mark() const { return had_byte_order_mark_; }
  /// Whether any line so far ended with CR LF.
  [[nodiscard]] bool had_carriage_returns() const { return had_carriage_returns_; }

 private:
  static const void* find_newline(const char* begin, std::size_t size);
  bool next_after_refill(std::string_view& line);
  bool refill();
  void strip_return(std::string_view& line) {
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
      had_carriage_returns_ = true;
    }
  }

  std::unique_ptr<ByteStream> stream_;
  std::string name_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t line_ = 0;
  bool at_end_ = false;
  bool had_byte_order_mark_ = false;
  bool had_carriage_returns_ = false;
  Result<> status_;
};

}  // namespace thaw
