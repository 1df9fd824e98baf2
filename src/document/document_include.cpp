#include <algorithm>

#include "document/document.h"

namespace thaw {
namespace {

constexpr std::size_t level_limit = 16;

/// Follows includes depth first, remembering the files on the way down.
class Includer {
 public:
  explicit Includer(const IncludeResolver& resolve) : resolve_(resolve) {}

  Result<DocumentNode> read(const Path& path) {
    std::error_code ignored;
    const Path identity = std::filesystem::weakly_canonical(path, ignored);
    if (std::find(open_.begin(), open_.end(), identity) != open_.end()) {
      return fail(ErrorKind::bad_usage, "\"{}\" includes itself", path.string());
    }
    if (open_.size() >= level_limit) {
      return fail(ErrorKind::bad_usage, "includes are nested more than {} levels deep", level_limit);
    }
    THAW_TRY(DocumentNode node, read_document(path));
    THAW_CHECK(node.is_null() ? Result<>{} : node.expect(DocumentNode::Kind::map, "the file"));
    open_.push_back(identity);
    auto merged = merge_included(std::move(node), path);
    open_.pop_back();
    return merged;
  }

  Result<DocumentNode> merge_included(DocumentNode node, const Path& includer) {
    const DocumentNode* include = node.find("include");
    if (include == nullptr) return node;
    if (!include->is_list() && !include->is_null()) {
      return include->error("include must be a list of files", "write it as  include: [file.yaml]");
    }
    DocumentNode merged;
    for (const DocumentNode& item : include->items()) {
      THAW_TRY(const std::string name, item.string());
      THAW_TRY(const DocumentNode included, read_named(item, name, includer));
      THAW_TRY(merged, merge_documents(std::move(merged), included));
    }
    node.erase("include");
    return merge_documents(std::move(merged), node);
  }

 private:
  Result<DocumentNode> read_named(const DocumentNode& item, const std::string& name, const Path& includer) {
    Path path = includer.parent_path() / name;
    if (resolve_) {
      THAW_TRY(path, resolve_(name, includer));
    }
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      return item.error(fmt::format("included file \"{}\" does not exist", name),
                        fmt::format("it was looked for at {}", path.string()));
    }
    auto included = read(path);
    // A complaint about the act of including has no place yet; one about the included text has its own.
    if (!included && included.error().where.empty()) included.error().where = item.place();
    return included;
  }

  const IncludeResolver& resolve_;
  std::vector<Path> open_;
};

}  // namespace

Result<DocumentNode> read_document_with_includes(const Path& path, const IncludeResolver& resolve) {
  return Includer(resolve).read(path);
}

Result<DocumentNode> resolve_includes(DocumentNode node, const Path& folder, const IncludeResolver& resolve) {
  return Includer(resolve).merge_included(std::move(node), folder / "-");
}

}  // namespace thaw
