#include "trace/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace thaw {
namespace {

constexpr std::size_t compressed_block_bytes = std::size_t{64} << 10;

class DiskStream final : public ByteStream {
 public:
  DiskStream(FileDescriptor file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    for (;;) {
      const ssize_t got = ::read(file_.get(), buffer, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) {
        return fail_at(ErrorKind::environment, fmt::format("cannot read: {}", std::strerror(errno)), name_);
      }
    }
  }

 private:
  FileDescriptor file_;
  std::string name_;
};

class MemoryStream final : public ByteStream {
 public:
  explicit MemoryStream(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, bytes_->size() - at_);
    std::memcpy(buffer, bytes_->data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::shared_ptr<const std::string> bytes_;
  std::size_t at_ = 0;
};

/// Undoes gzip, several members behind each other included.
class GzipStream final : public ByteStream {
 public:
  GzipStream(std::unique_ptr<ByteStream> inner, std::string name)
      : inner_(std::move(inner)), name_(std::move(name)), compressed_(compressed_block_bytes) {
    constexpr int gzip_only = 16 + MAX_WBITS;
    is_ready_ = inflateInit2(&state_, gzip_only) == Z_OK;
  }
  ~GzipStream() override { inflateEnd(&state_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (!is_ready_) return fail(ErrorKind::environment, "zlib cannot be started");
    state_.next_out = reinterpret_cast<Bytef*>(buffer);
    state_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, std::size_t{1} << 30));
    const uInt wanted = state_.avail_out;
    while (state_.avail_out == wanted) {
      THAW_TRY(const bool has_input, fill());
      if (!has_input) {
        if (is_between_members_) break;
        return damaged("is cut off: the gzip data end too early");
      }
      THAW_CHECK(inflate_some());
    }
    return wanted - state_.avail_out;
  }

 private:
  Result<bool> fill() {
    if (state_.avail_in > 0) return true;
    THAW_TRY(const std::size_t got, inner_->read(compressed_.data(), compressed_.size()));
    state_.next_in = reinterpret_cast<Bytef*>(compressed_.data());
    state_.avail_in = static_cast<uInt>(got);
    return got > 0;
  }

  Result<> inflate_some() {
    if (is_between_members_) {
      inflateReset(&state_);
      is_between_members_ = false;
    }
    const int status = ::inflate(&state_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      is_between_members_ = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return damaged(fmt::format("is damaged: {}", state_.msg != nullptr ? state_.msg : "bad gzip data"));
    }
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> damaged(std::string what) const {
    return fail_at(ErrorKind::bad_input, "the file " + std::move(what), name_,
                   "copy or download the file again; gzip -t FILE checks it");
  }

  std::unique_ptr<ByteStream> inner_;
  std::string name_;
  std::vector<char> compressed_;
  z_stream state_{};
  bool is_ready_ = false;
  bool is_between_members_ = false;
};

/// Hands out bytes that were read ahead before the rest.
class RejoinedStream final : public ByteStream {
 public:
  RejoinedStream(std::string head, std::unique_ptr<ByteStream> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}

  Result<std::size_t> read(char* buffer, std::size_t size) override {
    if (at_ == head_.size()) return rest_->read(buffer, size);
    const std::size_t count = std::min(size, head_.size() - at_);
    std::memcpy(buffer, head_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string head_;
  std::unique_ptr<ByteStream> rest_;
  std::size_t at_ = 0;
};

Result<std::unique_ptr<ByteStream>> open_on_disk(const Path& path, const std::string& name) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return fail_at(ErrorKind::environment, fmt::format("cannot open: {}", std::strerror(errno)), name);
  }
  if (S_ISDIR(status.st_mode)) return fail_at(ErrorKind::environment, "is a folder, not a file", name);
  return std::make_unique<DiskStream>(std::move(file), name);
}

}  // namespace

InputFile InputFile::at(Path path) {
  InputFile file;
  file.name_ = path.string();
  file.path_ = std::move(path);
  return file;
}

InputFile InputFile::in_memory(std::string name, std::string bytes) {
  InputFile file;
  file.name_ = std::move(name);
  file.bytes_ = std::make_shared<const std::string>(std::move(bytes));
  return file;
}

Result<std::unique_ptr<ByteStream>> InputFile::open() const {
  std::unique_ptr<ByteStream> plain;
  if (bytes_) {
    plain = std::make_unique<MemoryStream>(bytes_);
  } else {
    THAW_TRY(plain, open_on_disk(path_, name_));
  }
  std::string magic(2, '\0');
  std::size_t got = 0;
  while (got < magic.size()) {
    THAW_TRY(const std::size_t more, plain->read(magic.data() + got, magic.size() - got));
    if (more == 0) break;
    got += more;
  }
  magic.resize(got);
  const bool is_gzip = magic == "\x1f\x8b";
  plain = std::make_unique<RejoinedStream>(std::move(magic), std::move(plain));
  if (is_gzip) return std::make_unique<GzipStream>(std::move(plain), name_);
  return plain;
}

Result<std::string> InputFile::beginning(std::size_t size) const {
  THAW_TRY(const std::unique_ptr<ByteStream> stream, open());
  std::string text(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    THAW_TRY(const std::size_t more, stream->read(text.data() + got, size - got));
    if (more == 0) break;
    got += more;
  }
  text.resize(got);
  return text;
}

Result<std::string> InputFile::whole(std::size_t limit) const {
  constexpr std::size_t step = std::size_t{64} << 10;
  THAW_TRY(const std::unique_ptr<ByteStream> stream, open());
  std::string text;
  for (std::size_t got = 0;;) {
    if (text.size() - got < step) text.resize(std::max(2 * text.size(), 2 * step));
    THAW_TRY(const std::size_t more, stream->read(text.data() + got, text.size() - got));
    got += more;
    if (got > limit) {
      return fail_at(ErrorKind::bad_input, fmt::format("the file is larger than {} bytes", limit), name_);
    }
    if (more == 0) {
      text.resize(got);
      return text;
    }
  }
}

}  // namespace thaw
