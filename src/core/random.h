#pragma once
// Counter-based random streams. The n-th word depends only on (seed, purpose, index, n), so neither thread
// count nor order nor another consumer ever changes a result. Every purpose is listed in
// docs/formats/randomness.md.

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace thaw {

/// The seed of every command that takes none: fixed, never the time.
inline constexpr std::uint64_t default_seed = 1;

/// One reproducible sequence of 64-bit words: Philox 4x64-10 (Salmon, Moraes, Dror & Shaw, SC 2011) with
/// key = {seed, FNV-1a(purpose)} and counter = {block, index, 0, 0}. Satisfies UniformRandomBitGenerator, but
/// do not feed it to <random> distributions: their output differs between standard libraries.
class RandomStream {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  RandomStream(std::uint64_t seed, std::string_view purpose, std::uint64_t index = 0);

  result_type operator()() {
    if (next_ == block_.size()) refill();
    return block_[next_++];
  }

  /// Uniform on [0, 1) with 53 bits, the same bits everywhere.
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

  /// Uniform on 0 … bound-1, exactly (Lemire 2019, rejection of the short interval). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);

  /// Standard normal by the inverse distribution function (Acklam's rational approximation with one Halley
  /// step; relative error below 1e-15), so one word makes one value.
  double normal();

 private:
  void refill();

  std::array<std::uint64_t, 2> key_;
  std::uint64_t index_;
  std::uint64_t counter_ = 0;
  std::array<std::uint64_t, 4> block_{};
  std::size_t next_ = 4;
};

}  // namespace thaw
