#pragma once
// Which elements of a heap equal their parents, many at a time.

#include <cstddef>
#include <cstdint>

namespace thaw::faascache {

inline constexpr std::size_t tie_scan_parents = 32;

/// Bit c says that the child 2·begin + 1 + c equals its parent, for the children of the 32 places from `begin` on.
/// REQUIRES: there are 2·begin + 65 keys.
std::uint64_t scan_ties(const std::int64_t* keys, std::size_t begin);

}  // namespace thaw::faascache
