#include "trace/text_output.h"

#include <fcntl.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>
#include <vector>

namespace thaw {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;

Path temporary(const Path& path) { return path.string() + ".tmp"; }

}  // namespace

/// Bytes on their way to the disk.
class TextOutput::Sink {
 public:
  Sink(FileDescriptor file, std::string name, bool is_gzip)
      : file_(std::move(file)), name_(std::move(name)), is_gzip_(is_gzip) {
    if (!is_gzip_) return;
    compressed_.resize(block_bytes);
    constexpr int with_gzip_header = 16 + MAX_WBITS;
    deflateInit2(&state_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, with_gzip_header, 9, Z_DEFAULT_STRATEGY);
  }
  ~Sink() {
    if (is_gzip_) deflateEnd(&state_);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  Result<> write(std::string_view text, bool is_last) {
    if (!is_gzip_) return write_all(file_.get(), text, name_);
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    state_.avail_in = static_cast<uInt>(text.size());
    int status = Z_OK;
    do {
      state_.next_out = compressed_.data();
      state_.avail_out = static_cast<uInt>(compressed_.size());
      status = deflate(&state_, is_last ? Z_FINISH : Z_NO_FLUSH);
      const std::size_t made = compressed_.size() - state_.avail_out;
      THAW_CHECK(write_all(file_.get(), {reinterpret_cast<const char*>(compressed_.data()), made}, name_));
    } while (state_.avail_out == 0 || (is_last && status == Z_OK));
    return {};
  }

 private:
  FileDescriptor file_;
  std::string name_;
  bool is_gzip_;
  z_stream state_{};
  std::vector<Bytef> compressed_;
};

TextOutput::TextOutput(Path path, std::unique_ptr<Sink> sink)
    : path_(std::move(path)), sink_(std::move(sink)) {}
TextOutput::TextOutput(TextOutput&&) noexcept = default;

TextOutput::~TextOutput() {
  std::error_code ignored;
  if (sink_) std::filesystem::remove(temporary(path_), ignored);
}

Result<TextOutput> TextOutput::create(const Path& path, bool is_gzip) {
  FileDescriptor file(::open(temporary(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) {
    return fail_at(ErrorKind::environment, fmt::format("cannot write: {}", std::strerror(errno)),
                   path.string());
  }
  return TextOutput(path, std::make_unique<Sink>(std::move(file), path.string(), is_gzip));
}

TextOutput& TextOutput::add_number(double value) {
  constexpr double largest_exact = 9007199254740992;
  char digits[400];
  const bool is_whole = value == std::trunc(value) && std::abs(value) < largest_exact;
  const auto end = is_whole ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(value))
                            : std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed);
  buffer_.append(digits, end.ptr);
  return *this;
}

TextOutput& TextOutput::add_number(std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  buffer_.append(digits, end.ptr);
  return *this;
}

TextOutput& TextOutput::add_field(std::string_view text) {
  if (text.find_first_of("\",") == std::string_view::npos) return add(text);
  buffer_ += '"';
  for (const char c : text) {
    if (c == '"') buffer_ += '"';
    buffer_ += c;
  }
  buffer_ += '"';
  return *this;
}

Result<> TextOutput::end_line() {
  buffer_ += '\n';
  if (buffer_.size() < block_bytes) return {};
  THAW_CHECK(sink_->write(buffer_, false));
  buffer_.clear();
  return {};
}

Result<> TextOutput::finish() {
  THAW_CHECK(sink_->write(buffer_, true));
  buffer_.clear();
  sink_.reset();
  std::error_code code;
  std::filesystem::rename(temporary(path_), path_, code);
  if (code) return fail_at(ErrorKind::environment, "cannot rename: " + code.message(), path_.string());
  return {};
}

}  // namespace thaw
