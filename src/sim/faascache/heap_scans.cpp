#include "sim/faascache/heap_scans.h"

#include <algorithm>
#include <array>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace thaw::faascache {
namespace {

TiedChildren tied_children_plainly(const std::int64_t* keys, std::size_t begin, std::size_t count) {
  const std::int64_t* const children = keys + 2 * begin + 1;
  TiedChildren ties{};
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t parent = keys[begin + i];
    const bool is_right = children[2 * i + 1] == parent;
    const bool is_left = (children[2 * i] == parent) & !is_right;
    ties.left |= std::uint64_t{is_left} << i;
    ties.right |= std::uint64_t{is_right} << i;
  }
  return ties;
}

/// The lower 32 bits, each with an empty one above it.
inline std::uint64_t spread(std::uint64_t bits) {
  bits &= 0xFFFFFFFF;
  bits = (bits | bits << 16) & 0x0000FFFF0000FFFF;
  bits = (bits | bits << 8) & 0x00FF00FF00FF00FF;
  bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F;
  bits = (bits | bits << 2) & 0x3333333333333333;
  return (bits | bits << 1) & 0x5555555555555555;
}

/// Behind the end all keys are equal, which ties nobody.
inline void take_out_childless(TiedChildren& ties, std::size_t inner, std::size_t begin) {
  if (inner - begin >= scanned_parents) return;
  const std::uint64_t has_children = (std::uint64_t{1} << (inner - begin)) - 1;
  ties.left &= has_children;
  ties.right &= has_children;
}

/// Until the first parents are scanned, nobody is known to be below.
inline void clear_below(std::uint64_t* below, std::size_t first) {
  const std::size_t w = first / scanned_parents;
  std::fill(below + w, below + 2 * w + 1, 0);
}

/// Fills in the children of the w-th 64 places, lower and upper half; place 0 is nobody's child.
inline void put_below(std::uint64_t* below, std::size_t w, std::uint64_t lower, std::uint64_t upper) {
  below[2 * w] |= lower << 1;
  below[2 * w + 1] = lower >> 63 | upper << 1;
  below[2 * w + 2] = upper >> 63;
}

/// Adds the heads among 64 places.
inline std::size_t add_heads(std::uint64_t heads, std::size_t begin, const TieScanInput& input,
                             std::uint32_t* found) {
  std::size_t count = 0;
  for (; heads != 0; heads &= heads - 1) {
    const std::size_t head = begin + static_cast<std::size_t>(std::countr_zero(heads));
    // Written in any case: nobody could guess the branch.
    found[count] = static_cast<std::uint32_t>(head);
    count += static_cast<std::size_t>(input.turns[head] != input.turn);
  }
  return count;
}

template <TiedChildren (*tied_children)(const std::int64_t*, std::size_t, std::size_t)>
inline std::size_t scan(const TieScanInput& input, const TieScanOutput& output) {
  std::size_t count = 0;
  clear_below(output.below, input.first);
  for (std::size_t w = input.first / scanned_parents, begin = input.first; begin < input.inner;
       ++w, begin += scanned_parents) {
    const std::size_t parents = std::min(input.inner - begin, scanned_parents);
    TiedChildren ties = tied_children(input.keys, begin, parents);
    take_out_childless(ties, input.inner, begin);
    output.ties[w] = ties;
    put_below(output.below, w, spread(ties.left) | spread(ties.right) << 1,
              spread(ties.left >> 32) | spread(ties.right >> 32) << 1);
    const std::uint64_t heads = (ties.left | ties.right) & ~output.below[w];
    count += add_heads(heads, begin, input, output.heads + count);
  }
  return count;
}

std::uint64_t scan_broken_plainly(const std::int64_t* keys, std::size_t begin) {
  const std::int64_t* const children = keys + 2 * begin + 1;
  std::uint64_t broken = 0;
  for (std::size_t i = 0; i < scanned_parents; ++i) {
    const std::int64_t parent = keys[begin + i];
    const bool is_broken = (parent > children[2 * i]) | (parent > children[2 * i + 1]);
    broken |= std::uint64_t{is_broken} << i;
  }
  return broken;
}

void close_gap_plainly(std::uint32_t* positions, std::size_t count, std::uint32_t gap) {
  for (std::size_t i = 0; i < count; ++i) positions[i] -= static_cast<std::uint32_t>(positions[i] > gap);
}

#if defined(__x86_64__)

