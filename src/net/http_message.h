#pragma once
// HTTP requests and responses (RFC 9110), whichever version carries them.

#include <optional>
#include <string>
#include <string_view>

#include "net/http_headers.h"

namespace thaw {

struct HttpRequest {
  std::string method;
  std::string target;     ///< Path and query; an absolute target is cut down to them.
  int minor_version = 1;  ///< Of HTTP/1.
  HttpHeaders headers;    ///< Names in lower case. HTTP/2's authority is the header "host".
  std::string body;       ///< Chunks already joined.

  /// The first header of that (lower-case) name; nullopt when absent.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return headers.find(name);
  }
  /// The target before its query.
  [[nodiscard]] std::string_view path() const;
  /// The target's query without its '?'; empty without one.
  [[nodiscard]] std::string_view query() const;
  /// Whether the client wants to send another request on the connection (RFC 9112 section 9.3).
  [[nodiscard]] bool keeps_alive() const;
  /// Makes it empty and keeps its memory.
  void clear();
};

struct HttpResponse {
  int status = 200;
  std::string body;
  HttpHeaders headers = {};  ///< Beyond the usual ones; a content-type here takes the place of the one below.
  std::string_view content_type = "text/plain; charset=utf-8";  ///< Empty: none. REQUIRES: a literal.
  HttpHeaders trailers = {};                                    ///< Sent by HTTP/2 only.

  /// Makes it an empty 200 and keeps its memory.
  void clear();
};

/// "Not Found"; "Unknown" for statuses without a name of their own.
std::string_view reason_phrase(int status);

/// Whether a response with that status has no body at all, not even an empty one (RFC 9110 section 6.4.1).
bool never_has_body(int status);

/// The text of a query's name or value: "%41" is "A", "+" a blank. nullopt for a malformed escape or a NUL.
std::optional<std::string> decode_query_text(std::string_view text);

/// The first value of a name in a query ("cpu=5&x=y"), decoded; nullopt when absent or malformed.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace thaw
