#include "record/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/text.h"
#include "record/gzip.h"
#include "record/json_text.h"

namespace thaw {
namespace {

constexpr std::string_view document_name = "run.json";
constexpr std::string_view samples_name = "samples.csv";

tl::unexpected<Error> folder_failure(std::string_view action, const Path& path, int error) {
  return fail_at(ErrorKind::environment, fmt::format("cannot {}: {}", action, std::strerror(error)),
                 path.string(), "choose another folder with -o DIR");
}

Result<> make_folders(const Path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return folder_failure("create the folder", path, error.value());
  return {};
}

/// Makes `base`, or "base-2", "base-3"… when taken. mkdir decides, so two programs never share a folder.
Result<Path> make_new_folder(const Path& base) {
  for (int number = 1;; ++number) {
    Path candidate = base;
    if (number > 1) candidate += fmt::format("-{}", number);
    if (::mkdir(candidate.c_str(), 0777) == 0) return candidate;
    if (errno != EEXIST) return folder_failure("create the folder", candidate, errno);
  }
}

/// Points `latest` beside the folder to it. A convenience: where links are impossible there is none.
void point_latest_to(const Path& folder) {
  const Path link = folder.parent_path() / "latest";
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(link, error)) &&
      !std::filesystem::is_symlink(link, error)) {
    return;
  }
  Path temporary = link;
  temporary += fmt::format(".{}.tmp", ::getpid());
  std::filesystem::create_symlink(folder.filename(), temporary, error);
  if (!error) std::filesystem::rename(temporary, link, error);
  if (error) std::filesystem::remove(temporary, error);
}

bool has_run(const Path& folder) {
  std::error_code error;
  return std::filesystem::exists(folder / document_name, error) ||
         std::filesystem::exists(folder / samples_name, error);
}

/// What is already in a CSV file that is to be continued.
struct Existing {
  bool has_header = false;
  std::int64_t whole_bytes = 0;  ///< Up to the end of the last whole row.
  bool has_torn_row = false;
};

tl::unexpected<Error> other_header(std::span<const std::string_view> found,
                                   std::span<const std::string> wanted, std::string place) {
  std::string what =
      fmt::format("the file has {} columns, the new rows have {}", found.size(), wanted.size());
  for (std::size_t i = 0; i < std::min(found.size(), wanted.size()); ++i) {
    if (found[i] == wanted[i]) continue;
    what = fmt::format(R"(column {} of the file is "{}", of the new rows "{}")", i + 1, found[i], wanted[i]);
    break;
  }
  return fail_at(ErrorKind::bad_input, std::move(what), std::move(place),
                 "rows can be added only with the same metrics and factors; otherwise start a new record");
}

Result<Existing> examine(const Path& path, std::span<const std::string> header) {
  Existing existing;
  std::error_code error;
  // Of a new record there is nothing to read, and no megabyte to set aside for reading it.
  if (std::filesystem::file_size(path, error) == 0) return existing;
  THAW_TRY(CsvReader reader, CsvReader::open(path, TornEnd::is_dropped));
  for (;;) {
    THAW_TRY(const auto record, reader.next());
    if (!record) break;
    if (!existing.has_header && !std::ranges::equal(*record, header)) {
      return other_header(*record, header, reader.place());
    }
    if (record->size() != header.size()) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("{} fields, but the header names {} columns", record->size(), header.size()),
                     reader.place());
    }
    existing.has_header = true;
  }
  existing.whole_bytes = reader.end_offset();
  existing.has_torn_row = reader.dropped_torn_end();
  return existing;
}

}  // namespace

std::string folder_name_for(std::string_view text) {
  const auto is_kept = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._+=@-").find(c) != std::string_view::npos;
  };
  while (text.ends_with('/')) text.remove_suffix(1);
  std::string name(text.substr(text.rfind('/') + 1).substr(0, 100));
  std::replace_if(
      name.begin(), name.end(), [&](char c) { return !is_kept(c); }, '_');
  name.erase(0, std::min(name.find_first_not_of('.'), name.size()));
  return name.empty() ? "run" : name;
}

// RowFile

Result<RowFile> RowFile::open(const Path& path, std::span<const std::string> header, SyncPolicy sync) {
  RowFile rows;
  rows.path_ = path;
  rows.sync_ = sync;
  rows.file_ = FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!rows.file_.is_open()) return folder_failure("write", path, errno);
  if (::flock(rows.file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return fail_at(ErrorKind::environment, "another program is writing this record", path.string(),
                   "wait for it to end, or write to another folder with -o DIR");
  }
  THAW_TRY(const Existing existing, examine(path, header));
  rows.size_ = existing.whole_bytes;
  rows.dropped_torn_row_ = existing.has_torn_row && existing.has_header;
  rows.is_continued_ = existing.has_header;
  if (existing.has_torn_row && ::ftruncate(rows.file_.get(), rows.size_) != 0) {
    return folder_failure("cut off the torn last row", path, errno);
  }
  if (!existing.has_header) THAW_CHECK(rows.append(csv_line(header)));
  return rows;
}

