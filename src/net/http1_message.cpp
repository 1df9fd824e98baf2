#include "net/http1_message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace thaw {
namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_length(std::string& out, std::size_t bytes) {
  out += "Content-Length: ";
  append_number(out, bytes);
  out += "\r\n";
}

}  // namespace

void append_http1_response(std::string& out, const HttpResponse& response, bool keeps_alive, bool head_only) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  if (!response.content_type.empty() && !response.headers.find("content-type")) {
    append_field(out, "Content-Type", response.content_type);
  }
  const bool has_body = !never_has_body(response.status);
  if (has_body) append_length(out, response.body.size());
  append_field(out, "Connection", keeps_alive ? "keep-alive" : "close");
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  out += "\r\n";
  if (has_body && !head_only) out += response.body;
}

std::string http1_response(const HttpResponse& response, bool keeps_alive, bool head_only) {
  std::string out;
  append_http1_response(out, response, keeps_alive, head_only);
  return out;
}

bool is_hop_by_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 10> names = {
      "connection", "expect",  "http2-settings",    "keep-alive", "proxy-authorization",
      "te",         "trailer", "transfer-encoding", "upgrade",    "proxy-connection"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view known) { return is_same_word(name, known); });
}

void append_http1_request(std::string& out, const HttpRequest& request, std::string_view authority) {
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  append_field(out, "Host", authority);
  bool has_length = false;
  for (const auto& [name, value] : request.headers) {
    if (is_same_word(name, "host") || is_hop_by_hop(name)) continue;
    if (is_same_word(name, "content-length")) {
      has_length = true;
      continue;
    }
    append_field(out, name, value);
  }
  if (!request.body.empty() || has_length || request.method == "POST" || request.method == "PUT") {
    append_length(out, request.body.size());
  }
  out.append("\r\n").append(request.body);
}

}  // namespace thaw
