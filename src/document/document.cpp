#include "document/document.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/text.h"

namespace thaw {
namespace {

std::string place_of(const std::string& file, int line, int column) {
  return line > 0 ? fmt::format("{}:{}:{}", file, line, column) : file;
}

std::string_view kind_name(DocumentNode::Kind kind) {
  switch (kind) {
    case DocumentNode::Kind::null:
      return "nothing";
    case DocumentNode::Kind::scalar:
      return "a single value";
    case DocumentNode::Kind::list:
      return "a list";
    case DocumentNode::Kind::map:
      return "a map";
  }
  return "nothing";
}

/// "a list", or for a scalar its text: what a message says was found.
std::string found(const DocumentNode& node) {
  return node.is_scalar() ? fmt::format("\"{}\"", node.text()) : std::string(kind_name(node.kind()));
}

std::string json_string(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<bool> read_boolean(std::string_view text) {
  const std::string word = to_lower(text);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

/// A plain scalar as JSON: a number or truth value where it is one, else a string ("007" stays text).
std::string plain_scalar_to_json(const std::string& text) {
  if (text == "true" || text == "false") return text;
  const std::string_view digits = text.starts_with('-') ? std::string_view(text).substr(1) : text;
  const bool has_json_form = !digits.empty() && digits[0] >= '0' && digits[0] <= '9' &&
                             (digits[0] != '0' || digits.size() == 1 || digits[1] == '.');
  if (has_json_form) {
    if (const auto integer = parse_integer(text)) return fmt::format("{}", *integer);
    if (const auto number = parse_number(text)) return format_number(*number);
  }
  return json_string(text);
}

}  // namespace

std::span<const DocumentEntry> DocumentNode::entries() const { return entries_; }

const DocumentNode* DocumentNode::find(std::string_view key) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const DocumentEntry& candidate) { return candidate.key == key; });
  return entry == entries_.end() ? nullptr : &entry->value;
}

const std::string& DocumentNode::file() const {
  static const std::string none;
  return file_ ? *file_ : none;
}

std::string DocumentNode::place() const { return place_of(file(), line_, column_); }

std::string DocumentEntry::place() const { return place_of(value.file(), line, column); }

tl::unexpected<Error> DocumentNode::error(std::string what, std::string hint) const {
  return fail_at(ErrorKind::bad_usage, std::move(what), place(), std::move(hint));
}

Result<std::string> DocumentNode::string() const {
  if (!is_scalar()) return error(fmt::format("expected text, found {}", found(*this)));
  return text_;
}

Result<double> DocumentNode::number() const {
  if (is_scalar()) {
    if (const auto value = parse_number(text_)) return *value;
  }
  return error(fmt::format("expected a number, found {}", found(*this)));
}

Result<std::int64_t> DocumentNode::integer() const {
  if (is_scalar()) {
    if (const auto value = parse_integer(text_)) return *value;
  }
  return error(fmt::format("expected a whole number, found {}", found(*this)));
}

Result<bool> DocumentNode::boolean() const {
  if (is_scalar()) {
    if (const auto value = read_boolean(text_)) return *value;
  }
  return error(fmt::format("expected true or false, found {}", found(*this)));
}

Result<std::vector<std::string>> DocumentNode::strings() const {
  std::vector<std::string> texts;
  if (is_null()) return texts;
  if (is_scalar()) return std::vector<std::string>{text_};
  if (is_map()) return error("expected a list of texts, found a map");
  for (const DocumentNode& item : items_) {
    THAW_TRY(texts.emplace_back(), item.string());
  }
  return texts;
}

Result<std::vector<std::pair<std::string, std::string>>> DocumentNode::string_map() const {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (is_null()) return pairs;
  if (!is_map()) return error(fmt::format("expected a map of names to texts, found {}", found(*this)));
  for (const DocumentEntry& entry : entries_) {
    if (!entry.value.is_scalar() && !entry.value.is_null()) {
      return entry.value.error(
          fmt::format("expected text for \"{}\", found {}", entry.key, found(entry.value)));
    }
    pairs.emplace_back(entry.key, entry.value.text_);
  }
  return pairs;
}

