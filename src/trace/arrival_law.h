#pragma once
// How the invocations of a column are laid out inside it: the laws of inter-arrival times, and a whole function's
// list of them. docs/plans.md has the formulas.
//
// Times here are in microseconds, the unit of the predecessor's specification files.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "trace/draws.h"

namespace thaw {

/// All but `poisson` keep the count of every column exactly.
enum class ArrivalLaw {
  exponential,  ///< One arrival at the start of the column, the others as a Poisson process given its count.
  uniform,      ///< One arrival at the start; gaps proportional to uniform draws.
  equidistant,  ///< n arrivals U/n apart, the first at the start of the column.
  exponential_shift,  ///< The circle of exponential gaps cut at a random point: no arrival is pinned.
  uniform_shift,      ///< The same for uniform gaps.
  poisson,            ///< A Poisson process with n arrivals per column in the mean; its counts are random.
};

/// "exponential", "uniform_shift", …; also with '-'.
/// Errors: bad_usage with the nearest name.
Result<ArrivalLaw> parse_arrival_law(std::string_view name);
std::string_view name_of(ArrivalLaw law);

/// A column cut into intervals: up to the first arrival, between arrivals, and from the last to the end.
struct ColumnIntervals {
  std::vector<double> intervals_us;  ///< One more than there are arrivals; they add up to the column.
  double raw = 0;                    ///< Sum of the draws before they were scaled to the column.
};

/// Lays out one column.
/// Errors: internal when a draw is not above 0.
Result<ColumnIntervals> column_intervals(std::uint32_t count, ArrivalLaw law, double column_us, Draws& draws);

/// Arrivals of one function over all columns.
struct FunctionArrivals {
  std::vector<double> iat_us;             ///< [0] from the start of the plan, then from arrival to arrival.
  std::vector<std::uint32_t> per_column;  ///< Arrivals in each column.
  std::vector<double> raw;                ///< ColumnIntervals::raw of each column.
};

/// The whole list for one function, columns joined: the rest of a column is added to the wait for the next arrival.
/// Errors: as column_intervals.
Result<FunctionArrivals> lay_out(std::span<const std::uint32_t> counts, ArrivalLaw law, double column_us,
                                 Draws& draws);

/// Finds the column of a function's k-th arrival.
class ColumnIndex {
 public:
  explicit ColumnIndex(std::span<const std::uint32_t> per_column);
  /// The column of arrival `k` (from 0), or the number of columns when there are not so many. Cost: O(log columns).
  [[nodiscard]] std::size_t column_of(std::uint64_t k) const;

 private:
  std::vector<std::uint64_t> ends_;  ///< Arrivals up to and including each column.
};

namespace arrival {

/// One draw of the law's gaps. REQUIRES: the law is neither equidistant nor poisson.
template <class AnyDraws>
double gap(ArrivalLaw law, AnyDraws& draws) {
  const bool is_exponential = law == ArrivalLaw::exponential || law == ArrivalLaw::exponential_shift;
  return is_exponential ? draws.exponential() : draws.uniform();
}

/// A draw scaled to the column. The order of operations is the predecessor's, so the digits are too.
inline double scaled(double draw, double raw, double column_us) {
  return draw / raw * 1e6 * (column_us / 1e6);
}

inline bool is_shifted(ArrivalLaw law) {
  return law == ArrivalLaw::exponential_shift || law == ArrivalLaw::uniform_shift;
}

}  // namespace arrival
}  // namespace thaw
