#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/trace_options.h"
#include "trace/input_file.h"
#include "trace/proxy_map.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw trace map --trace T --profiles FILE [options]",
    .purpose = "Finds for each function the measured benchmark of most similar duration and memory.",
    .examples =
        "  thaw trace map --trace azure2019 --profiles profile.json.gz -o azure2019/mapper_output.json\n"
        "  thaw trace map --trace azure2019 --profiles profile.json --format json\n",
    .see_also = "docs/plans.md"};

constexpr std::size_t most_bytes = std::size_t{1} << 30;

}  // namespace

Result<int> run_trace_map(const Arguments& arguments) {
  CLI::App app("", "trace map");
  set_help(app, help);
  std::string trace, profiles, out, format = "table";
  TraceOptions reading;
  LogOptions log;
  app.add_option("-t,--trace", trace, "Folder, file or beginning of its files' names")->group("Input");
  app.add_option("-p,--profiles", profiles, "JSON of measured benchmarks, gzip or not")->group("Input");
  app.add_option("-o,--out", out, "File for the map [default: <trace>/mapper_output.json]")->group("Output");
  app.add_option("--format", format, "table or json [default: table]")->group("Output");
  add_trace_options(app, reading);
  add_log_options(app, log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(log);
  constexpr std::string_view formats[] = {"table", "json"};
  THAW_CHECK(check_format(format, formats));
  if (trace.empty() || profiles.empty()) {
    return fail_at(ErrorKind::bad_usage, "thaw trace map needs a trace and the profiles",
                   trace.empty() ? "--trace" : "--profiles",
                   "thaw trace map --trace T --profiles profile.json");
  }
  THAW_TRY(ReadOptions options, read_options(reading));
  options.selection = FunctionSelection::every;
  THAW_TRY(const std::unique_ptr<TraceFile> file, open_trace(trace, options));
  THAW_TRY(const std::string json, InputFile::at(profiles).whole(most_bytes));
  THAW_TRY(const std::vector<ProxyProfile> known, parse_profiles(json, profiles));
  const ProxyMap map = map_proxies(file->functions(), known);
  const Path path = out.empty() ? Path(trace) / "mapper_output.json" : Path(out);
  THAW_CHECK(write_file_atomically(path, render_proxy_map(file->functions(), map)));
  const auto mapped = std::count_if(map.choices.begin(), map.choices.end(),
                                    [](const ProxyChoice& choice) { return choice.profile != nullptr; });
  if (format == "json") {
    const nlohmann::ordered_json summary = {{"schema", "thaw.map/1"},
                                            {"functions", map.choices.size()},
                                            {"mapped", mapped},
                                            {"relative_duration_error", map.relative_duration_error},
                                            {"absolute_duration_error_ms", map.absolute_duration_error_ms},
                                            {"relative_memory_error", map.relative_memory_error},
                                            {"absolute_memory_error_mb", map.absolute_memory_error_mb}};
    fmt::print("{}\n", summary.dump());
    return 0;
  }
  fmt::print(
      "{} of {} functions have a benchmark like them; mean error of duration {:+.1f} % ({:.1f} ms), of "
      "memory "
      "{:+.1f} % ({:.1f} MB)\n",
      mapped, map.choices.size(), 100 * map.relative_duration_error, map.absolute_duration_error_ms,
      100 * map.relative_memory_error, map.absolute_memory_error_mb);
  return 0;
}

}  // namespace thaw::cli
