#include "cli/report_merge.h"

#include <cstdio>

#include "core/clock.h"
#include "report/load_merge.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw report merge RECORD RECORD… [-o DIR]",
    .purpose = "Adds up what several generators recorded of one load (thaw load --shard), without loss.",
    .examples =
        "  thaw report merge runs/one runs/two -o runs/both   # a record of its own\n"
        "  thaw report merge runs/one runs/two --format json  # only the numbers\n",
    .see_also = "thaw load, docs/load.md"};

}  // namespace

Result<int> run_report_merge(const Arguments& arguments) {
  CLI::App app("", "report merge");
  set_help(app, help);
  std::vector<std::string> names;
  std::string out, format = "table";
  app.add_option("RECORDS", names, "Folders of records")->group("");
  app.add_option("-o,--out", out, "Folder for the merged record")->group("Output");
  app.add_option("--format", format, "table, json, csv or ndjson [default: table]")->group("Output");
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  constexpr std::string_view formats[] = {"table", "json", "csv", "ndjson"};
  THAW_CHECK(check_format(format, formats));
  const std::vector<Path> records(names.begin(), names.end());
  LoadSummary summary;
  if (out.empty()) {
    THAW_TRY(summary, merge_loads(records));
  } else {
    RunDocument document;
    document.started = system_clock().wall();
    document.ended = document.started;
    document.id = make_launch_id(document.started);
    document.command = "report merge";
    document.experiment = "load";
    document.task = "merged";
    document.command_line = {"thaw", "report", "merge"};
    document.command_line.insert(document.command_line.end(), arguments.begin(), arguments.end());
    document.configuration["records"] = names;
    THAW_TRY(summary, write_merged_load(records, out, document));
  }
  std::string text = to_json(summary).dump() + "\n";
  if (format != "json") {
    const TableFormat shape = format == "table" ? TableFormat::text
                              : format == "csv" ? TableFormat::csv
                                                : TableFormat::ndjson;
    text = render(to_table(summary, true), shape);
    if (format == "table") text += fmt::format("generators: {}\n", summary.verdict);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace thaw::cli
