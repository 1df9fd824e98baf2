#include "trace/execution_law.h"

#include <algorithm>
#include <cmath>

namespace thaw {
namespace {

constexpr double longest_ms = 60000;
constexpr double largest_mib = 10240;

/// Towards zero; beyond all use, but inside the type, for absurd values.
std::int64_t whole(double value) {
  return std::isfinite(value) ? static_cast<std::int64_t>(std::clamp(value, -1e15, 1e15)) : 0;
}

std::uint32_t clamped(double value, double limit) {
  return static_cast<std::uint32_t>(std::clamp(std::trunc(value), 1.0, limit));
}

std::int64_t draw_inside(std::int64_t low, std::int64_t high, Draws& draws) {
  if (low == high) return low;
  return low + static_cast<std::int64_t>(draws.below(static_cast<std::uint64_t>(high - low)));
}

tl::unexpected<Error> without_samples(const TraceFunction& function, std::string_view of_what, double count) {
  return fail_at(ErrorKind::bad_input,
                 fmt::format("the {} statistics of function \"{}\" rest on {} samples; at least 1 is needed",
                             of_what, function.name, count),
                 {}, "thaw trace sample preprocess drops such functions");
}

}  // namespace

Result<ExecutionLaw::Buckets> ExecutionLaw::runtime_buckets(const TraceFunction& function) {
  const DurationStatistics& d = *function.duration;
  if (!(d.count > 0)) return without_samples(function, "duration", d.count);
  // A quantile of exactly 0 gives p0 itself.
  return Buckets{{{0, whole(d.p0), whole(d.p0)},
                  {0.01, whole(d.p0), whole(d.p1)},
                  {0.25, whole(d.p1), whole(d.p25)},
                  {0.50, whole(d.p25), whole(d.p50)},
                  {0.75, whole(d.p50), whole(d.p75)},
                  {0.99, whole(d.p75), whole(d.p99)},
                  {1, whole(d.p99), whole(d.p100)},
                  {1, whole(d.p100), whole(d.p100)}}};
}

Result<ExecutionLaw::Buckets> ExecutionLaw::memory_buckets(const TraceFunction& function) {
  const MemoryStatistics& m = *function.memory;
  if (!(m.count > 0)) return without_samples(function, "memory", m.count);
  return Buckets{{{0.01, whole(m.p1), whole(m.p1)},
                  {0.05, whole(m.p1), whole(m.p5)},
                  {0.25, whole(m.p5), whole(m.p25)},
                  {0.50, whole(m.p25), whole(m.p50)},
                  {0.75, whole(m.p50), whole(m.p75)},
                  {0.95, whole(m.p75), whole(m.p95)},
                  {0.99, whole(m.p95), whole(m.p99)},
                  {1, whole(m.p99), whole(m.p100)}}};
}

Result<ExecutionLaw> ExecutionLaw::of(const TraceFunction& function) {
  ExecutionLaw law;
  const auto fixed = [](double value) {
    Buckets buckets;
    buckets.fill({1, whole(value), whole(value)});
    return buckets;
  };
  law.runtime_ = fixed(function.warm_ms);
  law.memory_ = fixed(function.memory_mb);
  law.greatest_memory_mib_ = clamped(function.memory_mb, largest_mib);
  if (function.duration) {
    THAW_TRY(law.runtime_, runtime_buckets(function));
  }
  if (function.memory) {
    THAW_TRY(law.memory_, memory_buckets(function));
    law.greatest_memory_mib_ = clamped(function.memory->p100, largest_mib);
  }
  for (const Buckets* buckets : {&law.runtime_, &law.memory_}) {
    for (const Bucket& bucket : *buckets) {
      if (bucket.high >= bucket.low) continue;
      return fail(ErrorKind::bad_input, "the {} percentiles of function \"{}\" fall from {} to {}",
                  buckets == &law.runtime_ ? "duration" : "memory", function.name, bucket.low, bucket.high);
    }
  }
  return law;
}

ExecutionLaw ExecutionLaw::constant(Execution execution) {
  ExecutionLaw law;
  law.is_constant_ = true;
  law.constant_ = execution;
  law.greatest_memory_mib_ = execution.memory_mib;
  return law;
}

const ExecutionLaw::Bucket& ExecutionLaw::pick(const Buckets& buckets, double quantile) {
  std::size_t i = 0;
  while (i + 1 < buckets.size() && quantile > buckets[i].until) ++i;
  return buckets[i];
}

Execution ExecutionLaw::draw(Draws& draws) const {
  if (is_constant_) return constant_;
  const double runtime_quantile = draws.uniform();
  const double memory_quantile = draws.uniform();
  const Bucket& runtime = pick(runtime_, runtime_quantile);
  const Bucket& memory = pick(memory_, memory_quantile);
  const auto runtime_ms = static_cast<double>(draw_inside(runtime.low, runtime.high, draws));
  const auto memory_mib = static_cast<double>(draw_inside(memory.low, memory.high, draws));
  return {clamped(runtime_ms, longest_ms), clamped(memory_mib, largest_mib)};
}

}  // namespace thaw
