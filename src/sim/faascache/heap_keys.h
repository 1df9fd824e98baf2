#pragma once
// The keys of a binary heap, laid out so that place 1 begins a cache line: then siblings, and the eight children of four
// neighbours, lie in one.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace thaw::faascache {

class HeapKeys {
 public:
  using Key = std::int64_t;

  [[nodiscard]] Key* data() { return lines_.data()->keys + before; }
  [[nodiscard]] const Key* data() const { return lines_.data()->keys + before; }
  Key& operator[](std::size_t place) { return data()[place]; }
  const Key& operator[](std::size_t place) const { return data()[place]; }

  /// Makes room for places 0 … count-1 at least; the new ones get `key`. REQUIRES: count is above zero.
  void grow(std::size_t count, Key key) {
    Line fresh;
    for (Key& each : fresh.keys) each = key;
    lines_.resize((before + count + per_line - 1) / per_line, fresh);
  }

 private:
  static constexpr std::size_t per_line = 8, before = per_line - 1;
  struct alignas(64) Line {
    Key keys[per_line];
  };

  std::vector<Line> lines_;
};

}  // namespace thaw::faascache