[[gnu::target("avx2")]] inline __m256i load_four(const std::int64_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

constexpr int swap_middle = 0b11'01'10'00;

/// Four parents in the order 0 2 1 3, and their left and right children in that order.
struct Four {
  __m256i parents, left, right;
};
[[gnu::target("avx2")]] inline Four family_of_four(const std::int64_t* parents,
                                                   const std::int64_t* children) {
  const __m256i a = load_four(children), b = load_four(children + 4);
  return {_mm256_permute4x64_epi64(load_four(parents), swap_middle), _mm256_unpacklo_epi64(a, b),
          _mm256_unpackhi_epi64(a, b)};
}
[[gnu::target("avx2")]] inline std::uint64_t bits_in_order(__m256i found) {
  return static_cast<std::uint64_t>(
      _mm256_movemask_pd(_mm256_castsi256_pd(_mm256_permute4x64_epi64(found, swap_middle))));
}

[[gnu::target("avx2")]] TiedChildren tied_children_by_avx2(const std::int64_t* keys, std::size_t begin,
                                                           std::size_t count) {
  const std::int64_t* const children = keys + 2 * begin + 1;
  TiedChildren ties{};
  for (std::size_t i = 0; i < count; i += 4) {
    const Four four = family_of_four(keys + begin + i, children + 2 * i);
    ties.left |= bits_in_order(_mm256_cmpeq_epi64(four.parents, four.left)) << i;
    ties.right |= bits_in_order(_mm256_cmpeq_epi64(four.parents, four.right)) << i;
  }
  ties.left &= ~ties.right;
  return ties;
}

[[gnu::target("avx2")]] std::uint64_t scan_broken_by_avx2(const std::int64_t* keys, std::size_t begin) {
  const std::int64_t* const children = keys + 2 * begin + 1;
  std::uint64_t broken = 0;
  for (std::size_t i = 0; i < scanned_parents; i += 4) {
    const Four four = family_of_four(keys + begin + i, children + 2 * i);
    broken |= bits_in_order(_mm256_or_si256(_mm256_cmpgt_epi64(four.parents, four.left),
                                            _mm256_cmpgt_epi64(four.parents, four.right)))
              << i;
  }
  return broken;
}

/// Eight parents, their left and their right children.
struct Eight {
  __m512i parents, left, right;
};
[[gnu::target("avx512f")]] inline Eight family_of_eight(const std::int64_t* parents,
                                                        const std::int64_t* children) {
  const __m512i left = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
  const __m512i right = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
  const __m512i a = _mm512_loadu_si512(children), b = _mm512_loadu_si512(children + 8);
  return {_mm512_loadu_si512(parents), _mm512_permutex2var_epi64(a, left, b),
          _mm512_permutex2var_epi64(a, right, b)};
}

[[gnu::target("avx512f")]] inline TiedChildren tied_children_by_avx512(const std::int64_t* keys,
                                                                       std::size_t begin, std::size_t count) {
  const std::int64_t* const children = keys + 2 * begin + 1;
  TiedChildren ties{};
  for (std::size_t i = 0; i < count; i += 8) {
    const Eight eight = family_of_eight(keys + begin + i, children + 2 * i);
    ties.left |= std::uint64_t{_mm512_cmpeq_epi64_mask(eight.parents, eight.left)} << i;
    ties.right |= std::uint64_t{_mm512_cmpeq_epi64_mask(eight.parents, eight.right)} << i;
  }
  ties.left &= ~ties.right;
  return ties;
}

[[gnu::target("avx512f,bmi2")]] inline std::uint64_t interleaved(std::uint64_t left, std::uint64_t right) {
  return _pdep_u64(left, 0x5555555555555555) | _pdep_u64(right, 0xAAAAAAAAAAAAAAAA);
}

[[gnu::target("avx512f,avx512bw,bmi2,popcnt")]] std::size_t scan_by_avx512(const TieScanInput& input,
                                                                           const TieScanOutput& output) {
  const __m512i first_16 = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i turn = _mm512_set1_epi8(static_cast<char>(input.turn));
  std::uint32_t* found = output.heads;
  clear_below(output.below, input.first);
  for (std::size_t w = input.first / scanned_parents, begin = input.first; begin < input.inner;
       ++w, begin += scanned_parents) {
    const std::size_t parents = std::min(input.inner - begin, scanned_parents);
    TiedChildren ties = tied_children_by_avx512(input.keys, begin, parents);
    take_out_childless(ties, input.inner, begin);
    output.ties[w] = ties;
    put_below(output.below, w, interleaved(ties.left, ties.right),
              interleaved(ties.left >> 32, ties.right >> 32));
    const std::uint64_t turned = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(input.turns + begin), turn);
    const std::uint64_t heads = (ties.left | ties.right) & ~output.below[w] & ~turned;
    for (std::size_t i = 0; i < parents && heads != 0; i += 16) {
      const auto some = static_cast<__mmask16>(heads >> i);
      const __m512i places = _mm512_add_epi32(first_16, _mm512_set1_epi32(static_cast<int>(begin + i)));
      // Counted from the word's beginning, so that no store waits for the one before.
      const int before = std::popcount(heads & ((std::uint64_t{1} << i) - 1));
      _mm512_storeu_si512(found + before, _mm512_maskz_compress_epi32(some, places));
    }
    found += std::popcount(heads);
  }
  return static_cast<std::size_t>(found - output.heads);
}

