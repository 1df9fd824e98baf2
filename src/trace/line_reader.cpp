#include "trace/line_reader.h"

#include <cstring>

namespace thaw {
namespace {

constexpr std::size_t first_buffer_bytes = std::size_t{128} << 10;
/// Longer lines are a damaged file far more often than they are data.
constexpr std::size_t longest_line_bytes = std::size_t{64} << 20;

}  // namespace

const void* LineReader::find_newline(const char* begin, std::size_t size) {
  return std::memchr(begin, '\n', size);
}

Result<LineReader> LineReader::open(const InputFile& file) {
  LineReader reader;
  THAW_TRY(reader.stream_, file.open());
  reader.name_ = file.name();
  reader.buffer_.resize(first_buffer_bytes);
  // A mark of three bytes may arrive in pieces.
  while (reader.filled_ < 3 && !reader.at_end_ && reader.refill()) {
  }
  if (std::string_view(reader.buffer_).substr(0, reader.filled_).starts_with("\xEF\xBB\xBF")) {
    reader.at_ = 3;
    reader.had_byte_order_mark_ = true;
  }
  if (!reader.status_) return tl::unexpected(reader.status_.error());
  return reader;
}

bool LineReader::refill() {
  if (at_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + at_, filled_ - at_);
    filled_ -= at_;
    at_ = 0;
  }
  if (filled_ == buffer_.size()) {
    if (buffer_.size() >= longest_line_bytes) {
      status_ =
          fail_at(ErrorKind::bad_input, fmt::format("a line is longer than {} bytes", longest_line_bytes),
                  fmt::format("{}:{}", name_, line_ + 1));
      return false;
    }
    buffer_.resize(2 * buffer_.size());
  }
  auto got = stream_->read(buffer_.data() + filled_, buffer_.size() - filled_);
  if (!got) {
    Error error = std::move(got).error();
    // All whole lines before have been read.
    if (error.kind == ErrorKind::bad_input && error.where == name_)
      error.where = fmt::format("{}:{}", name_, line_ + 1);
    status_ = tl::unexpected(std::move(error));
    return false;
  }
  filled_ += *got;
  at_end_ = *got == 0;
  return true;
}

bool LineReader::next_after_refill(std::string_view& line) {
  std::size_t searched = filled_ - at_;
  while (!at_end_) {
    if (!refill()) return false;
    if (const void* end = find_newline(buffer_.data() + searched, filled_ - searched); end != nullptr) {
      return next(line);
    }
    searched = filled_;
  }
  if (!status_ || at_ == filled_) return false;
  line = std::string_view(buffer_).substr(at_, filled_ - at_);
  at_ = filled_;
  ++line_;
  strip_return(line);
  return true;
}

Result<> LineReader::status() const { return status_; }

std::string LineReader::place() const { return fmt::format("{}:{}", name_, line_); }

}  // namespace thaw
