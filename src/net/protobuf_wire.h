#pragma once
// The wire format of Protocol Buffers, as much of it as flat messages need: varints and bytes are read, the other kinds
// are stepped over.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thaw {

/// Appends the field `number` as a varint. Zero is what a missing field means, and is left out.
void append_varint_field(std::string& out, std::uint32_t number, std::uint64_t value);
/// Appends the field `number` as bytes or text; left out when empty.
void append_bytes_field(std::string& out, std::uint32_t number, std::string_view value);
/// Appends seven bits a byte, the lowest first.
void append_varint(std::string& out, std::uint64_t value);

/// How the value of a field is written.
enum class WireKind : std::uint8_t {
  varint = 0,
  fixed64 = 1,
  bytes = 2,
  group_begin = 3,
  group_end = 4,
  fixed32 = 5
};

struct WireField {
  std::uint32_t number = 0;
  WireKind kind = WireKind::varint;
  std::uint64_t value = 0;  ///< Of a varint, fixed64 or fixed32.
  std::string_view bytes;   ///< Of bytes; part of the message that is read.
};

/// Walks over the fields of one message.
/// Cost: linear, no allocation.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  /// The next field; nullopt at the end and where the message is malformed. Groups count as malformed: nothing has sent
  /// them for many years.
  std::optional<WireField> next();
  [[nodiscard]] bool is_malformed() const { return is_malformed_; }

 private:
  std::optional<std::uint64_t> varint();
  std::optional<std::uint64_t> fixed(std::size_t bytes);

  std::string_view rest_;
  bool is_malformed_ = false;
};

}  // namespace thaw