[[gnu::target("avx512f")]] std::uint64_t scan_broken_by_avx512(const std::int64_t* keys, std::size_t begin) {
  const std::int64_t* const children = keys + 2 * begin + 1;
  std::uint64_t broken = 0;
  for (std::size_t i = 0; i < scanned_parents; i += 8) {
    const Eight eight = family_of_eight(keys + begin + i, children + 2 * i);
    const std::uint64_t left = _mm512_cmpgt_epi64_mask(eight.parents, eight.left);
    const std::uint64_t right = _mm512_cmpgt_epi64_mask(eight.parents, eight.right);
    broken |= (left | right) << i;
  }
  return broken;
}

[[gnu::target("avx2")]] void close_gap_by_avx2(std::uint32_t* positions, std::size_t count,
                                               std::uint32_t gap) {
  const __m256i gaps = _mm256_set1_epi32(static_cast<int>(gap));
  for (std::size_t i = 0; i < count; i += 8) {
    auto* const at = reinterpret_cast<__m256i*>(positions + i);
    const __m256i old = _mm256_loadu_si256(at);
    _mm256_storeu_si256(at, _mm256_add_epi32(old, _mm256_cmpgt_epi32(old, gaps)));
  }
}

[[gnu::target("avx512f")]] void close_gap_by_avx512(std::uint32_t* positions, std::size_t count,
                                                    std::uint32_t gap) {
  const __m512i gaps = _mm512_set1_epi32(static_cast<int>(gap));
  const __m512i one = _mm512_set1_epi32(1);
  for (std::size_t i = 0; i < count; i += 16) {
    const __m512i old = _mm512_loadu_si512(positions + i);
    _mm512_storeu_si512(positions + i,
                        _mm512_mask_sub_epi32(old, _mm512_cmpgt_epi32_mask(old, gaps), old, one));
  }
}

#endif

/// Those that the processor has instructions for, from the plain one on.
template <class Function>
std::vector<Function> runnable(const std::array<Function, 3>& functions) {
  std::size_t count = 1;
#if defined(__x86_64__)
  const bool has_avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                          __builtin_cpu_supports("bmi2") != 0;
  if (__builtin_cpu_supports("avx2") != 0) count = has_avx512 ? 3 : 2;
#endif
  return {functions.begin(), functions.begin() + count};
}

#if defined(__x86_64__)
constexpr std::array tie_scan_variants{&scan<tied_children_plainly>, &scan<tied_children_by_avx2>,
                                       &scan_by_avx512};
constexpr std::array broken_scan_variants{&scan_broken_plainly, &scan_broken_by_avx2, &scan_broken_by_avx512};
constexpr std::array gap_closing_variants{&close_gap_plainly, &close_gap_by_avx2, &close_gap_by_avx512};
#else
constexpr std::array<TieScan, 3> tie_scan_variants{&scan<tied_children_plainly>};
constexpr std::array<BrokenScan, 3> broken_scan_variants{&scan_broken_plainly};
constexpr std::array<GapClosing, 3> gap_closing_variants{&close_gap_plainly};
#endif

}  // namespace

std::vector<TieScan> tie_scans() { return runnable(tie_scan_variants); }
std::vector<BrokenScan> broken_scans() { return runnable(broken_scan_variants); }
std::vector<GapClosing> gap_closings() { return runnable(gap_closing_variants); }

}  // namespace thaw::faascache
