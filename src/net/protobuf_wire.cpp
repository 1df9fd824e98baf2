#include "net/protobuf_wire.h"

namespace thaw {
namespace {

constexpr std::uint32_t most_field_number = (1U << 29) - 1;

void append_tag(std::string& out, std::uint32_t number, WireKind kind) {
  append_varint(out, std::uint64_t{number} << 3 | static_cast<unsigned>(kind));
}

}  // namespace

void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void append_varint_field(std::string& out, std::uint32_t number, std::uint64_t value) {
  if (value == 0) return;
  append_tag(out, number, WireKind::varint);
  append_varint(out, value);
}

void append_bytes_field(std::string& out, std::uint32_t number, std::string_view value) {
  if (value.empty()) return;
  append_tag(out, number, WireKind::bytes);
  append_varint(out, value.size());
  out += value;
}

/// At most ten bytes; what does not fit into 64 bits is malformed.
std::optional<std::uint64_t> WireReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

/// Little-endian.
std::optional<std::uint64_t> WireReader::fixed(std::size_t bytes) {
  if (rest_.size() < bytes) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(bytes);
  return value;
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty() || is_malformed_) return std::nullopt;
  is_malformed_ = true;  // Until the field has been read.
  const auto tag = varint();
  if (!tag || *tag >> 3 == 0 || *tag >> 3 > most_field_number) return std::nullopt;
  WireField field{.number = static_cast<std::uint32_t>(*tag >> 3), .kind = static_cast<WireKind>(*tag & 7)};
  std::optional<std::uint64_t> value;
  switch (field.kind) {
    case WireKind::varint:
    case WireKind::bytes:
      value = varint();
      break;
    case WireKind::fixed64:
      value = fixed(8);
      break;
    case WireKind::fixed32:
      value = fixed(4);
      break;
    default:
      break;
  }
  if (!value) return std::nullopt;
  if (field.kind == WireKind::bytes) {
    if (*value > rest_.size()) return std::nullopt;
    field.bytes = rest_.substr(0, static_cast<std::size_t>(*value));
    rest_.remove_prefix(field.bytes.size());
  } else {
    field.value = *value;
  }
  is_malformed_ = false;
  return field;
}

}  // namespace thaw
