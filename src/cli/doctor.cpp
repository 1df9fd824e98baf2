#include "bench/doctor.h"

#include <array>
#include <cstdio>

#include "cli/cli.h"
#include "core/process.h"
#include "record/table.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {.usage = "thaw doctor [--format table|md|csv|json]",
                           .purpose = "Tells what this machine can and cannot measure, and how to fix it.",
                           .examples =
                               "  thaw doctor                   # every check, with advice\n"
                               "  thaw doctor --format json     # for scripts\n",
                           .see_also = "thaw bench --list-backends, docs/methodology.md"};

}  // namespace

Result<int> run_doctor(const Arguments& arguments) {
  CLI::App app("", "doctor");
  set_help(app, help);
  std::string format = "table";
  LogOptions log;
  app.add_option("--format", format, "table, md, csv, json or ndjson [default: table]")->group("Output");
  add_log_options(app, log);
  THAW_TRY(const Parsed parsed, parse(app, arguments));
  if (parsed.is_done) return 0;
  THAW_TRY(const TableFormat table_format, parse_table_format(format));
  apply(log);
  THAW_CHECK(start_process_guard());
  Table table;
  table.columns = {{.key = "area", .align = Align::left},
                   {.key = "what", .align = Align::left},
                   {.key = "status", .align = Align::left},
                   {.key = "found", .align = Align::left},
                   {.key = "hint", .label = "what to do", .align = Align::left}};
  for (const DoctorCheck& check : examine_machine()) {
    table.add({check.area, check.name, name_of(check.status), check.detail, check.hint});
  }
  const std::string text = render(table, table_format);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace thaw::cli
