// `thaw report`: records as pages and figures.

#include <cstdio>

#include "cli/cli.h"
#include "cli/report_merge.h"
#include "record/run_folder.h"
#include "report/measurement_page.h"
#include "report/simulation_page.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw report RECORD… [options]\n       thaw report merge RECORD… [-o DIR]",
    .purpose = "Draws records: one HTML page for each that needs nothing else, and its figures as SVG.",
    .examples =
        "  thaw report runs/misc/latest                      # report.html in the record\n"
        "  thaw report runs/sweep -o sweep.html --svg figures\n",
    .see_also = "thaw report merge --help, thaw sim sweep --html, docs/reports.md"};

/// Writes each figure as FOLDER/NAME.svg.
Result<> write_figures(const Page& page, const Path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail_at(ErrorKind::environment, fmt::format("cannot create the folder: {}", error.message()),
                   folder.string());
  }
  for (const Figure& figure : page.figures) {
    THAW_CHECK(write_file_atomically(folder / (figure.name + ".svg"), draw(figure)));
  }
  return {};
}

Result<Page> page_of(const RunRecord& record) {
  return is_simulation(record) ? simulation_page(record) : measurement_page(record);
}

}  // namespace

Result<int> run_report(const Arguments& arguments) {
  if (!arguments.empty() && arguments.front() == "merge")
    return run_report_merge({arguments.begin() + 1, arguments.end()});
  CLI::App app("", "report");
  set_help(app, help);
  std::vector<std::string> records;
  std::string out, svg;
  LogOptions log;
  app.add_option("RECORDS", records, "Folders of records")->group("");
  app.add_option("-o,--out", out, "The page; - for standard output [default: report.html in the record]")
      ->group("Output");
  app.add_option("--svg", svg, "Folder for the figures, one SVG file each")->group("Output");
  add_log_options(app, log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(log);
  if (records.empty()) {
    return fail_at(ErrorKind::bad_usage, "there is no record", "thaw report",
                   "name a folder, for example runs/misc/latest");
  }
  if (records.size() > 1 && !(out.empty() && svg.empty())) {
    return fail_at(ErrorKind::bad_usage, "-o and --svg have room for one record", "thaw report",
                   "leave them out, or call thaw report for each record");
  }
  for (const std::string& folder : records) {
    THAW_TRY(const RunRecord record, read_run(folder));
    THAW_TRY(const Page page, page_of(record));
    const std::string html = render(page);
    if (out == "-") {
      std::fwrite(html.data(), 1, html.size(), stdout);
    } else {
      const Path path = out.empty() ? record.folder / "report.html" : Path(out);
      THAW_CHECK(write_file_atomically(path, html));
      std::printf("%s\n", path.c_str());
    }
    if (!svg.empty()) THAW_CHECK(write_figures(page, svg));
  }
  return 0;
}

}  // namespace thaw::cli
