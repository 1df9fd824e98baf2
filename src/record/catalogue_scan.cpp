// Bringing the catalogue in line with the run folders.

#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "record/catalogue.h"

namespace thaw {
namespace {

/// Deeper than any layout of ours; keeps a stray link or huge tree from being walked for ever.
constexpr int deepest_level = 6;

std::int64_t document_time(const Path& folder) {
  struct stat status {};
  if (::stat((folder / "run.json").c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec;
}

/// All folders under `root` that hold a run.json, sorted. Links are not followed.
std::vector<Path> run_folders(const Path& root) {
  std::vector<Path> found;
  std::error_code error;
  const auto options = std::filesystem::directory_options::skip_permission_denied;
  std::filesystem::recursive_directory_iterator entries(root, options, error);
  const std::filesystem::recursive_directory_iterator end;
  for (; !error && entries != end; entries.increment(error)) {
    if (entries.depth() >= deepest_level) entries.disable_recursion_pending();
    if (entries->path().filename() == "run.json") found.push_back(entries->path().parent_path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool is_under(const std::string& path, const std::string& root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

}  // namespace

Result<ScanReport> Catalogue::scan(const Path& runs_root) {
  std::error_code error;
  const Path root = std::filesystem::weakly_canonical(runs_root, error);
  THAW_TRY(const std::vector<CatalogueEntry> entries, list());
  std::map<std::string, std::int64_t> known;
  for (const CatalogueEntry& entry : entries) known.emplace(entry.path, entry.document_time_ns);

  ScanReport report;
  THAW_TRY(SqlTransaction transaction, SqlTransaction::begin(database_));
  for (const Path& folder : run_folders(root)) {
    const auto before = known.find(folder.string());
    const bool is_known = before != known.end();
    const bool is_unchanged = is_known && before->second == document_time(folder);
    if (is_known) known.erase(before);
    if (is_unchanged) continue;
    auto entry = catalogue_entry(folder);
    if (!entry) {
      report.skipped.push_back(std::move(entry).error());
      continue;
    }
    THAW_CHECK(insert(*entry));
    ++(is_known ? report.updated : report.added);
  }
  for (const auto& [path, time] : known) {
    if (!is_under(path, root.string()) && std::filesystem::exists(path, error)) continue;
    THAW_CHECK(forget(path));
    ++report.removed;
  }
  THAW_CHECK(transaction.commit());
  return report;
}

Result<ScanReport> rebuild_catalogue(const Path& file, const Path& runs_root) {
  Path temporary = file;
  temporary += fmt::format(".{}.tmp", ::getpid());
  std::error_code error;
  std::filesystem::remove(temporary, error);
  ScanReport report;
  {
    THAW_TRY(Catalogue fresh, Catalogue::open(temporary));
    THAW_TRY(report, fresh.scan(runs_root));
  }
  // A journal of the old file would be played into the new one.
  Path journal = file;
  journal += "-journal";
  std::filesystem::remove(journal, error);
  std::filesystem::rename(temporary, file, error);
  if (error) {
    return fail_at(ErrorKind::environment, fmt::format("cannot replace the catalogue: {}", error.message()),
                   file.string());
  }
  return report;
}

}  // namespace thaw
