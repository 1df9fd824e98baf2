#include "load/benchmark_trace.h"

#include <algorithm>

#include "trace/counts_trace.h"
#include "trace/deployment.h"

namespace thaw {
namespace {

/// Adds what plays each function; `first` is the place of the first one in the whole trace.
Result<> add_names(const Path& map, const std::vector<TraceFunction>& functions, std::string_view prefix,
                   std::size_t first, BenchmarkTrace& trace) {
  THAW_TRY(const std::string text, read_file(map));
  THAW_TRY(const ProxyNames names, ProxyNames::parse(text, map.string()));
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const std::string* const name = names.find(functions[i]);
    if (name == nullptr) {
      return fail_at(ErrorKind::bad_input,
                     fmt::format("no benchmark plays the function {}", functions[i].name), map.string(),
                     "thaw trace map writes a map of the whole trace");
    }
    trace.names[std::string(prefix) + functions[i].name] = fmt::format("{}-{}", *name, first + i);
  }
  return {};
}

Result<BenchmarkTrace> open_one(const Path& trace, const Path& map, const ReadOptions& reading) {
  BenchmarkTrace opened;
  THAW_TRY(opened.file, open_trace(trace, reading));
  THAW_CHECK(add_names(map, opened.file->functions(), "", 0, opened));
  return opened;
}

/// Names of the folders in a folder that hold a map, sorted.
Result<std::vector<std::string>> folders_with_map(const Path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  std::filesystem::directory_iterator entry(folder, code);
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    std::error_code unreadable;
    if (std::filesystem::is_regular_file(entry->path() / benchmark_map_name, unreadable))
      names.push_back(entry->path().filename().string());
  }
  if (code) return fail_at(ErrorKind::environment, code.message(), folder.string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Lays the counts of several traces behind each other.
class JoinedCounts {
 public:
  /// Functions get the folder before their names: two folders may hold the same one.
  Result<> add(const TraceFile& part, const std::string& folder) {
    auto counts = part.counts();
    if (!counts) {
      return fail_at(
          ErrorKind::bad_input,
          fmt::format("a trace of the form {} holds no counts and cannot be joined with others", part.form()),
          folder, "give each folder's trace to a load of its own");
    }
    for (TraceFunction& function : counts->functions) {
      function.name = folder + "/" + function.name;
      joined_.functions.push_back(std::move(function));
    }
    for (const std::vector<std::uint32_t>& row : counts->counts) {
      joined_.counts.begin_row();
      for (const std::uint32_t count : row) joined_.counts.add(count);
      joined_.counts.end_row();
    }
    for (const Repair& repair : part.repairs()) notes_.repairs.note(repair.what, repair.count);
    for (const Repair& remark : part.remarks()) notes_.remarks.note(remark.what, remark.count);
    if (counts->columns() != joined_.columns && joined_.columns > 0)
      notes_.remarks.note("folders whose trace has another number of columns, idle where it has none");
    joined_.columns = std::max(joined_.columns, counts->columns());
    return {};
  }
  [[nodiscard]] std::size_t functions() const { return joined_.functions.size(); }
  std::unique_ptr<TraceFile> take(std::string_view form) {
    return make_counts_trace(form, std::move(joined_), std::move(notes_));
  }

 private:
  CountedTrace joined_;
  ReadingNotes notes_;
};

Result<BenchmarkTrace> open_folders(const Path& trace, const Path& benchmarks, const ReadOptions& reading) {
  THAW_TRY(const std::vector<std::string> folders, folders_with_map(benchmarks));
  if (folders.empty()) {
    return fail_at(ErrorKind::bad_input,
                   fmt::format("neither this folder nor one in it holds a {}", benchmark_map_name),
                   benchmarks.string(), "thaw trace map writes one for a trace");
  }
  BenchmarkTrace joined;
  JoinedCounts counts;
  for (const std::string& folder : folders) {
    THAW_TRY(const std::unique_ptr<TraceFile> part, open_trace(trace / folder, reading));
    THAW_CHECK(add_names(benchmarks / folder / benchmark_map_name, part->functions(), folder + "/",
                         counts.functions(), joined));
    THAW_CHECK(counts.add(*part, folder));
  }
  joined.file = counts.take("azure2019");
  return joined;
}

}  // namespace

void BenchmarkTrace::rename(std::vector<TraceFunction>& functions) const {
  for (TraceFunction& function : functions) {
    if (const auto name = names.find(function.name); name != names.end()) function.name = name->second;
  }
}

Result<BenchmarkTrace> open_benchmark_trace(const Path& trace, const Path& benchmarks,
                                            const ReadOptions& reading) {
  std::error_code code;
  if (!std::filesystem::is_directory(benchmarks, code)) return open_one(trace, benchmarks, reading);
  const Path map = benchmarks / benchmark_map_name;
  if (std::filesystem::exists(map, code)) return open_one(trace, map, reading);
  return open_folders(trace, benchmarks, reading);
}

}  // namespace thaw
