#pragma once
// The points of a record of simulations, as the figures need them: one curve for each policy (and trace, where there
// are several), and at each size of memory the mean over the seeds.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "record/csv.h"
#include "report/figure.h"

namespace thaw {

/// The quantities of a point that are drawn; NaN where there is none.
struct SimulationQuantities {
  double invocations = 0;
  double cold_pct = 0;     ///< Of the served.
  double dropped_pct = 0;  ///< Of all.
  double hit_ratio = 0;
  double exec_increase_pct = 0;
  double idle_gb_s = 0;
  double slowdown_p99 = 0;
  double cold_ms_total = 0;
};

/// A policy with its quantities by memory in MB.
struct PolicyCurve {
  std::string name;    ///< For people: the policy, and the trace where there are several.
  std::string policy;  ///< As in the record.
  std::map<double, SimulationQuantities> by_memory;

  /// Mean over the sizes of memory; what curves are ranked by.
  [[nodiscard]] double mean_hit_ratio() const;
};

/// In the order of the record. Errors: bad_input (a column is missing).
Result<std::vector<PolicyCurve>> policy_curves(const CsvColumns& samples);

/// The curves that figures show, in the order of the record: all when there are at most `most`; else those that
/// everyone knows, and the best.
std::vector<const PolicyCurve*> curves_to_draw(const std::vector<PolicyCurve>& curves, std::size_t most);

/// A series of one quantity against memory; unlimited memory has no place on an axis.
FigureSeries series_of(const PolicyCurve& curve, double SimulationQuantities::*quantity);

/// From here on memory is as good as unlimited (what "inf" stands for).
inline constexpr double unlimited_from_mb = 1e12;

/// All sizes of memory, rising.
std::vector<double> memory_sizes(const std::vector<PolicyCurve>& curves);

}  // namespace thaw
