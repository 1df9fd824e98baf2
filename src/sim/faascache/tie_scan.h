#pragma once
// Which elements of a heap equal their parents, many at a time.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace thaw::faascache {

inline constexpr std::size_t tie_scan_parents = 32;

/// Bit c says that the child 2·begin + 1 + c equals its parent, for the children of the 32 places from `begin` on.
/// REQUIRES: there are 2·begin + 65 keys.
using TieScan = std::uint64_t (*)(const std::int64_t* keys, std::size_t begin);

/// All that this processor can run, the fastest last; they say the same.
std::vector<TieScan> tie_scans();

}  // namespace thaw::faascache
