#include "trace/trace_files.h"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

#include "core/text.h"
#include "trace/csv_fields.h"

namespace thaw {
namespace {

constexpr std::size_t sniffed_bytes = std::size_t{64} << 10;

/// Words in the names of files that tell the role, which the content tells better. What remains of a name tells
/// which files belong together.
constexpr std::array role_words = {"functions", "function", "invocations", "inv",  "run",  "dur", "durations",
                                   "memory",    "mem",      "csv",         "gz",   "txt",  "per", "md",
                                   "anon",      "app",      "percentiles", "thaw", "trace"};

/// "20" of "20_inv.csv", "d01" of "function_durations_percentiles.anon.d01.csv", "" of "functions.csv".
std::string set_name(const Path& path) {
  std::string name;
  std::string word;
  const auto end_word = [&](char separator) {
    const bool is_role = std::find(role_words.begin(), role_words.end(), to_lower(word)) != role_words.end();
    if (!is_role && !word.empty()) name += (name.empty() ? "" : std::string(1, separator)) + word;
    word.clear();
  };
  char separator = '_';
  for (const char c : path.filename().string()) {
    if (c == '.' || c == '_' || c == '-') {
      end_word(separator);
      separator = c;
    } else {
      word += c;
    }
  }
  end_word(separator);
  return name;
}

bool is_complete(FileRole role) {
  return role == FileRole::azure2021 || role == FileRole::ibm2026 || role == FileRole::pickle;
}

bool is_complete(const TraceFiles& files) {
  const auto has = [&](FileRole role) { return files.find(role) != nullptr; };
  return (has(FileRole::pair_functions) && has(FileRole::pair_invocations)) ||
         (has(FileRole::azure2019_invocations) && has(FileRole::azure2019_durations) &&
          has(FileRole::azure2019_memory)) ||
         std::any_of(files.parts.begin(), files.parts.end(),
                     [](const TraceFilePart& part) { return is_complete(part.role); });
}

/// Day 7 of "d07", "day_007" or "7"; nullopt for other names.
std::optional<int> day_of(std::string_view name) {
  for (const std::string_view prefix : {"day_", "day", "d"}) {
    if (name.starts_with(prefix)) {
      name.remove_prefix(prefix.size());
      break;
    }
  }
  const auto number = parse_integer(name);
  if (!number || *number < 0 || *number > 9999) return std::nullopt;
  return static_cast<int>(*number);
}

Result<TraceFilePart> sniff(const Path& path) {
  TraceFilePart part{.file = InputFile::at(path)};
  THAW_TRY(const std::string beginning, part.file.beginning(sniffed_bytes));
  part.role = role_of(beginning);
  return part;
}

/// Regular files of a folder, sorted by name; hidden ones are left out.
Result<std::vector<Path>> files_of(const Path& folder) {
  std::vector<Path> files;
  std::error_code code;
  for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end;
       entry.increment(code)) {
    const Path& path = entry->path();
    if (entry->is_regular_file(code) && !path.filename().string().starts_with('.')) files.push_back(path);
  }
  if (code) return fail_at(ErrorKind::environment, "cannot list: " + code.message(), folder.string());
  std::sort(files.begin(), files.end());
  return files;
}

using FileSets = std::map<std::string, TraceFiles>;

/// Whether no two files hold the same table.
bool is_unambiguous(const TraceFiles& files) {
  for (const TraceFilePart& part : files.parts) {
    const auto is_same = [&](const TraceFilePart& other) { return other.role == part.role; };
    if (std::count_if(files.parts.begin(), files.parts.end(), is_same) > 1) return false;
  }
  return true;
}

/// The sets of a folder that are a trace each, by the common part of their names; one set without a name where the
/// names have nothing in common, but the files are just those of one trace.
Result<FileSets> sets_of(const Path& folder) {
  THAW_TRY(const std::vector<Path> files, files_of(folder));
  FileSets sets;
  TraceFiles all;
  for (const Path& path : files) {
    THAW_TRY(TraceFilePart part, sniff(path));
    if (part.role == FileRole::unknown) continue;
    // A file that is a trace alone is a set alone.
    const std::string name = is_complete(part.role) ? path.filename().string() : set_name(path);
    sets[name].parts.push_back(part);
    all.parts.push_back(std::move(part));
  }
  std::erase_if(sets,
                [](const auto& set) { return !is_complete(set.second) || !is_unambiguous(set.second); });
  if (sets.empty() && is_complete(all) && is_unambiguous(all)) sets[""] = std::move(all);
  return sets;
}

std::string names_of(const FileSets& sets) {
  constexpr std::size_t most = 12;
  std::string text;
  std::size_t count = 0;
  for (const auto& [name, files] : sets) {
    if (count++ == most) return text + ", …";
    text += (text.empty() ? "" : ", ") + (name.empty() ? "(no name)" : name);
  }
  return text;
}

/// The one set, or the one of the wanted day.
Result<TraceFiles> choose(FileSets sets, const Path& folder, const ReadOptions& options) {
  if (sets.empty()) {
    return fail_at(ErrorKind::bad_input, "no trace of a known form is in this folder", folder.string(),
                   "docs/traces.md lists the forms and their columns");
  }
  std::map<int, TraceFiles*> days;
  for (auto& [name, files] : sets) {
    if (const auto day = day_of(name)) days[*day] = &files;
  }
  if (options.day) {
    if (const auto found = days.find(*options.day); found != days.end()) return std::move(*found->second);
    if (days.size() > 1) {
      return fail_at(ErrorKind::bad_usage,
                     fmt::format("there is no day {} among {}", *options.day, names_of(sets)),
                     folder.string());
    }
  }
  if (sets.size() == 1) return std::move(sets.begin()->second);
  const bool are_days = std::all_of(sets.begin(), sets.end(), [](const auto& set) {
    return set.first.starts_with('d') && day_of(set.first);
  });
  if (are_days) return std::move(*days.begin()->second);
  return fail_at(ErrorKind::bad_input, fmt::format("there are several traces: {}", names_of(sets)),
                 folder.string(),
                 fmt::format("name one of them: {}", (folder / sets.begin()->first).string()));
}

bool is_huawei_folder(const Path& folder) {
  std::error_code code;
  return std::filesystem::is_directory(folder / "requests_minute", code) &&
         std::filesystem::is_directory(folder / "function_delay_minute", code);
}

/// The same day of each of the three tables.
Result<TraceFiles> huawei_files(const Path& folder, const ReadOptions& options) {
  THAW_TRY(const std::vector<Path> days, files_of(folder / "requests_minute"));
  const auto is_wanted = [&](const Path& path) {
    const Path name = path.filename();
    const auto day = day_of(name.string().substr(0, name.string().find('.')));
    return day && (!options.day || *day == *options.day);
  };
  const auto found = std::find_if(days.begin(), days.end(), is_wanted);
  if (found == days.end()) {
    return fail_at(
        options.day ? ErrorKind::bad_usage : ErrorKind::bad_input,
        options.day ? fmt::format("there is no day {}", *options.day) : "there is no file day_NNN.csv",
        (folder / "requests_minute").string());
  }
  TraceFiles files;
  for (const char* table : {"requests_minute", "function_delay_minute", "memory_limit_minute"}) {
    files.parts.push_back({FileRole::huawei2023, InputFile::at(folder / table / found->filename())});
  }
  return files;
}

Result<TraceFiles> files_in_folder(const Path& folder, const ReadOptions& options) {
  if (is_huawei_folder(folder)) return huawei_files(folder, options);
  THAW_TRY(FileSets sets, sets_of(folder));
  return choose(std::move(sets), folder, options);
}

/// One file: a trace in itself, or the set in its folder to which it belongs.
Result<TraceFiles> files_of_file(const Path& path) {
  THAW_TRY(TraceFilePart part, sniff(path));
  if (part.role == FileRole::unknown) {
    return fail_at(ErrorKind::bad_input, "this is no trace of a known form", path.string() + ":1",
                   "docs/traces.md lists the forms and their columns");
  }
  if (is_complete(part.role)) return TraceFiles{{std::move(part)}};
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  THAW_TRY(FileSets sets, sets_of(folder));
  if (const auto found = sets.find(set_name(path)); found != sets.end()) return std::move(found->second);
  if (const auto only = sets.find(""); only != sets.end() && sets.size() == 1) return std::move(only->second);
  return fail_at(
      ErrorKind::bad_input, "the other files of this trace are not beside it", path.string(),
      "a pair needs functions.csv and invocations.csv, Azure 2019 needs invocations.csv, durations.csv "
      "and memory.csv");
}

/// "functions.csv,invocations.csv" in either order.
Result<TraceFiles> files_of_list(std::string_view list) {
  TraceFiles files;
  for (const std::string_view name : split(list, ',')) {
    THAW_TRY(TraceFilePart part, sniff(Path(name)));
    files.parts.push_back(std::move(part));
  }
  if (is_complete(files) && is_unambiguous(files)) return files;
  return fail_at(ErrorKind::bad_input, "these files are no trace together", std::string(list),
                 "a pair needs functions.csv and invocations.csv");
}

/// The common beginning of the names of a set.
Result<TraceFiles> files_of_prefix(const Path& path) {
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  const auto absent = fail_at(ErrorKind::environment, "there is no such trace", path.string(),
                              "give a folder, a file, or the common beginning of the names of its files");
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code)) return absent;
  THAW_TRY(FileSets sets, sets_of(folder));
  if (const auto found = sets.find(path.filename().string()); found != sets.end())
    return std::move(found->second);
  return absent;
}

}  // namespace

