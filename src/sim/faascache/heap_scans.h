#pragma once
// What a heap's array needs to be asked of many elements at a time: which equal their parents, which are greater than a
// child, and which places move up when a gap closes.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace thaw::faascache {

/// As many as a word has bits.
inline constexpr std::size_t scanned_parents = 64;

/// Of 64 places, which child each is tied to: the right one if that is equal, or else the left one.
struct TiedChildren {
  std::uint64_t left;
  std::uint64_t right;
};

/// A heap's array, for whoever looks for paths of ties.
struct TieScanInput {
  const std::int64_t* keys;   ///< To the children of the last of the 64 places that `inner - 1` belongs to.
  const std::uint8_t* turns;  ///< To the last of those places.
  std::uint8_t turn;          ///< Paths whose head has this one are left out.
  std::size_t first;          ///< Where to begin: a multiple of 64.
  std::size_t inner;          ///< Places that have children.
};

/// What is found. Words are by 64 places, as many as hold the inner ones; those before `first` stay.
struct TieScanOutput {
  TiedChildren* ties;
  /// A bit for each place to which a parent from `first` on is tied; twice as many words and one.
  std::uint64_t* below;
  std::uint32_t* heads;  ///< Where the paths begin, in order; room for 16 more than there are inner places.
};

/// The number of heads.
using TieScan = std::size_t (*)(const TieScanInput& input, const TieScanOutput& output);

/// All that this processor can run, the fastest last; they say the same.
std::vector<TieScan> tie_scans();

/// Bit i says that place begin + i is greater than one of its children.
/// REQUIRES: there are 2·begin + 129 keys.
using BrokenScan = std::uint64_t (*)(const std::int64_t* keys, std::size_t begin);
std::vector<BrokenScan> broken_scans();

/// Counts come in multiples of this.
inline constexpr std::size_t gap_closing_step = 16;

/// Lowers by one every position that is greater than `gap`.
/// REQUIRES: positions are less than 2³¹; count is a multiple of gap_closing_step.
using GapClosing = void (*)(std::uint32_t* positions, std::size_t count, std::uint32_t gap);
std::vector<GapClosing> gap_closings();

}  // namespace thaw::faascache
