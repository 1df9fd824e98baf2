#pragma once
// Numbered things that wait for room, and the first of them that fits: the tournament tree of first-fit bin packing
// (Johnson, "Fast Algorithms for Bin Packing", 1974). A node holds the smallest size below it.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <vector>

namespace thaw::faascache {

class FirstFit {
 public:
  static constexpr std::size_t none = ~std::size_t{0};

  explicit FirstFit(std::size_t count)
      : leaves_(std::bit_ceil(std::max<std::size_t>(1, count))), smallest_(2 * leaves_, nobody) {}

  [[nodiscard]] bool has(std::size_t i) const { return smallest_[leaves_ + i] != nobody; }
  /// REQUIRES: i is below the count; the size is finite. Cost: O(log count).
  void put(std::size_t i, double size) {
    std::size_t node = leaves_ + i;
    smallest_[node] = size;
    while ((node /= 2) > 0) {
      const double smaller = std::min(smallest_[2 * node], smallest_[2 * node + 1]);
      if (smallest_[node] == smaller) break;
      smallest_[node] = smaller;
    }
  }
  void take_out(std::size_t i) { put(i, nobody); }

  /// The first from `begin` on whose size fits, or none. REQUIRES: what fits is no larger than what does not; infinity
  /// does not fit. Cost: O(log count), one comparison if nobody fits.
  template <class Fits>
  [[nodiscard]] std::size_t first_from(std::size_t begin, Fits&& fits) const {
    if (begin >= leaves_ || !fits(smallest_[1])) return none;
    std::size_t node = leaves_ + begin;
    while (!fits(smallest_[node])) {
      while (node % 2 == 1) node /= 2;
      if (node == 0) return none;
      ++node;
    }
    while (node < leaves_) {
      node *= 2;
      node += static_cast<std::size_t>(!fits(smallest_[node]));
    }
    return node - leaves_;
  }

 private:
  static constexpr double nobody = std::numeric_limits<double>::infinity();

  std::size_t leaves_;
  std::vector<double> smallest_;  ///< The root is 1; the children of i are 2·i and 2·i + 1.
};

}  // namespace thaw::faascache
