#include "net/http_message.h"

#include <algorithm>
#include <array>
#include <utility>

namespace thaw {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 36> phrases = {{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view HttpRequest::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view HttpRequest::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

bool HttpRequest::keeps_alive() const {
  bool is_kept = minor_version >= 1;
  for (const auto& [name, value] : headers) {
    if (!is_same_word(name, "connection")) continue;
    if (has_word(value, "close")) return false;
    if (has_word(value, "keep-alive")) is_kept = true;
  }
  return is_kept;
}

void HttpRequest::clear() {
  method.clear();
  target.clear();
  minor_version = 1;
  headers.clear();
  body.clear();
}

void HttpResponse::clear() {
  status = 200;
  body.clear();
  headers.clear();
  content_type = HttpResponse{}.content_type;
  trailers.clear();
}

std::string_view reason_phrase(int status) {
  const auto found =
      std::find_if(phrases.begin(), phrases.end(), [&](const auto& p) { return p.first == status; });
  return found == phrases.end() ? "Unknown" : found->second;
}

bool never_has_body(int status) { return status < 200 || status == 204 || status == 304; }

std::optional<std::string> decode_query_text(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    const std::size_t sign = part.find('=');
    if (sign == std::string_view::npos ? part == name : part.substr(0, sign) == name) {
      return sign == std::string_view::npos ? std::string() : decode_query_text(part.substr(sign + 1));
    }
    query.remove_prefix(std::min(part.size() + 1, query.size()));
  }
  return std::nullopt;
}

}  // namespace thaw
