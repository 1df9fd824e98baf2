#pragma once
// Compressed files: records may be kept as samples.csv.gz, and datasets may come compressed.

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// True when the bytes begin as a gzip file does (RFC 1952, section 2.3.1).
bool is_gzip(std::string_view bytes);

/// The content of a gzip file, all its members. `path` is for messages.
/// Errors: bad_input when it is damaged or cut off, or holds more than 1 GiB.
Result<std::string> gunzip(std::string_view bytes, const Path& path);

/// A file's content, unpacked if it is compressed. Errors: those of read_file and gunzip.
Result<std::string> read_file_unpacked(const Path& path);

}  // namespace thaw
