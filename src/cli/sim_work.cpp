// `thaw sim work`: one part of a sweep. Tasks of a Slurm array call it; people need not.

#include <spdlog/spdlog.h>

#include "cli/cli.h"
#include "core/process.h"
#include "sim/sweep_part.h"
#include "thaw/version.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw sim work RECORD --part K/N [options]",
    .purpose =
        "Computes a part of a sweep into its record. thaw sim sweep --resume RECORD takes the part in.",
    .examples = "  thaw sim work runs/misc/a --part 3/10         # the third of ten parts\n",
    .see_also = "thaw sim sweep, docs/sweeps.md"};

}  // namespace

Result<int> run_sim_work(const Arguments& arguments) {
  CLI::App app("", "sim work");
  set_help(app, help);
  std::string record, part_text;
  SweepLimits limits{.workers = 1};
  LogOptions log;
  app.add_option("RECORD", record, "Folder of the sweep's record")->required()->group("");
  app.add_option("--part", part_text, "Which part: 3/10")->required()->group("What to simulate");
  app.add_option("-j,--workers", limits.workers, "Threads [default: 1]")->group("How");
  app.add_option("--stream-above", limits.most_in_memory,
                 "Traces with more invocations are not held in memory [default: 50000000]")
      ->group("How");
  add_log_options(app, log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(log);
  THAW_TRY(const SweepPart part, parse_part(part_text));
  THAW_TRY(const KnownSweep sweep, read_sweep(record));
  if (sweep.version != version) {
    spdlog::warn("the record was begun by thaw {}, this is {}", sweep.version, version);
  }
  install_interrupt_handlers();
  THAW_CHECK(run_part_of_sweep(sweep, part, limits, system_clock()));
  return interrupt_signal() != 0 ? 128 + interrupt_signal().load() : 0;
}

}  // namespace thaw::cli
