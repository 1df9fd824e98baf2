#include "sim/faascache/tie_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace thaw::faascache {
namespace {

std::uint64_t scan_plainly(const std::int64_t* keys, std::size_t begin) {
  const std::int64_t* const children = keys + 2 * begin + 1;
  std::uint64_t ties = 0;
  for (std::size_t i = 0; i < tie_scan_parents; ++i) {
    const std::int64_t parent = keys[begin + i];
    ties |= std::uint64_t{children[2 * i] == parent} << (2 * i);
    ties |= std::uint64_t{children[2 * i + 1] == parent} << (2 * i + 1);
  }
  return ties;
}

#if defined(__x86_64__)

/// The four children of two parents, the lower or the upper half of `parents`.
template <int halves>
[[gnu::target("avx2")]] inline std::uint64_t compare_four(__m256i parents, const std::int64_t* children) {
  const __m256i doubled = _mm256_permute4x64_epi64(parents, halves);
  const __m256i actual = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(children));
  return static_cast<std::uint64_t>(
      _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(doubled, actual))));
}

[[gnu::target("avx2")]] std::uint64_t scan_by_avx2(const std::int64_t* keys, std::size_t begin) {
  constexpr int lower = 0b01'01'00'00, upper = 0b11'11'10'10;
  const std::int64_t* const children = keys + 2 * begin + 1;
  std::uint64_t ties = 0;
  for (std::size_t i = 0; i < tie_scan_parents; i += 4) {
    const __m256i parents = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(keys + begin + i));
    const std::uint64_t found = compare_four<lower>(parents, children + 2 * i) |
                                compare_four<upper>(parents, children + 2 * i + 4) << 4;
    ties |= found << (2 * i);
  }
  return ties;
}

[[gnu::target("avx512f")]] std::uint64_t scan_by_avx512(const std::int64_t* keys, std::size_t begin) {
  const __m512i lower = _mm512_set_epi64(3, 3, 2, 2, 1, 1, 0, 0);
  const __m512i upper = _mm512_set_epi64(7, 7, 6, 6, 5, 5, 4, 4);
  const std::int64_t* const children = keys + 2 * begin + 1;
  std::uint64_t ties = 0;
  for (std::size_t i = 0; i < tie_scan_parents; i += 8) {
    const __m512i parents = _mm512_loadu_si512(keys + begin + i);
    const std::uint64_t left = _mm512_cmpeq_epi64_mask(_mm512_maskz_permutexvar_epi64(0xFF, lower, parents),
                                                       _mm512_loadu_si512(children + 2 * i));
    const std::uint64_t right = _mm512_cmpeq_epi64_mask(_mm512_maskz_permutexvar_epi64(0xFF, upper, parents),
                                                        _mm512_loadu_si512(children + 2 * i + 8));
    ties |= (left | right << 8) << (2 * i);
  }
  return ties;
}

#endif

}  // namespace

std::vector<TieScan> tie_scans() {
  std::vector<TieScan> scans{scan_plainly};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) scans.push_back(scan_by_avx2);
  if (__builtin_cpu_supports("avx512f") != 0) scans.push_back(scan_by_avx512);
#endif
  return scans;
}

}  // namespace thaw::faascache