Result<> DocumentNode::expect(Kind kind, std::string_view what) const {
  if (kind_ == kind) return {};
  return error(fmt::format("{} must be {}, found {}", what, kind_name(kind), found(*this)));
}

std::string DocumentNode::to_json() const {
  if (is_null()) return "null";
  if (is_scalar()) return is_quoted_ ? json_string(text_) : plain_scalar_to_json(text_);
  std::vector<std::string> parts;
  for (const DocumentNode& item : items_) parts.push_back(item.to_json());
  for (const DocumentEntry& entry : entries_) {
    parts.push_back(json_string(entry.key) + ": " + entry.value.to_json());
  }
  const std::string inside = join(parts, ", ");
  return is_list() ? "[" + inside + "]" : "{" + inside + "}";
}

DocumentNode DocumentNode::scalar(std::string text, bool is_quoted) {
  DocumentNode node;
  node.kind_ = Kind::scalar;
  node.text_ = std::move(text);
  node.is_quoted_ = is_quoted;
  return node;
}

DocumentNode DocumentNode::list(std::vector<DocumentNode> items) {
  DocumentNode node;
  node.kind_ = Kind::list;
  node.items_ = std::move(items);
  return node;
}

DocumentNode DocumentNode::map(std::vector<DocumentEntry> entries) {
  DocumentNode node;
  node.kind_ = Kind::map;
  node.entries_ = std::move(entries);
  return node;
}

void DocumentNode::set(std::string key, DocumentNode value) {
  THAW_ASSERT(is_map() || is_null(), "a key is set on a node that is not a map");
  kind_ = Kind::map;
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const DocumentEntry& candidate) { return candidate.key == key; });
  const int line = value.line_;
  const int column = value.column_;
  if (entry != entries_.end()) {
    *entry = {std::move(key), std::move(value), line, column};
  } else {
    entries_.push_back({std::move(key), std::move(value), line, column});
  }
}

void DocumentNode::erase(std::string_view key) {
  std::erase_if(entries_, [&](const DocumentEntry& entry) { return entry.key == key; });
}

Result<> check_keys(const DocumentNode& node, std::span<const std::string_view> allowed) {
  if (node.is_null()) return {};
  THAW_CHECK(node.expect(DocumentNode::Kind::map, "this"));
  for (const DocumentEntry& entry : node.entries()) {
    if (std::find(allowed.begin(), allowed.end(), entry.key) != allowed.end()) continue;
    const std::vector<std::string> names(allowed.begin(), allowed.end());
    return fail_at(ErrorKind::bad_usage, fmt::format("unknown key '{}'", entry.key), entry.place(),
                   suggest(entry.key, names));
  }
  return {};
}

Result<DocumentNode> merge_documents(DocumentNode base, const DocumentNode& over) {
  if (over.is_null()) return base;
  if (base.is_null()) return over;
  if (base.kind() != over.kind()) {
    return over.error(
        fmt::format("{} cannot be merged with {}", kind_name(over.kind()), kind_name(base.kind())),
        fmt::format("the other value is at {}", base.place()));
  }
  if (base.is_scalar()) return over;
  base.items_.insert(base.items_.end(), over.items_.begin(), over.items_.end());
  for (const DocumentEntry& entry : over.entries_) {
    const auto same =
        std::find_if(base.entries_.begin(), base.entries_.end(),
                     [&](const DocumentEntry& candidate) { return candidate.key == entry.key; });
    if (same == base.entries_.end()) {
      base.entries_.push_back(entry);
    } else {
      THAW_TRY(same->value, merge_documents(std::move(same->value), entry.value));
      same->line = entry.line;
      same->column = entry.column;
    }
  }
  return base;
}

}  // namespace thaw
