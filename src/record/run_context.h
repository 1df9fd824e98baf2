#pragma once
// What is needed to run a measurement again, beside the machine: version, source revision, program, command line.

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/shell.h"

namespace thaw {

/// The revision that a folder's source tree stands at.
struct GitRevision {
  Path worktree;
  std::string commit;                 ///< 40 or 64 hex digits.
  std::optional<std::string> branch;  ///< nullopt when detached.
};

/// Looks for a git tree at `folder` and above and reads its files; nullopt when there is none or no commit yet.
std::optional<GitRevision> git_revision(const Path& folder);

/// SHA-256 of a file as 64 hex digits. Errors: environment (unreadable).
Result<std::string> file_sha256(const Path& path);

/// What stands for a masked secret.
inline constexpr std::string_view redacted = "***";

/// True for names of options and variables whose value is a secret: password, token, secret, key, credential …
bool names_a_secret(std::string_view name);

/// The words with the values of secrets masked: "--password=x", "--token" "x", "API_KEY=x", "https://user:x@host",
/// "Authorization: Bearer x".
Argv redact(std::span<const std::string> words);
/// One text, masked the same way.
std::string redact_text(std::string_view text);
/// A JSON value with secrets masked in every text and under every key that names a secret.
nlohmann::ordered_json redact(nlohmann::ordered_json value);

/// What the caller knows about the run.
struct RunContextInput {
  std::string thaw_version;
  Path folder;                  ///< The current directory.
  std::optional<Path> program;  ///< The measured program's file.
};

/// {"thaw_version", "git_commit", "git_branch", "git_dirty", "directory", "user", "program", "program_sha256", …}.
nlohmann::ordered_json run_context(const RunContextInput& input);

}  // namespace thaw
