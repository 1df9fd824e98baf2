#pragma once
// A set of small integers that is walked in order, in both directions. Two levels of words, so that finding a
// neighbour looks at one word of every 4096 numbers.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace thaw::faascache {

class OrderedBits {
 public:
  static constexpr std::size_t none = ~std::size_t{0};

  /// Makes room for 0 … size-1; what is in the set stays.
  void reserve(std::size_t size) {
    words_.resize((size + 63) / 64, 0);
    summary_.resize((words_.size() + 63) / 64, 0);
  }

  void put(std::size_t i, bool is_in) {
    const std::uint64_t bit = std::uint64_t{1} << (i & 63);
    std::uint64_t& word = words_[i >> 6];
    word = is_in ? word | bit : word & ~bit;
    // A summary bit may outlive its word's last bit; the next walk over it clears it.
    summary_[i >> 12] |= std::uint64_t{is_in} << ((i >> 6) & 63);
  }

  [[nodiscard]] bool has(std::size_t i) const { return (words_[i >> 6] >> (i & 63) & 1) != 0; }

  /// Replaces 64·w … 64·w + 63.
  void put_word(std::size_t w, std::uint64_t word) {
    words_[w] = word;
    summary_[w >> 6] |= std::uint64_t{word != 0} << (w & 63);
  }

  /// The largest member below `end`, or none.
  std::size_t last_before(std::size_t end) {
    if (end == 0) return none;
    const std::size_t last = end - 1;
    std::size_t w = last >> 6;
    if (const std::uint64_t word = words_[w] & (~std::uint64_t{0} >> (63 - (last & 63)))) return top(w, word);
    for (std::size_t s = w >> 6;; --s) {
      std::uint64_t candidates = summary_[s];
      if (s == w >> 6) candidates &= (std::uint64_t{1} << (w & 63)) - 1;
      while (candidates != 0) {
        const std::size_t found = top(s, candidates);
        if (words_[found] != 0) return top(found, words_[found]);
        const std::uint64_t bit = std::uint64_t{1} << (found & 63);
        summary_[s] &= ~bit;
        candidates &= ~bit;
      }
      if (s == 0) return none;
    }
  }

  /// The smallest member at or above `begin`, or none.
  [[nodiscard]] std::size_t first_from(std::size_t begin) const {
    std::size_t w = begin >> 6;
    if (w >= words_.size()) return none;
    std::uint64_t word = words_[w] & (~std::uint64_t{0} << (begin & 63));
    while (word == 0) {
      if (++w == words_.size()) return none;
      word = words_[w];
    }
    return w * 64 + static_cast<std::size_t>(std::countr_zero(word));
  }

 private:
  static std::size_t top(std::size_t w, std::uint64_t word) {
    return w * 64 + 63 - static_cast<std::size_t>(std::countl_zero(word));
  }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> summary_;
};

}  // namespace thaw::faascache
