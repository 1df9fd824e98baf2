#pragma once
// Binomial counts, exactly, in constant time.

#include <cstdint>

#include "core/random.h"

namespace thaw {

/// A count of successes in `n` trials of probability `p`: inversion for small means, above 10 the transformed
/// rejection with squeeze BTRS of Hörmann, "The generation of binomial random variates", 1993.
/// REQUIRES: 0 <= p <= 1. Cost: about two words.
std::uint64_t draw_binomial(std::uint64_t n, double p, RandomStream& stream);

}  // namespace thaw