Result<> RowFile::append(std::string_view line) {
  if (auto written = write_all(file_.get(), line, path_.string()); !written) {
    // Part of the row may be there; readers drop it, but a file of whole rows is better.
    const bool is_whole = ::ftruncate(file_.get(), size_) == 0;
    Error error = std::move(written).error();
    const std::string advice = error.hint.empty() ? "" : error.hint + "; ";
    return tl::unexpected(std::move(error).with_hint(fmt::format(
        "{}the rows before this one are kept{}", advice, is_whole ? "" : ", the last may be torn")));
  }
  size_ += static_cast<std::int64_t>(line.size());
  if (sync_ == SyncPolicy::every_row) return sync_to_disk();
  return {};
}

Result<> RowFile::sync_to_disk() {
  if (::fdatasync(file_.get()) != 0) return folder_failure("force the rows to the disk", path_, errno);
  return {};
}

Result<> RowFile::finish() {
  if (sync_ == SyncPolicy::never) return {};
  return sync_to_disk();
}

// SampleWriter

Result<> SampleWriter::append(const SampleRow& row) {
  THAW_ASSERT(row.metrics.size() == metrics_, "{} metric values for {} metric columns", row.metrics.size(),
              metrics_);
  add_fields(line_, sample_fields(), row);
  for (const FieldValue& metric : row.metrics) add_field(line_, metric);
  return rows_.append(line_.finish());
}

// RunFolder

Result<RunFolder> RunFolder::create(const RunPlace& place) {
  if (place.folder) {
    if (has_run(*place.folder)) {
      return fail_at(ErrorKind::bad_usage, "the folder already holds a run", place.folder->string(),
                     "add rows to it with --append, or choose another folder");
    }
    THAW_CHECK(make_folders(*place.folder));
    return RunFolder(*place.folder);
  }
  const Path experiment = place.root / folder_name_for(place.experiment);
  THAW_CHECK(make_folders(experiment));
  const std::string name =
      fmt::format("{}-{}", folder_name_for(place.task), format_utc_compact(place.started));
  THAW_TRY(Path folder, make_new_folder(experiment / name));
  point_latest_to(folder);
  return RunFolder(std::move(folder));
}

Result<RunFolder> RunFolder::reopen(const Path& folder) {
  std::error_code error;
  const Path samples = folder / samples_name;
  if (const Path packed = samples.string() + ".gz";
      !std::filesystem::exists(samples, error) && std::filesystem::exists(packed, error)) {
    return fail_at(ErrorKind::environment, "its samples are compressed, so nothing can be added to them",
                   packed.string(), "unpack them with gunzip");
  }
  if (!has_run(folder)) {
    return fail_at(ErrorKind::environment, "no run in this folder: neither run.json nor samples.csv",
                   folder.string(), "name a folder that thaw wrote, or leave --append out");
  }
  return RunFolder(folder);
}

Result<> RunFolder::write_json(const nlohmann::ordered_json& document) const {
  const std::string text = document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return write_file_atomically(path_ / document_name, text + "\n");
}

Result<SampleWriter> RunFolder::samples(std::span<const SampleColumn> metrics, SyncPolicy sync) const {
  const std::vector<std::string> header = sample_header(metrics);
  for (std::size_t i = header.size() - metrics.size(); i < header.size(); ++i) {
    const auto earlier = header.begin() + static_cast<std::ptrdiff_t>(i);
    if (header[i].empty() || std::find(header.begin(), earlier, header[i]) != earlier) {
      return fail_at(ErrorKind::bad_usage,
                     fmt::format("a column called \"{}\" exists already in samples.csv", header[i]),
                     "metrics", "give the metric another name");
    }
  }
  THAW_TRY(RowFile rows, RowFile::open(path_ / samples_name, header, sync));
  return SampleWriter(std::move(rows), metrics.size());
}

// Reading

Result<RunRecord> read_run(const Path& path) {
  std::error_code error;
  RunRecord run;
  run.folder = std::filesystem::is_directory(path, error) ? path : path.parent_path();
  const Path file = std::filesystem::is_directory(path, error) ? path / document_name : path;
  THAW_TRY(run.document, read_json_file(file));
  if (!text_at(run.document, "schema").starts_with("thaw.")) {
    return fail_at(ErrorKind::bad_input, "no \"schema\": \"thaw.…\" in it, so this is not a record of a run",
                   file.string());
  }
  Path samples = run.folder / samples_name;
  if (std::filesystem::exists(samples, error)) {
    THAW_TRY(CsvReader reader, CsvReader::open(samples, TornEnd::is_dropped));
    THAW_TRY(run.samples, read_columns(std::move(reader)));
    return run;
  }
  samples += ".gz";
  if (!std::filesystem::exists(samples, error)) return run;
  THAW_TRY(std::string text, read_file_unpacked(samples));
  THAW_TRY(run.samples,
           read_columns(CsvReader::over(std::move(text), samples.string(), TornEnd::is_dropped)));
  return run;
}

}  // namespace thaw
