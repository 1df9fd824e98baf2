#pragma once
// Where a static program listens: numeric addresses only, because it cannot look up names reliably.

#include <cstdint>
#include <string>

#include "core/error.h"
#include "core/files.h"

namespace thaw::functions {

struct ListeningSocket {
  FileDescriptor socket;  ///< Does not block.
  std::uint16_t port = 0;
  std::string url;  ///< "http://127.0.0.1:8080".
};

/// Listens at a numeric IPv4 or IPv6 address or "localhost"; port 0 is any free one.
/// Errors: bad_usage (the address), environment (port in use, no permission), with what to do.
Result<ListeningSocket> listen_at(const std::string& host, std::uint16_t port);

}  // namespace thaw::functions
