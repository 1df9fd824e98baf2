#include "stats/histogram_codec.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace thaw {
namespace {

constexpr std::uint32_t plain_cookie = 0x1c849313;
constexpr std::uint32_t compressed_cookie = 0x1c849314;
constexpr std::size_t header_size = 40;
constexpr std::uint64_t largest_count = std::numeric_limits<std::int64_t>::max();
/// More than the largest histogram (5 digits, 63 bits) can take when every bin is in use.
constexpr std::size_t largest_encoding = std::size_t{64} << 20;

template <class Unsigned>
void put_big_endian(std::string& out, Unsigned value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

template <class Unsigned>
Unsigned get_big_endian(std::string_view bytes, std::size_t at) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Unsigned>(value << 8) | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

/// Seven bits a byte, lowest first, the high bit meaning "more"; a ninth byte carries eight bits and ends the
/// number.
void put_zigzag(std::string& out, std::int64_t number) {
  auto bits = (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
  for (int i = 0; i < 8 && bits >= 0x80; ++i) {
    out.push_back(static_cast<char>((bits & 0x7f) | 0x80));
    bits >>= 7;
  }
  out.push_back(static_cast<char>(bits));
}

Result<std::int64_t> get_zigzag(std::string_view bytes, std::size_t& at) {
  std::uint64_t bits = 0;
  for (int i = 0; i < 9; ++i) {
    if (at == bytes.size()) return fail(ErrorKind::bad_input, "the histogram's counts are cut off");
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    const bool is_last = i == 8 || byte < 0x80;
    bits |= static_cast<std::uint64_t>(i == 8 ? byte : byte & 0x7f) << (7 * i);
    if (is_last) break;
  }
  return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
}

/// The counts up to the last one in use, values outside the range moved into the first and the last bin.
std::vector<std::uint64_t> counts_to_write(const Histogram& histogram) {
  std::vector<std::uint64_t> counts(histogram.counts().begin(), histogram.counts().end());
  const auto add = [](std::uint64_t& count, std::uint64_t more) {
    count += std::min(more, largest_count - count);
  };
  add(counts.front(), histogram.underflow());
  add(counts.back(), histogram.overflow());
  while (!counts.empty() && counts.back() == 0) counts.pop_back();
  return counts;
}

std::string encode_counts(const std::vector<std::uint64_t>& counts) {
  std::string out;
  for (std::size_t i = 0; i < counts.size();) {
    std::size_t end = i;
    while (end < counts.size() && counts[end] == 0) ++end;
    const auto zeros = static_cast<std::int64_t>(end - i);
    if (zeros == 0) {
      put_zigzag(out, static_cast<std::int64_t>(counts[i++]));
    } else {
      // A single empty bin is the number 0; only longer runs are negative.
      put_zigzag(out, zeros == 1 ? 0 : -zeros);
      i = end;
    }
  }
  return out;
}

Result<std::vector<std::uint64_t>> decode_counts(std::string_view payload, std::size_t bins) {
  std::vector<std::uint64_t> counts;
  for (std::size_t at = 0; at < payload.size();) {
    THAW_TRY(const std::int64_t number, get_zigzag(payload, at));
    const std::uint64_t zeros = number < 0 ? 0 - static_cast<std::uint64_t>(number) : 0;
    if (zeros > bins - counts.size() || (number >= 0 && counts.size() == bins)) {
      return fail(ErrorKind::bad_input, "the histogram has more counts than the {} bins of its range", bins);
    }
    if (number < 0) {
      counts.resize(counts.size() + zeros, 0);
    } else {
      counts.push_back(static_cast<std::uint64_t>(number));
    }
  }
  return counts;
}

Result<std::string> inflate(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return fail(ErrorKind::internal, "zlib cannot start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 16384> buffer{};
  int status = Z_OK;
  while (status == Z_OK && out.size() <= largest_encoding) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = ::inflate(&stream, Z_NO_FLUSH);
    out.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END)
    return fail(ErrorKind::bad_input, "the histogram's compressed bytes are damaged");
  return out;
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string encode(const Histogram& histogram) {
  const std::string counts = encode_counts(counts_to_write(histogram));
  const HistogramRange& range = histogram.range();
  std::string out;
  put_big_endian(out, plain_cookie);
  put_big_endian(out, static_cast<std::uint32_t>(counts.size()));
  put_big_endian(out, std::uint32_t{0});
  put_big_endian(out, static_cast<std::uint32_t>(range.significant_digits));
  put_big_endian(out, static_cast<std::uint64_t>(range.lowest));
  put_big_endian(out, static_cast<std::uint64_t>(range.highest));
  put_big_endian(out, std::bit_cast<std::uint64_t>(1.0));
  return out + counts;
}

Result<Histogram> decode_histogram(std::string_view bytes) {
  if (bytes.size() < header_size) {
    return fail(ErrorKind::bad_input, "a histogram needs a header of {} bytes, got {}", header_size,
                bytes.size());
  }
  const auto cookie = get_big_endian<std::uint32_t>(bytes, 0);
  if (cookie != plain_cookie) {
    return fail(ErrorKind::bad_input, "not a version 2 histogram: cookie {:#010x}, wanted {:#010x}", cookie,
                plain_cookie);
  }
  const auto length = get_big_endian<std::uint32_t>(bytes, 4);
  if (length > bytes.size() - header_size) {
    return fail(ErrorKind::bad_input, "the histogram announces {} bytes of counts and has {}", length,
                bytes.size() - header_size);
  }
  const auto ratio = std::bit_cast<double>(get_big_endian<std::uint64_t>(bytes, 32));
  if (get_big_endian<std::uint32_t>(bytes, 8) != 0 || ratio != 1.0) {
    return fail(ErrorKind::bad_input, "only integer histograms can be read; this one is scaled by {}", ratio);
  }
  const HistogramRange range = {
      .lowest = static_cast<std::int64_t>(get_big_endian<std::uint64_t>(bytes, 16)),
      .highest = static_cast<std::int64_t>(get_big_endian<std::uint64_t>(bytes, 24)),
      .significant_digits = static_cast<int>(get_big_endian<std::uint32_t>(bytes, 12))};
  const Result<Histogram> empty = Histogram::create(range);
  if (!empty) return fail(ErrorKind::bad_input, "{}", empty.error().what);
  THAW_TRY(const auto counts, decode_counts(bytes.substr(header_size, length), empty->counts().size()));
  return Histogram::from_counts(range, counts);
}

std::string encode_compressed(const Histogram& histogram) {
  const std::string plain = encode(histogram);
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string deflated(size, '\0');
  const int status = compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
                              reinterpret_cast<const Bytef*>(plain.data()), static_cast<uLong>(plain.size()));
  THAW_ASSERT(status == Z_OK, "zlib refused {} bytes with status {}", plain.size(), status);
  deflated.resize(size);
  std::string out;
  put_big_endian(out, compressed_cookie);
  put_big_endian(out, static_cast<std::uint32_t>(deflated.size()));
  return out + deflated;
}

Result<Histogram> decode_compressed_histogram(std::string_view bytes) {
  if (bytes.size() < 8 || get_big_endian<std::uint32_t>(bytes, 0) != compressed_cookie) {
    return fail(ErrorKind::bad_input, "not a compressed version 2 histogram: the cookie {:#010x} is absent",
                compressed_cookie);
  }
  const auto length = get_big_endian<std::uint32_t>(bytes, 4);
  if (length > bytes.size() - 8) {
    return fail(ErrorKind::bad_input, "the histogram announces {} compressed bytes and has {}", length,
                bytes.size() - 8);
  }
  THAW_TRY(const std::string plain, inflate(bytes.substr(8, length)));
  return decode_histogram(plain);
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t present = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < present ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out.push_back(j <= present ? alphabet[(group >> (18 - 6 * j)) & 63] : '=');
    }
  }
  return out;
}

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return fail(ErrorKind::bad_input, "base64 text of {} characters is cut", text.size());
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_padding = i + padding >= text.size();
    const std::size_t digit = is_padding ? 0 : alphabet.find(text[i]);
    if (digit == std::string_view::npos)
      return fail(ErrorKind::bad_input, "'{}' is not a base64 character", text[i]);
    group = group << 6 | static_cast<std::uint32_t>(digit);
    if (i % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8) out.push_back(static_cast<char>(group >> shift & 0xff));
    group = 0;
  }
  out.resize(out.size() - padding);
  return out;
}

}  // namespace thaw
