#pragma once
// Finds a function by its name, once per invocation of a trace: open addressing over one block of text.

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trace/trace.h"

namespace thaw {

/// The names of a trace's functions and their places.
class FunctionNames {
 public:
  static constexpr FunctionIndex none = UINT32_MAX;

  FunctionNames() : slots_(64) {}

  /// Adds a name at the next place. Returns false, and adds nothing, when it is there already.
  bool add(std::string_view name);
  /// The place of a name, or none. Cost: O(1), no allocation.
  [[nodiscard]] FunctionIndex find(std::string_view name) const {
    return slots_[slot_of(name, hash(name))].index;
  }
  [[nodiscard]] std::size_t size() const { return begins_.size() - 1; }
  [[nodiscard]] std::string_view name(FunctionIndex index) const {
    return std::string_view(text_).substr(begins_[index], begins_[index + 1] - begins_[index]);
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    FunctionIndex index = none;
  };

  static std::uint64_t hash(std::string_view name) {
    constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15;
    std::uint64_t state = name.size() * multiplier;
    const char* at = name.data();
    std::size_t left = name.size();
    for (; left >= 8; at += 8, left -= 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      state = (state ^ word) * multiplier;
      state ^= state >> 32;
    }
    std::uint64_t word = 0;
    if (left > 0) std::memcpy(&word, at, left);
    state = (state ^ word) * multiplier;
    return state ^ (state >> 29);
  }
  /// Where the name is, or the free slot where it would be.
  [[nodiscard]] std::size_t slot_of(std::string_view text, std::uint64_t hashed) const {
    const auto tag = static_cast<std::uint32_t>(hashed >> 32);
    std::size_t at = hashed & (slots_.size() - 1);
    while (slots_[at].index != none && (slots_[at].tag != tag || name(slots_[at].index) != text)) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return at;
  }
  void grow();

  std::vector<Slot> slots_;
  std::string text_;
  std::vector<std::size_t> begins_ = {0};
};

}  // namespace thaw
