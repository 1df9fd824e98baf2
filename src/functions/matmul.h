#pragma once
// Dense matrix multiplication, the processor-bound function.

#include <cstddef>
#include <span>

namespace thaw::functions {

/// c += a b for row-major n x n matrices, in blocks that stay in the first-level cache.
/// REQUIRES: all three spans hold n * n numbers, and c overlaps neither input.
/// Cost: 2 n^3 floating-point operations.
void multiply_add(std::span<const double> a, std::span<const double> b, std::span<double> c, std::size_t n);

}  // namespace thaw::functions
