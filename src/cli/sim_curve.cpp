#include <cstdio>

#include "cli/sizing_options.h"
#include "core/text.h"
#include "core/units.h"
#include "sim/points.h"
#include "sim/shards.h"
#include "sim/sizing_text.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw sim curve --trace TRACE [options]",
    .purpose = "Hit ratio and cold-start cost against memory, in one pass over the trace.",
    .examples =
        "  thaw sim curve --trace day1/ --target 0.9          # memory for 90 % warm starts\n"
        "  thaw sim curve --trace day1/ --memory 1GB:80GB:1GB --format csv\n"
        "  thaw sim curve --trace huge/ --shards 0.01         # from a hundredth of the functions\n"
        "  thaw sim curve --trace huge/ --shards-size 8192    # from at most 8192 functions\n",
    .see_also = "thaw sim provision, thaw sim bounds, docs/curves.md"};

struct CurveRequest : SizingOptions {
  double rate = 0;       ///< 0: exact.
  std::size_t most = 0;  ///< 0: no fixed size.
  std::uint64_t seed = 1;
  std::vector<std::string> targets;
  std::string memory;
  std::size_t points = 20;
};

Result<HitRatioCurve> curve_of(const TraceFile& file, const CurveRequest& request) {
  THAW_TRY(const auto source, file.open());
  if (request.rate == 0 && request.most == 0) return measure_curve(file.functions(), *source);
  return sample_curve(
      file.functions(), *source,
      {.rate = request.rate == 0 ? 1 : request.rate, .most = request.most, .seed = request.seed});
}

Result<std::vector<CurvePoint>> points_of(const HitRatioCurve& curve, const CurveRequest& request) {
  if (request.memory.empty()) return curve.points(request.points);
  THAW_TRY(const std::vector<double> sizes, parse_memory_sizes(request.memory));
  std::vector<CurvePoint> points;
  for (const double memory_mb : sizes) points.push_back(curve.at(memory_mb));
  return points;
}

}  // namespace

Result<int> run_sim_curve(const Arguments& arguments) {
  CLI::App app("", "sim curve");
  set_help(app, help);
  CurveRequest request;
  add_sizing_options(app, request);
  app.add_option("--shards", request.rate, "Sample functions at this rate, above 0 and at most 1")
      ->group("Sampling");
  app.add_option("--shards-size", request.most, "Sample at most so many functions; the rate falls as needed")
      ->group("Sampling");
  app.add_option("--seed", request.seed, "Another seed samples other functions [default: 1]")
      ->group("Sampling");
  app.add_option("--target", request.targets, "Give the memory for this hit ratio, 0.9 or 90%; repeatable")
      ->delimiter(',')
      ->group("Output");
  app.add_option("--points", request.points, "Rows, evenly spaced up to the largest size [default: 20]")
      ->group("Output");
  app.add_option("-m,--memory", request.memory, "These memory sizes instead: 4GB, 1GB:80GB:3GB")
      ->group("Output");
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  THAW_TRY(const TableFormat format, check_sizing_options(request, "thaw sim curve"));
  if (app.count("--shards") > 0 && !(request.rate > 0 && request.rate <= 1))
    return fail_at(ErrorKind::bad_usage, fmt::format("the rate is {}", request.rate), "--shards",
                   "give a rate above 0 and at most 1, for example 0.01");
  CurveText text;
  THAW_TRY(const std::vector<double> targets, parse_hit_ratios(request.targets));
  THAW_TRY(const auto file, open_noted_trace(request));
  THAW_TRY(const HitRatioCurve curve, curve_of(*file, request));
  text.trace = request.trace;
  text.functions = file->functions().size();
  text.targets = sizes_for(curve, targets);
  THAW_TRY(text.points, points_of(curve, request));
  std::fputs(render_curve(curve, text, format).c_str(), stdout);
  return 0;
}

}  // namespace thaw::cli
