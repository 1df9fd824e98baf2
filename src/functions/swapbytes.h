#pragma once
// The two kernels of the swapbytes function.

#include <cstdint>
#include <span>

namespace thaw::functions {

/// Exchanges bytes 0 and 1, 2 and 3, …; an odd last byte stays.
void swap_byte_pairs(std::span<unsigned char> bytes);

/// Fletcher's 32-bit checksum over little-endian 16-bit words, an odd last byte padded with zero (Fletcher 1982).
/// Feed a stream in pieces of even length; only the last may be odd.
class Fletcher32 {
 public:
  void add(std::span<const unsigned char> bytes);
  [[nodiscard]] std::uint32_t value() const { return (high_ << 16) | low_; }

 private:
  std::uint32_t low_ = 0;
  std::uint32_t high_ = 0;
};

}  // namespace thaw::functions
