// invocations.csv, durations.csv and memory.csv of the Azure Functions trace 2019, as the loaders read them: memory
// is by function.

#include <algorithm>
#include <cmath>

#include "trace/counts_trace.h"
#include "trace/text_output.h"
#include "trace/trace_statistics.h"
#include "trace/writers/writers.h"

namespace thaw::writers {
namespace {

constexpr std::size_t minutes_per_day = 1440;
/// A trace of a year and a half; longer ones have no place in a table of minutes.
constexpr double most_minutes = 800'000;

struct MinuteCount {
  std::uint32_t minute = 0, count = 0;
};

/// What a pass gathers of a function.
struct Gathered {
  std::vector<MinuteCount> minutes;  ///< Those with calls.
  std::vector<double> durations;     ///< Where they are recorded.
  double calls = 0;
};

void add_call(Gathered& function, std::uint32_t minute) {
  if (function.minutes.empty() || function.minutes.back().minute != minute)
    function.minutes.push_back({minute, 0});
  ++function.minutes.back().count;
  ++function.calls;
}

struct Pass {
  std::vector<Gathered> functions;
  std::size_t columns = minutes_per_day;
  std::uint64_t invocations = 0;
};

Result<Pass> gather(const TraceFile& trace) {
  Pass pass;
  pass.functions.resize(trace.functions().size());
  THAW_TRY(const std::unique_ptr<InvocationSource> source, trace.open());
  InvocationBlock block;
  for (;;) {
    THAW_CHECK(source->next(block));
    if (block.size() == 0) return pass;
    if (block.time_ms.back() / minute_ms >= most_minutes) {
      return fail(ErrorKind::bad_input, "the trace is longer than {} minutes, the most that this form holds",
                  most_minutes);
    }
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto minute = static_cast<std::uint32_t>(block.time_ms[i] / minute_ms);
      Gathered& function = pass.functions[block.function[i]];
      add_call(function, minute);
      if (!block.duration_ms.empty()) function.durations.push_back(block.duration_ms[i]);
    }
    pass.columns = std::max(pass.columns, static_cast<std::size_t>(block.time_ms.back() / minute_ms) + 1);
    pass.invocations += block.size();
  }
}

/// Owner, app and function; a function without an app is one of its own.
void add_labels(TextOutput& out, const TraceFunction& function) {
  const std::string& app = function.app.empty() ? function.name : function.app;
  out.add_field(function.owner.empty() ? app : function.owner).add(',').add_field(app).add(',');
  out.add_field(function.name);
}

Result<> write_counts(const TraceFile& trace, const Pass& pass, const Path& path, bool is_gzip) {
  THAW_TRY(TextOutput out, TextOutput::create(path, is_gzip));
  out.add("HashOwner,HashApp,HashFunction,Trigger");
  for (std::uint64_t minute = 1; minute <= pass.columns; ++minute) out.add(',').add_number(minute);
  THAW_CHECK(out.end_line());
  for (std::size_t f = 0; f < pass.functions.size(); ++f) {
    const TraceFunction& function = trace.functions()[f];
    add_labels(out, function);
    out.add(',').add_field(function.trigger.empty() ? "unknown" : function.trigger);
    std::size_t column = 0;
    for (const MinuteCount& entry : pass.functions[f].minutes) {
      for (; column < entry.minute; ++column) out.add(",0");
      out.add(',').add_number(std::uint64_t{entry.count});
      ++column;
    }
    for (; column < pass.columns; ++column) out.add(",0");
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

DurationStatistics durations_of(const TraceFunction& function, Gathered& gathered) {
  if (function.duration) return *function.duration;
  if (gathered.durations.empty()) return duration_statistics(function, std::max(1.0, gathered.calls));
  std::sort(gathered.durations.begin(), gathered.durations.end());
  return duration_statistics(gathered.durations);
}

Result<> write_durations(const TraceFile& trace, Pass& pass, const Path& path) {
  THAW_TRY(TextOutput out, TextOutput::create(path, false));
  out.add("HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum");
  for (const char* level : {"0", "1", "25", "50", "75", "99", "100"})
    out.add(",percentile_Average_").add(level);
  THAW_CHECK(out.end_line());
  for (std::size_t f = 0; f < pass.functions.size(); ++f) {
    const DurationStatistics d = durations_of(trace.functions()[f], pass.functions[f]);
    add_labels(out, trace.functions()[f]);
    for (const double value :
         {d.average, d.count, d.minimum, d.maximum, d.p0, d.p1, d.p25, d.p50, d.p75, d.p99, d.p100}) {
      out.add(',').add_number(value);
    }
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

Result<> write_memory(const TraceFile& trace, const Pass& pass, const Path& path) {
  THAW_TRY(TextOutput out, TextOutput::create(path, false));
  out.add("HashOwner,HashApp,HashFunction,SampleCount,AverageAllocatedMb");
  for (const char* level : {"1", "5", "25", "50", "75", "95", "99", "100"})
    out.add(",AverageAllocatedMb_pct").add(level);
  THAW_CHECK(out.end_line());
  for (std::size_t f = 0; f < pass.functions.size(); ++f) {
    const TraceFunction& function = trace.functions()[f];
    const MemoryStatistics m = function.memory
                                   ? *function.memory
                                   : memory_statistics(function, std::max(1.0, pass.functions[f].calls));
    add_labels(out, function);
    for (const double value : {m.count, m.average, m.p1, m.p5, m.p25, m.p50, m.p75, m.p95, m.p99, m.p100}) {
      out.add(',').add_number(value);
    }
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

}  // namespace

Result<std::uint64_t> write_azure2019(const TraceFile& trace, const Path& folder, bool is_gzip) {
  THAW_TRY(Pass pass, gather(trace));
  THAW_CHECK(
      write_counts(trace, pass, folder / (is_gzip ? "invocations.csv.gz" : "invocations.csv"), is_gzip));
  THAW_CHECK(write_durations(trace, pass, folder / "durations.csv"));
  THAW_CHECK(write_memory(trace, pass, folder / "memory.csv"));
  return pass.invocations;
}

}  // namespace thaw::writers
