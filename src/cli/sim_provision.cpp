#include <cmath>
#include <cstdio>

#include "cli/sizing_options.h"
#include "core/text.h"
#include "core/units.h"
#include "sim/concurrency.h"
#include "sim/points.h"
#include "sim/sizing_text.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw sim provision --trace TRACE [options]",
    .purpose = "How much memory a trace needs: for a hit ratio, so that nothing is dropped, and over time.",
    .examples =
        "  thaw sim provision --trace day1/                          # the predecessor's constants\n"
        "  thaw sim provision --trace day1/ --mean-interval trace    # target speed from this trace\n"
        "  thaw sim provision --trace day1/ --target 0.9,0.99 --format json\n"
        "  thaw sim provision --trace day1/ --miss-ratio 5% --reading exact --start 8GB\n",
    .see_also = "thaw sim curve, docs/curves.md"};

struct ProvisionRequest : SizingOptions {
  std::vector<std::string> targets = {"0.9"};
  std::string start = "5000MB", least_change = "100MB";
  std::string mean_interval = "65ms";
  std::string miss_ratio = "0.1", deadband = "0.3";
  std::string curve_reading = "legacy";
  ProvisionOptions options;
};

/// One size; a bare number counts as MB, and none at all is a size too.
Result<double> megabytes(const std::string& text, const std::string& option) {
  if (const auto number = parse_number(text); number && std::isfinite(*number) && *number >= 0)
    return *number;
  const Result<Bytes> bytes = parse_bytes(text);
  if (bytes && *bytes >= Bytes{}) return static_cast<double>(bytes->count()) / 1e6;
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no size of memory", text), option,
                 "write for example 5000MB or 8GB");
}

/// "65ms", or "trace" for the mean of this trace.
Result<double> mean_interval_ms(const std::string& text, const std::vector<double>& times) {
  if (text != "trace") {
    THAW_TRY(const Nanos interval, parse_duration(text));
    return to_seconds(interval) * 1e3;
  }
  if (times.size() < 2) return fail_at(ErrorKind::bad_input, "the trace has no interval", "--mean-interval");
  return (times.back() - times.front()) / static_cast<double>(times.size() - 1);
}

Result<> resolve(ProvisionRequest& request, const std::vector<double>& times) {
  ProvisionOptions& options = request.options;
  THAW_TRY(options.start_mb, megabytes(request.start, "--start"));
  THAW_TRY(options.least_change_mb, megabytes(request.least_change, "--least-change"));
  THAW_TRY(options.mean_interval_ms, mean_interval_ms(request.mean_interval, times));
  THAW_TRY(options.miss_ratio, parse_fraction(request.miss_ratio));
  THAW_TRY(options.deadband, parse_fraction(request.deadband));
  if (!(options.miss_ratio > 0) || !(options.mean_interval_ms > 0))
    return fail_at(ErrorKind::bad_usage, "the target miss speed must be above zero",
                   "--miss-ratio, --mean-interval");
  const std::vector<std::string> readings = {"legacy", "exact"};
  if (request.curve_reading != "legacy" && request.curve_reading != "exact")
    return fail_at(ErrorKind::bad_usage, fmt::format("unknown reading \"{}\"", request.curve_reading),
                   "--reading", suggest(request.curve_reading, readings));
  options.reading = request.curve_reading == "exact" ? CurveReading::exact : CurveReading::legacy;
  return {};
}

Result<std::string> answer(ProvisionRequest& request, TableFormat format) {
  THAW_TRY(const std::vector<double> ratios, parse_hit_ratios(request.targets));
  THAW_TRY(const auto file, open_noted_trace(request));
  THAW_TRY(const Trace trace, load_trace(*file, request.reading));
  THAW_CHECK(resolve(request, trace.invocations.time_ms));
  ProvisionText text;
  text.trace = request.trace;
  THAW_TRY(const HitRatioCurve curve, measure_curve(trace.functions, *source_of(trace)));
  text.targets = sizes_for(curve, ratios);
  THAW_TRY(text.peak_running_mb, peak_running_mb(trace.functions, *source_of(trace)));
  THAW_TRY(text.peak_running_cold_mb, peak_running_mb(trace.functions, *source_of(trace), Assumed::cold));
  return render_provision(provision(curve, trace.invocations.time_ms, request.options), text, format);
}

}  // namespace

Result<int> run_sim_provision(const Arguments& arguments) {
  CLI::App app("", "sim provision");
  set_help(app, help);
  ProvisionRequest request;
  add_sizing_options(app, request);
  app.add_option("--target", request.targets, "Hit ratios to size for, 0.9 or 90% [default: 0.9]")
      ->delimiter(',')
      ->group("At once");
  app.add_option("--start", request.start, "Memory at the beginning [default: 5000MB]")->group("Over time");
  app.add_option("--mean-interval", request.mean_interval,
                 "Time between invocations at the target load, or \"trace\" [default: 65ms]")
      ->group("Over time");
  app.add_option("--miss-ratio", request.miss_ratio, "Misses at the target load [default: 0.1]")
      ->group("Over time");
  app.add_option("--deadband", request.deadband, "Relative error that is let pass [default: 0.3]")
      ->group("Over time");
  app.add_option("--every", request.options.check_every,
                 "More invocations than this between checks [default: 10000]")
      ->group("Over time");
  app.add_option("--window", request.options.window, "Intervals in the moving mean [default: 10000]")
      ->group("Over time");
  app.add_option("--least-change", request.least_change, "A change must be larger [default: 100MB]")
      ->group("Over time");
  app.add_option("--reading", request.curve_reading,
                 "legacy: as the predecessor reads the curve; exact [default: legacy]")
      ->group("Over time");
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  THAW_TRY(const TableFormat format, check_sizing_options(request, "thaw sim provision"));
  THAW_TRY(const std::string text, answer(request, format));
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace thaw::cli
