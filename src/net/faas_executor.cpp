#include "net/faas_executor.h"

#include "net/protobuf_wire.h"

namespace thaw {
namespace {

/// Both messages have the same shape: a text and two numbers.
void append(std::string& out, std::string_view message, std::uint32_t second, std::uint32_t third) {
  append_bytes_field(out, 1, message);
  append_varint_field(out, 2, second);
  append_varint_field(out, 3, third);
}

bool parse(std::string_view bytes, std::string& message, std::uint32_t& second, std::uint32_t& third) {
  WireReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->kind == WireKind::bytes) message = field->bytes;
    // A larger value is cut to 32 bits, as generated code does it.
    if (field->number == 2 && field->kind == WireKind::varint)
      second = static_cast<std::uint32_t>(field->value);
    if (field->number == 3 && field->kind == WireKind::varint)
      third = static_cast<std::uint32_t>(field->value);
  }
  return !reader.is_malformed();
}

}  // namespace

void append_faas_request(std::string& out, const FaasRequest& request) {
  append(out, request.message, request.runtime_ms, request.memory_mib);
}

void append_faas_reply(std::string& out, const FaasReply& reply) {
  append(out, reply.message, reply.duration_us, reply.memory_kib);
}

std::optional<FaasRequest> parse_faas_request(std::string_view bytes) {
  FaasRequest request;
  if (!parse(bytes, request.message, request.runtime_ms, request.memory_mib)) return std::nullopt;
  return request;
}

std::optional<FaasReply> parse_faas_reply(std::string_view bytes) {
  FaasReply reply;
  if (!parse(bytes, reply.message, reply.duration_us, reply.memory_kib)) return std::nullopt;
  return reply;
}

}  // namespace thaw
