#include "functions/http.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace thaw::functions {
namespace {

std::string_view phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

}  // namespace

const std::string* HttpRequest::header(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return h.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

bool HttpRequest::keeps_alive() const {
  bool is_kept = minor_version >= 1;
  for (const auto& [name, value] : headers) {
    if (name != "connection") continue;
    for (const std::string_view option : split(value, ',')) {
      const std::string word = to_lower(trim(option));
      if (word == "close") return false;
      if (word == "keep-alive") is_kept = true;
    }
  }
  return is_kept;
}

std::string http_message(const HttpResponse& response, bool keeps_alive, bool head_only) {
  std::string message = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: {}\r\n",
      response.status, phrase(response.status), response.body.size(), keeps_alive ? "keep-alive" : "close");
  for (const auto& [name, value] : response.headers) message += fmt::format("{}: {}\r\n", name, value);
  message += "\r\n";
  if (!head_only) message += response.body;
  return message;
}

}  // namespace thaw::functions
