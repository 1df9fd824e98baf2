#include "record/provenance.h"

// The direct interface to SHA-256: the one that is recommended instead first reads OpenSSL's configuration and lists
// all algorithms, a quarter of the instructions of a start of thaw bench.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/process.h"
#include "core/text.h"

namespace thaw {
namespace {

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::string> first_line_of(const Path& path) {
  const auto content = read_file_if_any(path);
  if (!content) return std::nullopt;
  return std::string(trim(content->substr(0, content->find('\n'))));
}

/// The folder that ".git" stands for: itself, or the one that a file ".git" of a linked tree names.
std::optional<Path> git_folder(const Path& tree) {
  const Path dot_git = tree / ".git";
  std::error_code error;
  if (std::filesystem::is_directory(dot_git, error)) return dot_git;
  const auto line = first_line_of(dot_git);
  constexpr std::string_view key = "gitdir: ";
  if (!line || !line->starts_with(key)) return std::nullopt;
  return tree / line->substr(key.size());
}

/// The folder with the references: a linked tree shares them with its main tree.
Path common_folder(const Path& git) {
  const auto common = first_line_of(git / "commondir");
  return common ? git / *common : git;
}

std::optional<std::string> packed_reference(const Path& common, std::string_view name) {
  const auto packed = read_file_if_any(common / "packed-refs");
  if (!packed) return std::nullopt;
  for (const std::string_view line : split_lines(*packed)) {
    const auto fields = split_fields(line);
    if (fields.size() == 2 && fields[1] == name) return std::string(fields[0]);
  }
  return std::nullopt;
}

std::optional<GitRevision> read_revision(const Path& tree, const Path& git) {
  constexpr std::string_view key = "ref: ";
  constexpr std::string_view branches = "refs/heads/";
  const auto head = first_line_of(git / "HEAD");
  if (!head) return std::nullopt;
  if (is_commit(*head)) return GitRevision{tree, *head, std::nullopt};
  if (!head->starts_with(key)) return std::nullopt;
  const std::string name = head->substr(key.size());
  const Path common = common_folder(git);
  auto commit = first_line_of(common / name);
  if (!commit) commit = packed_reference(common, name);
  if (!commit || !is_commit(*commit)) return std::nullopt;
  return GitRevision{tree, *commit, name.starts_with(branches) ? name.substr(branches.size()) : name};
}

using Run = const RunProvenance&;

constexpr std::array<Field<RunProvenance>, 9> fields{{
    {"thaw_version", "", FieldType::text, "Version of Thaw",
     [](Run run) { return FieldValue(run.thaw_version); }},
    {"directory", "", FieldType::text, "Folder in which the command was given",
     [](Run run) { return FieldValue(run.directory); }},
    {"user", "", FieldType::text, "Who gave it", [](Run run) { return maybe(run.user); }},
    {"git_commit", "", FieldType::text, "Commit of the source tree around that folder",
     [](Run run) { return run.git ? FieldValue(run.git->commit) : FieldValue(); }},
    {"git_branch", "", FieldType::text, "Its branch; null when detached",
     [](Run run) { return run.git ? maybe(run.git->branch) : FieldValue(); }},
    {"git_dirty", "", FieldType::boolean,
     "Whether files known to git differed from the commit; null: git could not tell",
     [](Run run) { return run.git ? maybe(run.git->is_dirty) : FieldValue(); }},
    {"program", "", FieldType::text, "File of the measured program",
     [](Run run) { return maybe(run.program); }},
    {"program_sha256", "", FieldType::text, "SHA-256 of that file",
     [](Run run) { return maybe(run.program_sha256); }},
    {"program_bytes", "bytes", FieldType::integer, "Size of that file",
     [](Run run) { return maybe(run.program_bytes); }},
}};

}  // namespace

std::optional<GitRevision> git_revision(const Path& folder) {
  std::error_code error;
  Path tree = std::filesystem::absolute(folder, error);
  for (; !tree.empty(); tree = tree.parent_path()) {
    if (const auto git = git_folder(tree)) return read_revision(tree, *git);
    if (tree == tree.root_path()) break;
  }
  return std::nullopt;
}

std::optional<bool> git_is_dirty(const Path& tree) {
  if (!find_program("git")) return std::nullopt;
  // Taking the lock of the index could disturb a git that the user runs meanwhile.
  const Command status{{"git", "--no-optional-locks", "-C", tree.string(), "status", "--porcelain",
                        "--untracked-files=no", "--ignore-submodules"},
                       {}};
  const auto output = run_tool(status, {}, std::chrono::seconds(1));
  if (!output || !output->succeeded()) return std::nullopt;
  return !output->out.empty();
}

Result<std::string> file_sha256(const Path& path) {
  const auto unreadable = [&](int error) {
    return fail_at(ErrorKind::environment, fmt::format("cannot read: {}", std::strerror(error)),
                   path.string());
  };
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return unreadable(errno);
  SHA256_CTX digest;
  SHA256_Init(&digest);
  std::vector<char> block(std::size_t{1} << 18);
  for (;;) {
    const ssize_t n = ::read(file.get(), block.data(), block.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(errno);
    if (n == 0) break;
    SHA256_Update(&digest, block.data(), static_cast<std::size_t>(n));
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes{};
  SHA256_Final(bytes.data(), &digest);
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

RunProvenance run_provenance(std::string thaw_version, const Path& directory,
                             const std::optional<Path>& program) {
  RunProvenance context{.thaw_version = std::move(thaw_version), .directory = directory.string()};
  context.user = environment_variable("USER");
  if (!context.user) context.user = environment_variable("LOGNAME");
  context.git = git_revision(directory);
  if (!program) return context;
  std::error_code error;
  const Path resolved = std::filesystem::canonical(*program, error);
  if (error) return context;
  context.program = resolved.string();
  if (auto hash = file_sha256(resolved)) context.program_sha256 = *std::move(hash);
  const auto size = std::filesystem::file_size(resolved, error);
  if (!error) context.program_bytes = static_cast<std::int64_t>(size);
  return context;
}

FieldTable<RunProvenance> run_provenance_fields() { return fields; }

}  // namespace thaw
