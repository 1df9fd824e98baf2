#include "trace/reader.h"

#include "trace/forms.h"
#include "trace/synthetic_name.h"
#include "trace/trace_files.h"

namespace thaw {
namespace {

Result<std::unique_ptr<TraceFile>> open_files(const TraceFiles& files, const ReadOptions& options) {
  const FileRole role = files.parts.front().role;
  if (role == FileRole::huawei2023) {
    return forms::open_huawei2023({files.parts[0].file, files.parts[1].file, files.parts[2].file}, options);
  }
  if (const InputFile* file = files.find(FileRole::azure2021)) return forms::open_azure2021(*file, options);
  if (const InputFile* file = files.find(FileRole::ibm2026)) return forms::open_ibm2026(*file, options);
  if (const InputFile* file = files.find(FileRole::pickle)) return forms::open_faascache(*file, options);
  const InputFile* invocations = files.find(FileRole::pair_invocations);
  if (const InputFile* functions = files.find(FileRole::pair_functions);
      functions != nullptr && invocations != nullptr) {
    return forms::open_pair(*functions, *invocations, options);
  }
  return forms::open_azure2019(
      {*files.find(FileRole::azure2019_invocations), *files.find(FileRole::azure2019_durations),
       *files.find(FileRole::azure2019_memory)},
      options);
}

Result<> too_long(std::uint64_t invocations, const ReadOptions& options) {
  if (invocations <= options.most_invocations_in_memory) return {};
  return fail(ErrorKind::bad_input, "the trace has more than {} invocations, too many to hold in memory",
              options.most_invocations_in_memory);
}

template <class T>
void append(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

Result<std::unique_ptr<TraceFile>> open_trace(const Path& path, const ReadOptions& options) {
  if (is_synthetic_name(path.native())) return open_synthetic(path.native(), options);
  THAW_TRY(const TraceFiles files, find_trace_files(path, options));
  return open_files(files, options);
}

Result<Trace> load_trace(const Path& path, const ReadOptions& options) {
  THAW_TRY(const std::unique_ptr<TraceFile> file, open_trace(path, options));
  return load_trace(*file, options);
}

Result<Trace> load_trace(const TraceFile& file, const ReadOptions& options) {
  Trace trace{.functions = file.functions()};
  InvocationBlock& all = trace.invocations;
  if (const auto count = file.invocations()) {
    THAW_CHECK(too_long(*count, options));
    all.time_ms.reserve(*count);
    all.function.reserve(*count);
  }
  THAW_TRY(const std::unique_ptr<InvocationSource> source, file.open());
  InvocationBlock block;
  for (;;) {
    THAW_CHECK(source->next(block));
    if (block.size() == 0) return trace;
    THAW_CHECK(too_long(all.size() + block.size(), options));
    append(block.time_ms, all.time_ms);
    append(block.function, all.function);
    append(block.duration_ms, all.duration_ms);
  }
}

}  // namespace thaw
