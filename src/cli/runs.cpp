#include <cstdio>

#include "cli/cli.h"
#include "core/text.h"
#include "record/catalogue.h"
#include "record/run_folder.h"
#include "record/table.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {.usage = "thaw runs list|show|query|rebuild [options]",
                           .purpose = "Lists, shows and queries the catalogue of runs.",
                           .examples =
                               "  thaw runs list --experiment misc --limit 5   # newest first\n"
                               "  thaw runs show latest                        # the whole record\n"
                               "  thaw runs query 'select task, mean from runs join metrics using (path)'\n"
                               "  thaw runs rebuild                            # from the folders\n",
                           .see_also = "thaw compare, docs/formats/catalogue.md"};

struct RunsRequest {
  std::string action;
  std::string operand;
  std::string format = "table";
  Path directory = "runs";
  CatalogueFilter filter;
};

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// The catalogue, brought up to date with the folders.
Result<Catalogue> open_catalogue(const Path& root) {
  std::error_code error;
  if (!std::filesystem::is_directory(root, error)) {
    return fail_at(ErrorKind::environment, "there are no runs yet", root.string(),
                   "measure something first: thaw bench -- sleep 0.1; or name the folder with -d");
  }
  THAW_TRY(Catalogue catalogue, Catalogue::open(Catalogue::default_path(root)));
  THAW_TRY(const ScanReport report, catalogue.scan(root));
  for (const Error& skipped : report.skipped)
    fmt::print(stderr, "thaw: warning: {} ({})\n", skipped.what, skipped.where);
  return catalogue;
}

Result<int> list(const RunsRequest& request, TableFormat format) {
  THAW_TRY(Catalogue catalogue, open_catalogue(request.directory));
  THAW_TRY(const std::vector<CatalogueEntry> entries, catalogue.list(request.filter));
  print(render(run_table(entries), format));
  return 0;
}

Result<int> show(const RunsRequest& request) {
  THAW_TRY(Catalogue catalogue, open_catalogue(request.directory));
  THAW_TRY(const CatalogueEntry entry, catalogue.show(request.operand.empty() ? "latest" : request.operand));
  THAW_TRY(const RunRecord record, read_run(entry.path));
  print(record.document.dump(2) + "\n");
  return 0;
}

Result<int> query(const RunsRequest& request, TableFormat format) {
  if (request.operand.empty()) {
    return fail_at(ErrorKind::bad_usage, "the query is empty", "thaw runs query",
                   "write for example: thaw runs query 'select id, task, status from runs'");
  }
  THAW_TRY(Catalogue catalogue, open_catalogue(request.directory));
  THAW_TRY(const Table table, catalogue.query(request.operand));
  print(render(table, format));
  return 0;
}

Result<int> rebuild(const RunsRequest& request) {
  THAW_TRY(const ScanReport report,
           rebuild_catalogue(Catalogue::default_path(request.directory), request.directory));
  print(fmt::format("{} runs\n", report.added));
  for (const Error& skipped : report.skipped)
    fmt::print(stderr, "thaw: warning: {} ({})\n", skipped.what, skipped.where);
  return 0;
}

}  // namespace

Result<int> run_runs(const Arguments& arguments) {
  CLI::App app("", "runs");
  set_help(app, help);
  RunsRequest request;
  std::string directory;
  app.add_option("--experiment", request.filter.experiment, "Only this experiment")->group("Which");
  app.add_option("--task", request.filter.task, "Only this task")->group("Which");
  app.add_option("--host", request.filter.host, "Only from this host")->group("Which");
  app.add_option("--status", request.filter.status, "running, completed, interrupted or failed")
      ->group("Which");
  app.add_option("--since", request.filter.since, "Started then or later, 2026-11-21")->group("Which");
  app.add_option("--limit", request.filter.limit, "At most this many, newest first")->group("Which");
  app.add_option("-d,--directory", directory, "Folder of all records [default: runs]")
      ->envname("THAW_RUNS")
      ->group("Which");
  app.add_option("--format", request.format, "table, md, csv, json or ndjson [default: table]")
      ->group("Output");
  // The action comes first, so that options may follow it.
  Arguments rest = arguments;
  if (!rest.empty() && rest.front().front() != '-') {
    request.action = rest.front();
    rest.erase(rest.begin());
  }
  if (request.action == "show" || request.action == "query") {
    if (!rest.empty() && (rest.front().empty() || rest.front().front() != '-')) {
      request.operand = rest.front();
      rest.erase(rest.begin());
    }
  }
  THAW_TRY(const Parsed parsed, parse(app, rest));
  if (parsed.is_done) return 0;
  if (request.operand.empty() && !parsed.rest.empty()) request.operand = parsed.rest.front();
  if (!directory.empty()) request.directory = directory;
  THAW_TRY(const TableFormat format, parse_table_format(request.format));
  if (request.action == "list") return list(request, format);
  if (request.action == "show") return show(request);
  if (request.action == "query") return query(request, format);
  if (request.action == "rebuild" || request.action == "rescan") return rebuild(request);
  const std::vector<std::string> actions = {"list", "show", "query", "rebuild"};
  return fail_at(ErrorKind::bad_usage,
                 request.action.empty() ? "thaw runs needs an action"
                                        : fmt::format("unknown action \"{}\"", request.action),
                 "thaw runs", suggest(request.action, actions));
}

}  // namespace thaw::cli
