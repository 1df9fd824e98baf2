#include "bench/backend_library.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 4> file_keys = {"backend_options", "metrics", "description",
                                                       "version"};

/// The backend files of a folder in the order of their names.
std::vector<Path> files_in(const Path& folder) {
  std::vector<Path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const Path& path = entry.path();
    if (path.extension() == ".yaml" || path.extension() == ".yml" || path.extension() == ".json")
      files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<Path> backend_folders() { return plug_in_folders("backends"); }

Result<DocumentNode> read_backend_file(const Path& path) {
  THAW_TRY(DocumentNode file, read_document_with_includes(path));
  THAW_CHECK(check_keys(file, file_keys));
  if (file.find("backend_options") == nullptr) {
    DocumentNode options;
    options.set(path.stem().string(), DocumentNode{});
    file.set("backend_options", std::move(options));
  }
  THAW_CHECK(file.find("backend_options")->expect(DocumentNode::Kind::map, "backend_options"));
  return file;
}

Result<> BackendLibrary::add(const DocumentNode& backend_options, bool brings_metrics) {
  if (backend_options.is_null()) return {};
  THAW_CHECK(backend_options.expect(DocumentNode::Kind::map, "backend_options"));
  for (const DocumentEntry& entry : backend_options.entries()) {
    Override& override = overrides_[entry.key];
    THAW_TRY(override.definition, override_backend(std::move(override.definition), entry.value));
    const bool has_run =
        entry.value.find("run") != nullptr || entry.value.find("command_template") != nullptr;
    override.has_own_metrics = override.has_own_metrics || (has_run && brings_metrics);
  }
  return {};
}

Result<std::optional<BackendLibrary::Stored>> BackendLibrary::find_stored(std::string_view name) const {
  const auto stored_in = [&](const Path& path) -> Result<std::optional<Stored>> {
    THAW_TRY(const DocumentNode file, read_backend_file(path));
    const DocumentNode* definition = file.find("backend_options")->find(name);
    if (definition == nullptr) return std::nullopt;
    const DocumentNode* metrics = file.find("metrics");
    return Stored{*definition, metrics == nullptr ? DocumentNode{} : *metrics};
  };
  // A file of the backend's own name goes first, so that one file is read in most cases and a broken one does not
  // matter to the others.
  std::error_code ignored;
  for (const Path& folder : folders_) {
    const Path path = folder / (std::string(name) + ".yaml");
    if (name.find('/') != std::string_view::npos || !std::filesystem::is_regular_file(path, ignored))
      continue;
    THAW_TRY(auto stored, stored_in(path));
    if (stored) return stored;
  }
  for (const Path& folder : folders_) {
    for (const Path& path : files_in(folder)) {
      THAW_TRY(auto stored, stored_in(path));
      if (stored) return stored;
    }
  }
  return std::nullopt;
}

Result<BackendSpec> BackendLibrary::find(std::string_view name) const {
  THAW_TRY(std::optional<Stored> stored, find_stored(name));
  const auto override = overrides_.find(name);
  if (!stored && override == overrides_.end()) {
    THAW_TRY(const auto known, names());
    std::string places = "the files given with -f";
    for (const Path& folder : folders_) places += ", " + folder.string();
    return fail_at(ErrorKind::bad_usage, fmt::format("unknown backend \"{}\"", name), {},
                   fmt::format("{}; looked in {}", suggest(name, known), places));
  }
  DocumentNode definition = stored ? std::move(stored->definition) : DocumentNode{};
  if (override != overrides_.end()) {
    THAW_TRY(definition, override_backend(std::move(definition), override->second.definition));
  }
  THAW_TRY(BackendSpec spec, parse_backend(name, definition));
  if (stored && !(override != overrides_.end() && override->second.has_own_metrics)) {
    THAW_TRY(spec.metrics, parse_metrics(stored->metrics));
  }
  return spec;
}

Result<std::vector<std::string>> BackendLibrary::names() const {
  std::set<std::string> names;
  for (const auto& [name, override] : overrides_) names.insert(name);
  for (const Path& folder : folders_) {
    for (const Path& path : files_in(folder)) {
      THAW_TRY(const DocumentNode file, read_backend_file(path));
      for (const DocumentEntry& entry : file.find("backend_options")->entries()) names.insert(entry.key);
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace thaw
