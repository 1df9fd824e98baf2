#include "sim/hit_ratio_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/reuse_distance.h"
#include "sim/trace_units.h"

namespace thaw {
namespace {

constexpr double mega = 1e6;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Sizes are exact in bytes; what a caller says in MB may be off by rounding.
double whole_bytes(double memory_mb) { return static_cast<double>(to_bytes(memory_mb)); }

}  // namespace

ReuseDistribution::ReuseDistribution(const MemoryHistogram& distances, double extra) {
  double sum = extra;
  for (const MemoryHistogram::Bucket& bucket : distances.buckets()) {
    if (bucket.weight == 0) continue;
    sum += bucket.weight;
    steps_.push_back({bucket.smallest, bucket.largest, std::max(sum, 0.0)});
  }
}

std::vector<ReuseDistribution::Step>::const_iterator ReuseDistribution::not_below(double bytes) const {
  return std::partition_point(steps_.begin(), steps_.end(), [bytes](const Step& step) {
    return static_cast<double>(step.largest) < bytes;
  });
}

double ReuseDistribution::before(std::vector<Step>::const_iterator step) const {
  return step == steps_.begin() ? 0 : std::prev(step)->until;
}

double ReuseDistribution::at(double memory_mb) const {
  if (count() == 0) return missing;
  return before(not_below(whole_bytes(memory_mb) + 1)) / count();
}

double ReuseDistribution::at_nearest(double memory_mb) const {
  if (count() == 0) return missing;
  const double bytes = whole_bytes(memory_mb);
  const auto right = not_below(bytes);
  if (right == steps_.end()) return 1;
  if (right != steps_.begin()) {
    const double to_left = bytes - static_cast<double>(std::prev(right)->largest);
    const double to_right = std::abs(static_cast<double>(right->smallest) - bytes);
    if (to_left < to_right) return before(right) / count();
  }
  return (before(right) + 1) / count();
}

double ReuseDistribution::size_for(double share) const {
  if (count() == 0) return missing;
  const double n = count();
  // Shares are 0, 1/n, …, 1; the nearest of them, ties upwards.
  const double wanted = std::clamp(share * n, 0.0, n);
  const double below = std::floor(wanted);
  const double rank = wanted - below < below + 1 - wanted ? below : below + 1;
  if (rank < 1) return 0;
  const auto step = std::partition_point(steps_.begin(), steps_.end(),
                                         [rank](const Step& each) { return each.until < rank; });
  return static_cast<double>(step == steps_.end() ? steps_.back().largest : step->largest) / mega;
}

HitRatioCurve::HitRatioCurve(const MemoryHistogram& sizes, const MemoryHistogram& distances,
                             const CurveBasis& basis, const Correction& extra)
    : legacy_(distances, extra.accesses), basis_(basis) {
  double hits = extra.accesses, saved = extra.cost_ms;
  for (const MemoryHistogram::Bucket& bucket : sizes.buckets()) {
    if (bucket.weight == 0) continue;
    hits += bucket.weight;
    saved += bucket.cost;
    steps_.push_back({bucket.largest, std::clamp(hits, 0.0, static_cast<double>(basis.invocations)),
                      std::clamp(saved, 0.0, basis.init_ms)});
  }
}

const HitRatioCurve::Step* HitRatioCurve::step_at(double memory_mb) const {
  const double bytes = whole_bytes(memory_mb);
  const auto above = std::partition_point(steps_.begin(), steps_.end(), [bytes](const Step& step) {
    return static_cast<double>(step.memory) <= bytes;
  });
  return above == steps_.begin() ? nullptr : &*std::prev(above);
}

double HitRatioCurve::ratio_of(const Step& step) const {
  return step.hits / static_cast<double>(basis_.invocations);
}

double HitRatioCurve::hit_ratio(double memory_mb) const {
  if (basis_.invocations == 0) return missing;
  const Step* step = step_at(memory_mb);
  return step == nullptr ? 0 : ratio_of(*step);
}

double HitRatioCurve::cold_ms(double memory_mb) const {
  const Step* step = step_at(memory_mb);
  return basis_.init_ms - (step == nullptr ? 0 : step->saved_ms);
}

std::optional<double> HitRatioCurve::size_for(double target) const {
  const auto enough = std::partition_point(
      steps_.begin(), steps_.end(), [this, target](const Step& step) { return ratio_of(step) < target; });
  if (enough == steps_.end()) return std::nullopt;
  return static_cast<double>(enough->memory) / mega;
}

double HitRatioCurve::largest_hit_ratio() const {
  if (basis_.invocations == 0) return missing;
  return steps_.empty() ? 0 : ratio_of(steps_.back());
}

double HitRatioCurve::largest_size() const {
  return steps_.empty() ? 0 : static_cast<double>(steps_.back().memory) / mega;
}

CurvePoint HitRatioCurve::at(double memory_mb) const {
  CurvePoint point;
  point.memory_mb = memory_mb;
  point.hit_ratio = hit_ratio(memory_mb);
  const Step* step = step_at(memory_mb);
  point.cold = static_cast<double>(basis_.invocations) - (step == nullptr ? 0 : step->hits);
  point.cold_ms = cold_ms(memory_mb);
  point.legacy_hit_ratio = legacy_.at(memory_mb);
  return point;
}

std::vector<CurvePoint> HitRatioCurve::points(std::size_t count) const {
  std::vector<CurvePoint> rows;
  for (std::size_t i = 1; i <= count; ++i) {
    // Whole megabytes where there are enough of them, so that rows can be quoted.
    const double exact = largest_size() * static_cast<double>(i) / static_cast<double>(count);
    const double memory_mb = largest_size() >= static_cast<double>(2 * count) ? std::ceil(exact) : exact;
    rows.push_back(at(memory_mb));
  }
  return rows;
}

Result<HitRatioCurve> measure_curve(std::span<const TraceFunction> functions, InvocationSource& invocations) {
  const std::vector<std::int64_t> memory = memory_bytes(functions);
  std::vector<double> init;
  for (const TraceFunction& function : functions) init.push_back(function.init_ms());
  ReuseDistances distances(memory);
  MemoryHistogram sizes, plain;
  CurveBasis basis;
  InvocationBlock block;
  while (true) {
    THAW_CHECK(invocations.next(block));
    if (block.size() == 0) break;
    for (const FunctionIndex function : block.function) {
      const std::int64_t distance = distances.touch(function);
      basis.init_ms += init[function];
      if (distance == ReuseDistances::first_use) continue;
      sizes.add(distance + memory[function], 1, init[function]);
      plain.add(distance, 1, 0);
    }
    basis.invocations += block.size();
  }
  basis.sampled_invocations = basis.invocations;
  basis.sampled_functions = distances.live();
  return HitRatioCurve(sizes, plain, basis, {});
}

}  // namespace thaw
