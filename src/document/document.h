#pragma once
// Documents that people write: YAML or JSON read strictly into one small tree in which every node knows its
// file, line and column, so that each complaint about it can say where.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

struct DocumentEntry;

/// One node of a document: nothing, a scalar, a list or a map in the order it was written.
class DocumentNode {
 public:
  enum class Kind { null, scalar, list, map };

  DocumentNode() = default;
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
  [[nodiscard]] bool is_scalar() const { return kind_ == Kind::scalar; }
  [[nodiscard]] bool is_list() const { return kind_ == Kind::list; }
  [[nodiscard]] bool is_map() const { return kind_ == Kind::map; }
  /// Whether a scalar stood in quotes (or in a block), so that it is text even if it looks like a number.
  [[nodiscard]] bool is_quoted() const { return is_quoted_; }
  /// A scalar's text as written, "" for every other node.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// The elements of a list, none for every other node.
  [[nodiscard]] std::span<const DocumentNode> items() const { return items_; }
  /// The entries of a map, none for every other node.
  [[nodiscard]] std::span<const DocumentEntry> entries() const;
  /// The value of a map's key, or nullptr.
  [[nodiscard]] const DocumentNode* find(std::string_view key) const;
  /// The file the node came from ("command line" for inline text), and "file.yaml:17:3".
  [[nodiscard]] const std::string& file() const;
  [[nodiscard]] std::string place() const;

  /// Typed readers. Errors: bad_usage at the node's place, naming what was found and what was wanted.
  [[nodiscard]] Result<std::string> string() const;
  [[nodiscard]] Result<double> number() const;
  [[nodiscard]] Result<std::int64_t> integer() const;
  [[nodiscard]] Result<bool> boolean() const;  ///< true/false, yes/no, on/off in any case.
  /// A list of scalars, or one scalar as a list of one; nothing is an empty list.
  [[nodiscard]] Result<std::vector<std::string>> strings() const;
  /// A map of scalars in the order written; nothing is an empty map and null values are "".
  [[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> string_map() const;
  /// The node itself when it has this kind (`what` names it: "backend_options must be a map, …").
  [[nodiscard]] Result<> expect(Kind kind, std::string_view what) const;

  /// A bad_usage error at the node's place.
  [[nodiscard]] tl::unexpected<Error> error(std::string what, std::string hint = {}) const;

  /// The node as JSON text on one line (quoted scalars are strings; plain ones keep their type).
  [[nodiscard]] std::string to_json() const;

  /// Builders, for documents made by programs and tests.
  static DocumentNode scalar(std::string text, bool is_quoted = true);
  static DocumentNode list(std::vector<DocumentNode> items);
  static DocumentNode map(std::vector<DocumentEntry> entries);
  /// Adds or replaces an entry. REQUIRES: the node is a map or null (which becomes a map).
  void set(std::string key, DocumentNode value);
  /// Removes an entry if it is there.
  void erase(std::string_view key);

 private:
  friend class DocumentBuilder;
  friend Result<DocumentNode> merge_documents(DocumentNode base, const DocumentNode& over);

  Kind kind_ = Kind::null;
  bool is_quoted_ = false;
  int line_ = 0;  ///< From 1; 0 when the node was not read from text.
  int column_ = 0;
  std::shared_ptr<const std::string> file_;
  std::string text_;
  std::vector<DocumentNode> items_;
  std::vector<DocumentEntry> entries_;
};

/// A key with the place where it was written, and its value.
struct DocumentEntry {
  std::string key;
  DocumentNode value;
  int line = 0;
  int column = 0;
  /// "file.yaml:17:3" of the key.
  [[nodiscard]] std::string place() const;
};

/// Reads one YAML or JSON document. `file` names the source in messages. Anchors, aliases and merge keys (<<)
/// are resolved. An empty text is a null node.
/// Errors: bad_usage with line and column for malformed text, a key given twice, a second document, or a document
/// of more than a million nodes (an alias bomb).
Result<DocumentNode> parse_document(std::string_view text, std::string_view file);

/// Reads a file without following its includes. Errors: those of read_file and parse_document.
Result<DocumentNode> read_document(const Path& path);

/// Errors: bad_usage "unknown key 'repeets'" at the key's place with the nearest allowed key as advice, or when the
/// node is not a map.
Result<> check_keys(const DocumentNode& node, std::span<const std::string_view> allowed);

/// Lays `over` on `base`: lists are joined (base first), maps merged key by key, scalars replaced; nothing gives
/// way to something. Errors: bad_usage when the kinds of two values differ.
Result<DocumentNode> merge_documents(DocumentNode base, const DocumentNode& over);

/// Finds an included file: the name as written and the file that includes it.
using IncludeResolver = std::function<Result<Path>(std::string_view name, const Path& includer)>;

/// Reads a file and, depth first, the files its `include:` list names; a file is laid on those it includes.
/// `include` itself is left out of the result. Without a resolver, names are relative to the including file.
/// Errors: as read_document; bad_usage for a cycle, more than 16 levels, an `include` that is no list, a missing
/// file, or a file that is not a map.
Result<DocumentNode> read_document_with_includes(const Path& path, const IncludeResolver& resolve = {});

/// The same for text that is already there (an inline or embedded document); includes are relative to `folder`.
Result<DocumentNode> resolve_includes(DocumentNode node, const Path& folder,
                                      const IncludeResolver& resolve = {});

}  // namespace thaw
