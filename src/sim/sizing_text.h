#pragma once
// What `thaw sim curve`, `provision`, `bounds` and `score` print, in each of the table's forms. JSON is one object
// whose first field names its schema (docs/curves.md); CSV and ndjson are the rows alone.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/table.h"
#include "sim/bound_rows.h"
#include "sim/hit_ratio_curve.h"
#include "sim/provision.h"
#include "sim/score.h"

namespace thaw {

/// Memory for one target hit ratio.
struct TargetSize {
  double hit_ratio = 0;
  std::optional<double> memory_mb;  ///< Empty when no memory is enough.
  double legacy_memory_mb = 0;
};
std::vector<TargetSize> sizes_for(const HitRatioCurve& curve, std::span<const double> hit_ratios);

struct CurveText {
  std::string trace;
  std::size_t functions = 0;
  std::vector<TargetSize> targets;
  std::vector<CurvePoint> points;
};
/// thaw.curve/1
std::string render_curve(const HitRatioCurve& curve, const CurveText& text, TableFormat format);

struct ProvisionText {
  std::string trace;
  std::vector<TargetSize> targets;
  double peak_running_mb = 0;       ///< Assumed::warm.
  double peak_running_cold_mb = 0;  ///< Assumed::cold.
};
/// thaw.provision/1
std::string render_provision(const ProvisionPlan& plan, const ProvisionText& text, TableFormat format);

/// thaw.bounds/1
std::string render_bounds(std::span<const BoundRow> rows, std::string_view trace, TableFormat format);

/// thaw.score/1
std::string render_scores(std::span<const PolicyScore> scores, const ScoreOptions& options,
                          TableFormat format);

}  // namespace thaw
