#include "functions/matmul.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "functions/arguments.h"
#include "functions/functions.h"

namespace thaw::functions {

void multiply_add(std::span<const double> a, std::span<const double> b, std::span<double> c, std::size_t n) {
  constexpr std::size_t block = 48;  // 48 x 48 doubles of b are 18 KiB, which stay in the first-level cache.
  for (std::size_t k_begin = 0; k_begin < n; k_begin += block) {
    const std::size_t k_end = std::min(n, k_begin + block);
    for (std::size_t j_begin = 0; j_begin < n; j_begin += block) {
      const std::size_t width = std::min(n, j_begin + block) - j_begin;
      for (std::size_t i = 0; i < n; ++i) {
        double* const row = &c[i * n + j_begin];
        for (std::size_t k = k_begin; k < k_end; ++k) {
          const double factor = a[i * n + k];
          const double* const other = &b[k * n + j_begin];
          for (std::size_t j = 0; j < width; ++j) row[j] += factor * other[j];
        }
      }
    }
  }
}

/// matmul: A(i,k) = i - k times B(k,j) = k + j. All products are whole numbers, so the checksum is exact and has a
/// closed form: the sum of C is n S^2 - n^2 Q, where S is the sum and Q the sum of squares of 0 … n-1.
Result<std::string> run_matmul(const Invocation& call) {
  Positionals args("matmul", call.args);
  THAW_TRY(const std::int64_t size, args.integer("n", 100, 1, 4096));
  THAW_CHECK(args.finish());
  const auto n = static_cast<std::size_t>(size);
  std::vector<double> a(n * n);
  std::vector<double> b(n * n);
  std::vector<double> c(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      a[i * n + k] = static_cast<double>(i) - static_cast<double>(k);
      b[i * n + k] = static_cast<double>(i + k);
    }
  }

  const Stopwatch watch(call.clock);
  multiply_add(a, b, c, n);
  const Seconds time = watch.elapsed();

  return fmt::format("checksum {:.0f}\n", std::accumulate(c.begin(), c.end(), 0.0)) +
         time_line("matmul", time);
}

}  // namespace thaw::functions