FileRole role_of(std::string_view beginning) {
  if (beginning.starts_with("\xEF\xBB\xBF")) beginning.remove_prefix(3);
  // Protocols 2 and later say so; 0 and 1 begin with the mark of the outer tuple.
  if (beginning.starts_with('\x80') || beginning.starts_with("((") || beginning.starts_with("(}")) {
    return FileRole::pickle;
  }
  while (beginning.starts_with('\n') || beginning.starts_with('\r')) beginning.remove_prefix(1);
  std::string_view line = beginning.substr(0, beginning.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto names = ColumnNames::of(line);
  if (!names) return FileRole::unknown;
  if (names->has({"function", "func_name"})) {
    if (names->has({"time_ms", "invoke_time_ms"})) return FileRole::pair_invocations;
    if (names->has({"memory_mb", "mem_mb"})) return FileRole::pair_functions;
  }
  if (names->has({"averageallocatedmb"})) return FileRole::azure2019_memory;
  if (names->has({"hashfunction"})) {
    return names->has({"percentile_average_50"}) ? FileRole::azure2019_durations
                                                 : FileRole::azure2019_invocations;
  }
  if (names->has({"app"}) && names->has({"func"}) && names->has({"end_timestamp"}))
    return FileRole::azure2021;
  if (names->has({"namespacehash"}) && names->has({"invocationtimes"})) return FileRole::ibm2026;
  return FileRole::unknown;
}

const InputFile* TraceFiles::find(FileRole role) const {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const auto& part) { return part.role == role; });
  return found == parts.end() ? nullptr : &found->file;
}

Result<TraceFiles> find_trace_files(const Path& path, const ReadOptions& options) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (std::filesystem::is_directory(status)) return files_in_folder(path, options);
  if (std::filesystem::exists(status)) return files_of_file(path);
  if (path.string().find(',') != std::string::npos) return files_of_list(path.string());
  return files_of_prefix(path);
}

}  // namespace thaw
