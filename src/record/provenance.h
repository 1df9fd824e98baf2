#pragma once
// What is needed to run a measurement again, beside the machine: version, source revision, program.

#include <cstdint>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/files.h"
#include "record/field_table.h"

namespace thaw {

/// The revision that a folder's source tree stands at.
struct GitRevision {
  Path tree;                          ///< The folder that holds .git.
  std::string commit;                 ///< 40 or 64 hex digits.
  std::optional<std::string> branch;  ///< nullopt when detached.
  /// Whether files that git knows differ from the commit; nullopt when git is not there to tell (see git_is_dirty).
  std::optional<bool> is_dirty = {};
};

/// Looks for a git tree at `folder` and above and reads its files, without running git; nullopt when there is none,
/// or no commit yet.
std::optional<GitRevision> git_revision(const Path& folder);

/// Asks `git status` whether files that git knows differ from the commit; nullopt when it cannot tell: it is not
/// installed, does not trust the folder's owner, or takes more than a second.
std::optional<bool> git_is_dirty(const Path& tree);

/// SHA-256 of a file as 64 hex digits. Errors: environment (unreadable).
Result<std::string> file_sha256(const Path& path);

/// Everything about one run that is neither its configuration nor its machine.
struct RunProvenance {
  std::string thaw_version;
  std::string directory;
  std::optional<std::string> user;
  std::optional<GitRevision> git;
  std::optional<std::string> program;
  std::optional<std::string> program_sha256;
  std::optional<std::int64_t> program_bytes;
};

/// Gathers it, but for what git_is_dirty tells. `program` is the measured program's file, where there is one.
RunProvenance run_provenance(std::string thaw_version, const Path& directory,
                             const std::optional<Path>& program);

/// The facts as they stand in run.json under context.run.
FieldTable<RunProvenance> run_provenance_fields();

}  // namespace thaw
