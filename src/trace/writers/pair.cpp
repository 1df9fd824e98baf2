// functions.csv and invocations.csv, with our column names or those of Ilúvatar.

#include <algorithm>
#include <cmath>

#include "trace/text_output.h"
#include "trace/writers/writers.h"

namespace thaw::writers {
namespace {

Path invocations_path(const Path& folder, bool is_gzip) {
  return folder / (is_gzip ? "invocations.csv.gz" : "invocations.csv");
}

/// Calls `write` with every block. Returns the number of invocations.
template <class Write>
Result<std::uint64_t> for_each_block(const TraceFile& trace, Write write) {
  THAW_TRY(const std::unique_ptr<InvocationSource> source, trace.open());
  std::uint64_t count = 0;
  InvocationBlock block;
  for (;;) {
    THAW_CHECK(source->next(block));
    if (block.size() == 0) return count;
    THAW_CHECK(write(block));
    count += block.size();
  }
}

Result<> write_functions(const TraceFile& trace, const Path& folder) {
  const std::vector<TraceFunction>& functions = trace.functions();
  const bool has_labels = std::any_of(functions.begin(), functions.end(), [](const TraceFunction& function) {
    return !function.owner.empty() || !function.app.empty() || !function.trigger.empty();
  });
  THAW_TRY(TextOutput out, TextOutput::create(folder / "functions.csv", false));
  out.add("function,memory_mb,cold_ms,warm_ms").add(has_labels ? ",owner,app,trigger" : "");
  THAW_CHECK(out.end_line());
  for (const TraceFunction& function : functions) {
    out.add_field(function.name).add(',').add_number(function.memory_mb);
    out.add(',').add_number(function.cold_ms).add(',').add_number(function.warm_ms);
    if (has_labels) {
      out.add(',')
          .add_field(function.owner)
          .add(',')
          .add_field(function.app)
          .add(',')
          .add_field(function.trigger);
    }
    THAW_CHECK(out.end_line());
  }
  return out.finish();
}

}  // namespace

Result<std::uint64_t> write_pair(const TraceFile& trace, const Path& folder, bool is_gzip) {
  THAW_CHECK(write_functions(trace, folder));
  THAW_TRY(TextOutput out, TextOutput::create(invocations_path(folder, is_gzip), is_gzip));
  const bool has_durations = trace.has_durations();
  out.add("time_ms,function").add(has_durations ? ",duration_ms" : "");
  THAW_CHECK(out.end_line());
  const auto& functions = trace.functions();
  const auto count = for_each_block(trace, [&](const InvocationBlock& block) -> Result<> {
    for (std::size_t i = 0; i < block.size(); ++i) {
      out.add_number(block.time_ms[i]).add(',').add_field(functions[block.function[i]].name);
      if (has_durations) out.add(',').add_number(block.duration_ms[i]);
      THAW_CHECK(out.end_line());
    }
    return {};
  });
  if (!count) return count;
  THAW_CHECK(out.finish());
  return count;
}

/// Ilúvatar takes whole milliseconds only.
Result<std::uint64_t> write_iluvatar(const TraceFile& trace, const Path& folder, bool is_gzip) {
  const auto& functions = trace.functions();
  THAW_TRY(TextOutput table, TextOutput::create(folder / "functions.csv", false));
  table.add("func_name,cold_dur_ms,warm_dur_ms,mem_mb");
  THAW_CHECK(table.end_line());
  for (const TraceFunction& function : functions) {
    table.add_field(function.name).add(',').add_number(std::ceil(function.cold_ms));
    table.add(',').add_number(std::ceil(function.warm_ms)).add(',').add_number(std::ceil(function.memory_mb));
    THAW_CHECK(table.end_line());
  }
  THAW_CHECK(table.finish());
  THAW_TRY(TextOutput out, TextOutput::create(invocations_path(folder, is_gzip), is_gzip));
  out.add("func_name,invoke_time_ms");
  THAW_CHECK(out.end_line());
  const auto count = for_each_block(trace, [&](const InvocationBlock& block) -> Result<> {
    for (std::size_t i = 0; i < block.size(); ++i) {
      out.add_field(functions[block.function[i]].name).add(',').add_number(std::floor(block.time_ms[i]));
      THAW_CHECK(out.end_line());
    }
    return {};
  });
  if (!count) return count;
  THAW_CHECK(out.finish());
  return count;
}

/// Seconds, in the order of the starts.
Result<std::uint64_t> write_azure2021(const TraceFile& trace, const Path& folder, bool is_gzip) {
  const auto& functions = trace.functions();
  THAW_TRY(TextOutput out, TextOutput::create(invocations_path(folder, is_gzip), is_gzip));
  out.add("app,func,end_timestamp,duration");
  THAW_CHECK(out.end_line());
  const auto count = for_each_block(trace, [&](const InvocationBlock& block) -> Result<> {
    for (std::size_t i = 0; i < block.size(); ++i) {
      const TraceFunction& function = functions[block.function[i]];
      const std::string_view app = function.app.empty() ? function.name : function.app;
      std::string_view name = function.name;
      if (name.size() > app.size() && name.starts_with(app) && name[app.size()] == '/') {
        name.remove_prefix(app.size() + 1);
      }
      const double duration = block.duration_ms.empty() ? function.warm_ms : block.duration_ms[i];
      out.add_field(app).add(',').add_field(name).add(',');
      out.add_number((block.time_ms[i] + duration) / 1000).add(',').add_number(duration / 1000);
      THAW_CHECK(out.end_line());
    }
    return {};
  });
  if (!count) return count;
  THAW_CHECK(out.finish());
  return count;
}

}  // namespace thaw::writers
