#include "trace/compact_counts.h"

namespace thaw {

void CompactCounts::begin_row() {
  begins_.push_back(bytes_.size());
  zeros_ = 0;
  total_before_row_ = total_;
}

void CompactCounts::drop_row() {
  bytes_.resize(begins_.back());
  begins_.pop_back();
  zeros_ = 0;
  total_ = total_before_row_;
}

/// A zero, then how many there are.
void CompactCounts::flush_zeros() {
  if (zeros_ == 0) return;
  put(0);
  put(zeros_);
  zeros_ = 0;
}

/// Seven bits a byte, the lowest first; the eighth says that more follow (LEB128).
void CompactCounts::put(std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
  bytes_.push_back(static_cast<std::uint8_t>(value));
}

std::uint32_t CompactCounts::Cursor::varint() {
  std::uint32_t value = 0;
  for (int shift = 0;; shift += 7) {
    const std::uint32_t byte = *at_++;
    value |= (byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

std::uint32_t CompactCounts::Cursor::decode() {
  const std::uint32_t value = varint();
  if (value == 0) zeros_ = varint() - 1;
  return value;
}

std::vector<std::uint32_t> CompactCounts::row(std::size_t index, std::size_t columns) const {
  std::vector<std::uint32_t> counts(columns);
  Cursor at = cursor(index);
  for (std::uint32_t& count : counts) count = at.next();
  return counts;
}

}  // namespace thaw
