#include "trace/arrival_law.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "core/text.h"

namespace thaw {
namespace {

struct NamedLaw {
  ArrivalLaw law;
  std::string_view name;
};
constexpr std::array named_laws = {
    NamedLaw{ArrivalLaw::exponential, "exponential"},
    NamedLaw{ArrivalLaw::uniform, "uniform"},
    NamedLaw{ArrivalLaw::equidistant, "equidistant"},
    NamedLaw{ArrivalLaw::exponential_shift, "exponential_shift"},
    NamedLaw{ArrivalLaw::uniform_shift, "uniform_shift"},
    NamedLaw{ArrivalLaw::poisson, "poisson"},
};

Result<double> positive(double draw) {
  if (draw > 0) return draw;
  return fail(ErrorKind::internal, "an inter-arrival draw must be above 0, got {}", draw);
}

ColumnIntervals equidistant(std::uint32_t count, double column_us) {
  ColumnIntervals column{std::vector<double>(count + 1, column_us / count), 0};
  column.intervals_us.front() = 0;
  for (std::uint32_t i = 0; i < count; ++i) column.raw += column_us / count;
  return column;
}

Result<ColumnIntervals> poisson(std::uint32_t count, double column_us, Draws& draws) {
  ColumnIntervals column;
  double at = 0;
  while (true) {
    THAW_TRY(const double draw, positive(draws.exponential()));
    const double gap = draw / count * column_us;
    if (at + gap >= column_us) break;
    at += gap;
    column.raw += draw;
    column.intervals_us.push_back(gap);
  }
  column.intervals_us.push_back(column_us - at);
  return column;
}

/// Cuts the circle of gaps x_1 … x_n at `split`.
std::vector<double> cut_circle(std::span<const double> gaps, double split) {
  double sum = 0;
  std::size_t cut = 0;
  for (; cut < gaps.size(); ++cut) {
    sum += gaps[cut];
    if (sum > split) break;
  }
  cut = std::min(cut, gaps.size() - 1);  // rounding may leave the whole sum below the split
  const double begin = std::max(0.0, sum - split);
  std::vector<double> intervals{begin};
  intervals.insert(intervals.end(), gaps.begin() + static_cast<std::ptrdiff_t>(cut) + 1, gaps.end());
  intervals.insert(intervals.end(), gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(cut));
  intervals.push_back(gaps[cut] - begin);
  return intervals;
}

}  // namespace

Result<ArrivalLaw> parse_arrival_law(std::string_view name) {
  std::string wanted = to_lower(name);
  std::replace(wanted.begin(), wanted.end(), '-', '_');
  std::vector<std::string> names;
  for (const NamedLaw& entry : named_laws) {
    if (entry.name == wanted) return entry.law;
    names.emplace_back(entry.name);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown law of inter-arrival times \"{}\"", name),
                 "--iat", suggest(wanted, names));
}

std::string_view name_of(ArrivalLaw law) {
  for (const NamedLaw& entry : named_laws)
    if (entry.law == law) return entry.name;
  return "";
}

Result<ColumnIntervals> column_intervals(std::uint32_t count, ArrivalLaw law, double column_us,
                                         Draws& draws) {
  if (count == 0) return ColumnIntervals{{column_us}, 0};
  if (law == ArrivalLaw::equidistant) return equidistant(count, column_us);
  if (law == ArrivalLaw::poisson) return poisson(count, column_us, draws);
  ColumnIntervals column;
  std::vector<double> gaps(count);
  for (double& gap : gaps) {
    THAW_TRY(gap, positive(arrival::gap(law, draws)));
    column.raw += gap;
  }
  for (double& gap : gaps) gap = arrival::scaled(gap, column.raw, column_us);
  if (arrival::is_shifted(law)) {
    column.intervals_us = cut_circle(gaps, draws.uniform() * column_us);
  } else {
    column.intervals_us.push_back(0);
    column.intervals_us.insert(column.intervals_us.end(), gaps.begin(), gaps.end());
  }
  return column;
}

Result<FunctionArrivals> lay_out(std::span<const std::uint32_t> counts, ArrivalLaw law, double column_us,
                                 Draws& draws) {
  FunctionArrivals arrivals;
  arrivals.iat_us.push_back(0);
  for (const std::uint32_t count : counts) {
    THAW_TRY(const ColumnIntervals column, column_intervals(count, law, column_us, draws));
    arrivals.iat_us.back() += column.intervals_us.front();
    arrivals.iat_us.insert(arrivals.iat_us.end(), column.intervals_us.begin() + 1, column.intervals_us.end());
    arrivals.per_column.push_back(static_cast<std::uint32_t>(column.intervals_us.size() - 1));
    arrivals.raw.push_back(column.raw);
  }
  arrivals.iat_us.pop_back();  // what remains after the last arrival
  return arrivals;
}

ColumnIndex::ColumnIndex(std::span<const std::uint32_t> per_column) : ends_(per_column.size()) {
  std::uint64_t sum = 0;
  for (std::size_t column = 0; column < per_column.size(); ++column)
    ends_[column] = sum += per_column[column];
}

std::size_t ColumnIndex::column_of(std::uint64_t k) const {
  return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), k) - ends_.begin());
}

}  // namespace thaw
