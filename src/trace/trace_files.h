#pragma once
// Finds the files of a trace and what each of them is, by their content.

#include <string>
#include <vector>

#include "core/error.h"
#include "trace/input_file.h"
#include "trace/reader.h"

namespace thaw {

/// What a file holds, by its first line.
enum class FileRole {
  unknown,
  pair_functions,
  pair_invocations,
  azure2019_invocations,
  azure2019_durations,
  azure2019_memory,
  azure2021,
  ibm2026,
  pickle,
  huawei2023,
};

/// The role of a file that begins with these bytes.
FileRole role_of(std::string_view beginning);

/// A file and its role.
struct TraceFilePart {
  FileRole role = FileRole::unknown;
  InputFile file;
};

/// The files of one trace: a single one that is complete in itself, or a set.
struct TraceFiles {
  std::vector<TraceFilePart> parts;
  /// The part with that role, or nullptr.
  [[nodiscard]] const InputFile* find(FileRole role) const;
};

/// Finds the files that a path means (open_trace says which paths there are).
/// Errors: environment (absent, unreadable), bad_input (nothing known, or several traces and no telling which).
Result<TraceFiles> find_trace_files(const Path& path, const ReadOptions& options);

}  // namespace thaw
