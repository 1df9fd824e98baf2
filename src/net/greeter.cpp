#include "net/greeter.h"

#include "net/protobuf_wire.h"

namespace thaw {

void append_hello_request(std::string& out, const HelloRequest& request) {
  append_bytes_field(out, 1, request.name);
  append_bytes_field(out, 15, request.metadata);
}

std::optional<HelloRequest> parse_hello_request(std::string_view bytes) {
  HelloRequest request;
  WireReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->kind != WireKind::bytes) continue;
    if (field->number == 1) request.name = field->bytes;
    if (field->number == 15) request.metadata = field->bytes;
  }
  if (reader.is_malformed()) return std::nullopt;
  return request;
}

void append_hello_reply(std::string& out, std::string_view message) { append_bytes_field(out, 1, message); }

std::optional<std::string_view> parse_hello_reply(std::string_view bytes) {
  std::string_view message;
  WireReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->kind == WireKind::bytes) message = field->bytes;
  }
  if (reader.is_malformed()) return std::nullopt;
  return message;
}

std::string_view greeter_service(std::string_view message) {
  constexpr std::string_view label = "fn: ";
  const std::size_t at = message.find(label);
  if (at == std::string_view::npos) return message;
  message.remove_prefix(at + label.size());
  return message.substr(0, message.find(" |"));
}

}  // namespace thaw
