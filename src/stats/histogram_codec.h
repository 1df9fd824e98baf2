#pragma once
// The byte formats of HdrHistogram, version 2, so that histograms pass between Thaw and every tool that
// speaks them.
//
// A plain histogram is a 40-byte header (big-endian cookie 0x1c849313, payload length, 0, significant digits,
// lowest, highest, 1.0) and the counts by bin number up to the last one in use, each as a zigzag LEB128
// number of at most 9 bytes; a negative number stands for that many empty bins. The compressed form is the
// cookie 0x1c849314, a length, and the plain form deflated by zlib. The format has no place for values
// outside the range: they are written into the nearest bin, so that no count is lost.

#include <string>
#include <string_view>

#include "core/error.h"
#include "stats/histogram.h"

namespace thaw {

/// The plain form.
std::string encode(const Histogram& histogram);
/// Reads the plain form. Errors: bad_input for another cookie, a cut or inconsistent payload, a scaled
/// histogram.
Result<Histogram> decode_histogram(std::string_view bytes);

/// The compressed form.
std::string encode_compressed(const Histogram& histogram);
/// Reads the compressed form. Errors: bad_input, as above and for bytes that zlib refuses.
Result<Histogram> decode_compressed_histogram(std::string_view bytes);

/// Standard base64 with padding (RFC 4648, section 4).
std::string to_base64(std::string_view bytes);
/// Errors: bad_input for characters or a length that to_base64 never makes.
Result<std::string> from_base64(std::string_view text);

}  // namespace thaw
