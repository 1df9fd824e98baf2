#include <cstdio>

#include "cli/sizing_options.h"
#include "sim/points.h"
#include "sim/sizing_text.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw sim bounds --trace TRACE --memory SIZES [options]",
    .purpose =
        "Policies beside the best that is possible: a proven lower bound, and policies that know the future.",
    .examples =
        "  thaw sim bounds --trace day1/ --memory 4GB,8GB,16GB\n"
        "  thaw sim bounds --trace day1/ --memory 1GB:20GB:1GB --policy lru,gd,hybrid\n"
        "  thaw sim bounds --trace day1/ --memory 8GB --format ndjson\n",
    .see_also = "thaw sim curve, docs/curves.md"};

}  // namespace

Result<int> run_sim_bounds(const Arguments& arguments) {
  CLI::App app("", "sim bounds");
  set_help(app, help);
  SizingOptions sizing;
  std::string memory, policies;
  BoundOptions options;
  add_sizing_options(app, sizing);
  app.add_option("-m,--memory", memory, "Memory sizes: 4GB, 1000,2000 (MB), 1GB:80GB:3GB")->group("What");
  app.add_option("-p,--policy", policies, "Policies of the clean model to put beside the bounds, or all")
      ->group("What");
  app.add_option("--windows", options.windows, "Parts of the time line with a price each [default: 4096]")
      ->group("Effort");
  app.add_option("--iterations", options.iterations, "Most rounds of price improvement [default: 200]")
      ->group("Effort");
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  THAW_TRY(const TableFormat format, check_sizing_options(sizing, "thaw sim bounds"));
  if (memory.empty())
    return fail_at(ErrorKind::bad_usage, "there is no memory size", "thaw sim bounds",
                   "give some with --memory, for example --memory 4GB,8GB");
  THAW_TRY(const std::vector<double> sizes, parse_memory_sizes(memory));
  std::vector<std::string> names;
  if (!policies.empty()) {
    THAW_TRY(names, parse_policies(Model::clean, policies));
  }
  THAW_TRY(const auto file, open_noted_trace(sizing));
  THAW_TRY(const Trace trace, load_trace(*file, sizing.reading));
  THAW_TRY(const std::vector<BoundRow> rows, compare_with_bounds(trace, sizes, names, options));
  std::fputs(render_bounds(rows, sizing.trace, format).c_str(), stdout);
  return 0;
}

}  // namespace thaw::cli
