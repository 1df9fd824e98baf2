#include "record/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

namespace thaw {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 30;
constexpr int gzip_window_bits = 15 + 16;  // zlib: 16 more than the window's bits means a gzip header.

}  // namespace

bool is_gzip(std::string_view bytes) { return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b'; }

Result<std::string> gunzip(std::string_view bytes, const Path& path) {
  const auto damaged = [&](std::string_view why) {
    return fail_at(ErrorKind::bad_input, fmt::format("the compressed file {}", why), path.string(),
                   "check it with gzip -t");
  };
  z_stream stream{};
  THAW_ASSERT(::inflateInit2(&stream, gzip_window_bits) == Z_OK, "zlib is not available");
  const std::unique_ptr<z_stream, decltype(&::inflateEnd)> end(&stream, &::inflateEnd);
  std::string content;
  std::array<char, 1 << 16> block{};
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  int status = Z_OK;
  while (true) {
    if (stream.avail_in == 0 && left > 0) {
      // zlib counts in 32 bits.
      const std::size_t part = std::min<std::size_t>(left, std::size_t{1} << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(next));
      stream.avail_in = static_cast<uInt>(part);
      next += part;
      left -= part;
    }
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = static_cast<uInt>(block.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    content.append(block.data(), block.size() - stream.avail_out);
    if (content.size() > most_bytes) return damaged("holds more than 1 GiB");
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0 && left == 0) return content;
      ::inflateReset(&stream);  // The next member.
    } else if (status == Z_BUF_ERROR) {
      return damaged("is cut off");
    } else if (status != Z_OK) {
      return damaged("is damaged");
    }
  }
}

Result<std::string> read_file_unpacked(const Path& path) {
  auto bytes = read_file(path);
  if (!bytes || !is_gzip(*bytes)) return bytes;
  return gunzip(*bytes, path);
}

}  // namespace thaw
