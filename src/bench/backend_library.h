#pragma once
// Where backends come from: the user's files laid over those that ship with the program.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/backend.h"
#include "core/error.h"
#include "core/files.h"
#include "document/document.h"

namespace thaw {

/// The folders searched for `NAME.yaml`: plug_in_folders of core/files.h.
std::vector<Path> backend_folders();

/// Finds backends by name. A user's definition (from -f) is laid over the one found in the folders.
class BackendLibrary {
 public:
  explicit BackendLibrary(std::vector<Path> folders) : folders_(std::move(folders)) {}

  /// Takes a file's `backend_options`; later ones are laid over earlier ones. `brings_metrics`: the same file has
  /// metrics too, so a backend whose `run` it gives needs no others.
  /// Errors: bad_usage for an unknown key, with the place.
  Result<> add(const DocumentNode& backend_options, bool brings_metrics);

  /// The backend with everything laid together. Its metrics are those of the folder's file.
  /// Errors: bad_usage for an unknown name (with the nearest one and the folders searched) or a bad definition.
  Result<BackendSpec> find(std::string_view name) const;

  /// All names, sorted. Cost: reads every file in the folders.
  Result<std::vector<std::string>> names() const;

  [[nodiscard]] const std::vector<Path>& folders() const { return folders_; }

 private:
  struct Override {
    DocumentNode definition;
    bool has_own_metrics = false;
  };
  /// A definition from a folder with the metrics beside it.
  struct Stored {
    DocumentNode definition;
    DocumentNode metrics;
  };
  Result<std::optional<Stored>> find_stored(std::string_view name) const;

  std::vector<Path> folders_;
  std::map<std::string, Override, std::less<>> overrides_;
};

/// A backend's file with its includes, its top-level keys checked. A file without `backend_options` defines a
/// backend of its own name that only brings metrics.
Result<DocumentNode> read_backend_file(const Path& path);

}  // namespace thaw
