#include "report/load_merge.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "record/json_text.h"
#include "record/run_folder.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> load_document(const Path& record) {
  const Path file = record.filename() == "run.json" ? record : record / "run.json";
  THAW_TRY(Json document, read_json_file(file));
  if (text_at(document, "command") != "load" && text_at(document, "command") != "report merge") {
    return fail_at(ErrorKind::bad_input, "this is no record of thaw load", file.string());
  }
  if (text_at(document, "status") == "running") {
    return fail_at(ErrorKind::bad_input, "this load has not come to its end", file.string(),
                   "wait for it; of a killed one only the rows are left");
  }
  return document;
}

void merge_functions(std::vector<FunctionTotals>& all, const std::vector<FunctionTotals>& more) {
  std::map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < all.size(); ++i) place[all[i].name] = i;
  for (const FunctionTotals& function : more) {
    const auto [found, is_new] = place.try_emplace(function.name, all.size());
    if (is_new) {
      all.push_back(function);
    } else {
      all[found->second].merge(function);
    }
  }
}

void merge(LoadSummary& all, const LoadSummary& more, const Path& record) {
  all.measured.merge(more.measured);
  all.warmup.merge(more.warmup);
  merge_functions(all.functions, more.functions);
  all.sender.merge(more.sender);
  all.duration_s = std::max(all.duration_s, more.duration_s);
  all.measured_s = std::max(all.measured_s, more.measured_s);
  if (all.verdict == "healthy" && more.verdict != "healthy")
    all.verdict = fmt::format("{}: {}", record.string(), more.verdict);
}

/// Appends the rows of one record behind those of others; the header only of the first.
Result<> append_rows(const Path& record, std::string& header, std::ofstream& to, const Path& target) {
  const Path file = record / "samples.csv";
  std::ifstream from(file, std::ios::binary);
  std::string first;
  if (!from || !std::getline(from, first))
    return fail_at(ErrorKind::environment, "there are no rows", file.string());
  if (header.empty()) {
    header = first;
    to << header << '\n';
  } else if (first != header) {
    return fail_at(ErrorKind::bad_input, "the columns differ from those of the first record",
                   file.string() + ":1");
  }
  for (std::string line; std::getline(from, line);) {
    // A last line without its end was cut off.
    if (!from.eof()) to << line << '\n';
  }
  to.flush();
  if (to) return {};
  return fail_at(ErrorKind::environment, fmt::format("cannot write: {}", std::strerror(errno)),
                 target.string());
}

}  // namespace

Result<LoadSummary> merge_loads(std::span<const Path> records) {
  if (records.empty()) return fail(ErrorKind::bad_usage, "there is no record");
  LoadSummary all;
  std::map<std::string, Path> known;
  for (const Path& record : records) {
    THAW_TRY(const Json document, load_document(record));
    const auto [first, is_new] = known.try_emplace(text_at(document, "id"), record);
    if (!is_new && !first->first.empty()) {
      return fail_at(ErrorKind::bad_input, fmt::format("this is the load of {}", first->second.string()),
                     record.string(), "give each generator's record once");
    }
    auto summary = load_summary_from(document.value("summary", Json()));
    if (!summary) return tl::unexpected(std::move(summary).error().in(record.string()));
    merge(all, *summary, record);
  }
  return all;
}

Result<LoadSummary> write_merged_load(std::span<const Path> records, const Path& folder,
                                      RunDocument document) {
  THAW_TRY(LoadSummary all, merge_loads(records));
  RunPlace place;
  place.folder = folder;
  THAW_TRY(const RunFolder run, RunFolder::create(place));
  std::string header;
  const Path target = run.path() / "samples.csv";
  std::ofstream rows(target, std::ios::binary);
  for (const Path& record : records) THAW_CHECK(append_rows(record, header, rows, target));
  THAW_TRY(const Json first, load_document(records.front()));
  all.out = run.path().string();
  document.context = first.value("context", Json::object());
  document.columns = first.value("columns", Json::array());
  document.seed = first.value("seed", document.seed);
  document.status = RunStatus::completed;
  document.summary = to_json(all);
  document.summary.update(exact_parts(all));
  THAW_CHECK(run.write(document));
  return all;
}

}  // namespace thaw
