#pragma once
// HTTP/1.1 messages (RFC 9112) as far as a function needs them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thaw::functions {

struct HttpRequest {
  std::string method;
  std::string target;  ///< Path and query; an absolute target is cut down to them.
  int minor_version = 1;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::string body;                                          ///< Chunks already joined.

  /// The first header of that (lower-case) name; null when absent.
  [[nodiscard]] const std::string* header(std::string_view name) const;
  /// Whether the client wants to send another request on the connection.
  [[nodiscard]] bool keeps_alive() const;
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< Beyond the usual ones.
};

/// The whole message. A HEAD request gets the head only, with the length of the body it did not get.
std::string http_message(const HttpResponse& response, bool keeps_alive, bool head_only = false);

}  // namespace thaw::functions
