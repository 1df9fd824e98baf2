#include "trace/mixed_trace.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "trace/slice_merge.h"

namespace thaw {
namespace {

struct Call {
  double time_ms;
  FunctionIndex function;
};

TraceFunction drawn_function(std::size_t index, SplitMix64& random) {
  constexpr std::array<double, 9> memories_mb = {64, 128, 128, 192, 256, 256, 384, 512, 1024};
  TraceFunction function;
  function.name = fmt::format("f{:03}", index);
  function.memory_mb = memories_mb[random.next() % memories_mb.size()];
  const double u = random.uniform();
  function.warm_ms = 20 + std::trunc(u * u * u * 4980);
  const double v = random.uniform();
  function.cold_ms = function.warm_ms + 100 + std::trunc(v * v * 9900);
  return function;
}

void add_calls(std::vector<Call>& calls, FunctionIndex function, std::uint64_t count,
               const MixedTraceOptions& options, SplitMix64& random) {
  const double duration = options.duration_ms;
  if (function % 4 == 3) {
    const double period = duration / static_cast<double>(count);
    const double phase = random.uniform() * period;
    for (std::uint64_t k = 0; k < count; ++k)
      calls.push_back({std::trunc(phase + static_cast<double>(k) * period), function});
    return;
  }
  if (options.has_bursts && function % 4 == 1) {
    for (std::uint64_t made = 0; made < count;) {
      const double start = std::trunc(random.uniform() * duration);
      const std::uint64_t group = 1 + random.next() % 16;
      for (std::uint64_t j = 0; j < group && made < count; ++j, ++made)
        calls.push_back({start + static_cast<double>(7 * j), function});
    }
    return;
  }
  for (std::uint64_t k = 0; k < count; ++k)
    calls.push_back({std::trunc(random.uniform() * duration), function});
}

}  // namespace

Result<Trace> make_mixed_trace(const MixedTraceOptions& options) {
  if (options.functions == 0 || !(options.duration_ms > 0))
    return fail_at(ErrorKind::bad_usage, "a mixed trace needs functions and a duration", "--functions");
  SplitMix64 random(options.seed);
  Trace trace;
  double weights = 0;
  for (std::size_t i = 0; i < options.functions; ++i) {
    trace.functions.push_back(drawn_function(i, random));
    weights += 1.0 / static_cast<double>(i + 1);
  }
  std::vector<Call> calls;
  for (std::size_t i = 0; i < options.functions; ++i) {
    const double share =
        static_cast<double>(options.invocations) * (1.0 / static_cast<double>(i + 1)) / weights;
    const auto count = std::max<std::uint64_t>(2, static_cast<std::uint64_t>(share + 0.5));
    add_calls(calls, static_cast<FunctionIndex>(i), count, options, random);
  }
  SliceSorter<Call>().sort(calls, 0, options.duration_ms);
  for (const Call& call : calls) {
    trace.invocations.time_ms.push_back(call.time_ms);
    trace.invocations.function.push_back(call.function);
  }
  return trace;
}

}  // namespace thaw
