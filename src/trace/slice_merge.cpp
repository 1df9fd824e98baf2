#include "trace/slice_merge.h"

#include <cmath>

namespace thaw {

SliceGrid SliceGrid::for_columns(std::span<const double> totals, double column_ms,
                                 double invocations_per_slice) {
  SliceGrid grid{column_ms, {}};
  for (const double total : totals)
    grid.slice_ms.push_back(column_ms / std::max(1.0, std::ceil(total / invocations_per_slice)));
  if (grid.slice_ms.empty()) grid.slice_ms.push_back(column_ms);
  return grid;
}

double SliceGrid::end_of_slice(double start_ms) const {
  const double column = std::floor(start_ms / column_ms);
  const std::size_t last = slice_ms.size() - 1;
  const std::size_t place = column >= static_cast<double>(last) ? last : static_cast<std::size_t>(column);
  const double column_end = (column + 1) * column_ms;
  double end = std::min(start_ms + slice_ms[place], column_end);
  // A slice too short for the precision of its start still makes progress.
  if (!(end > start_ms)) end = std::nextafter(start_ms, std::numeric_limits<double>::infinity());
  return end;
}

}  // namespace thaw
