#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/text.h"
#include "document/document.h"

namespace thaw {

namespace {

constexpr std::size_t node_limit = 1'000'000;
constexpr std::size_t depth_limit = 1'000;

struct Extent {
  std::size_t nodes = 1;
  std::size_t depth = 1;
};

Extent extent_of(const DocumentNode& node) {
  Extent extent;
  const auto include = [&extent](const DocumentNode& child) {
    const Extent inner = extent_of(child);
    extent.nodes += inner.nodes;
    extent.depth = std::max(extent.depth, inner.depth + 1);
  };
  for (const DocumentNode& item : node.items()) include(item);
  for (const DocumentEntry& entry : node.entries()) include(entry.value);
  return extent;
}

}  // namespace

/// Builds the tree from the parser's events. The first complaint is kept and everything after it ignored, for the
/// events come from inside a library that has no other way to be stopped.
class DocumentBuilder final : public YAML::EventHandler {
 public:
  explicit DocumentBuilder(std::string_view file) : file_(std::make_shared<const std::string>(file)) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(DocumentNode::Kind::null, mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    DocumentNode node = make(DocumentNode::Kind::scalar, mark);
    node.text_ = value;
    node.is_quoted_ = tag != "?";
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return complain(mark, "an alias inside the value that it names");
    nodes_ += found->second.extent.nodes;
    if (open_.size() + found->second.extent.depth > depth_limit) return complain(mark, "nested too deeply");
    if (nodes_ > node_limit) return complain(mark, "aliases expand to more than a million values");
    if (!error_) place_value(found->second.node);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back({make(DocumentNode::Kind::list, mark), anchor, {}, {}});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back({make(DocumentNode::Kind::map, mark), anchor, {}, {}});
  }
  void OnMapEnd() override {
    resolve_merge_key(open_.back().node);
    close();
  }

  Result<DocumentNode> finish() {
    if (error_) return tl::unexpected(*std::move(error_));
    return std::move(root_);
  }

 private:
  /// A list or map whose end has not come yet.
  struct Open {
    DocumentNode node;
    YAML::anchor_t anchor;
    std::optional<DocumentEntry> key;
    std::set<std::string> keys;
  };
  struct Anchored {
    DocumentNode node;
    Extent extent;
  };

  void complain(const YAML::Mark& mark, std::string what) {
    if (error_) return;
    error_ = Error{ErrorKind::bad_usage,
                   std::move(what),
                   fmt::format("{}:{}:{}", *file_, mark.line + 1, mark.column + 1),
                   {}};
  }

  DocumentNode make(DocumentNode::Kind kind, const YAML::Mark& mark) {
    if (++nodes_ > node_limit) complain(mark, "more than a million values");
    DocumentNode node;
    node.kind_ = kind;
    node.file_ = file_;
    node.line_ = mark.line + 1;
    node.column_ = mark.column + 1;
    return node;
  }

  void close() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    add(std::move(closed.node), closed.anchor);
  }

  void add(DocumentNode node, YAML::anchor_t anchor) {
    if (error_) return;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {node, extent_of(node)};
    place_value(std::move(node));
  }

  void place_value(DocumentNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.is_list()) {
      open_.back().node.items_.push_back(std::move(node));
    } else if (!open_.back().key) {
      start_entry(open_.back(), node);
    } else {
      DocumentEntry entry = *std::exchange(open_.back().key, std::nullopt);
      entry.value = std::move(node);
      open_.back().node.entries_.push_back(std::move(entry));
    }
  }

  void start_entry(Open& map, const DocumentNode& key) {
    YAML::Mark mark;
    mark.line = key.line_ - 1;
    mark.column = key.column_ - 1;
    if (!key.is_scalar()) complain(mark, "a key must be a single text");
    if (!map.keys.insert(key.text_).second) complain(mark, fmt::format("key '{}' is given twice", key.text_));
    map.key = DocumentEntry{key.text_, {}, key.line_, key.column_};
  }

  /// Entries of `<<: *base` (or of a list of bases) stand behind the map's own and never replace them.
  void resolve_merge_key(DocumentNode& map) {
    if (error_) return;
    const DocumentNode* bases = map.find("<<");
    if (bases == nullptr) return;
    const std::vector<DocumentNode> sources =
        bases->is_list() ? bases->items_ : std::vector<DocumentNode>{*bases};
    for (const DocumentNode& source : sources) {
      for (const DocumentEntry& entry : source.entries()) {
        if (map.find(entry.key) == nullptr) map.entries_.push_back(entry);
      }
    }
    map.erase("<<");
  }

  std::shared_ptr<const std::string> file_;
  DocumentNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::size_t nodes_ = 0;
  std::optional<Error> error_;
};

namespace {

/// The length of the UTF-8 character at text[at], or 0 when the bytes are not one (RFC 3629).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80U) return 1;
  if (lead >= 0xC2U && lead <= 0xDFU) return continues(1) ? 2 : 0;
  if (lead >= 0xE0U && lead <= 0xEFU) {
    const bool overlong = lead == 0xE0U && byte(1) < 0xA0U;
    const bool surrogate = lead == 0xEDU && byte(1) > 0x9FU;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0U && lead <= 0xF4U) {
    const bool overlong = lead == 0xF0U && byte(1) < 0x90U;
    const bool too_large = lead == 0xF4U && byte(1) > 0x8FU;
    return continues(1) && continues(2) && continues(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

/// The parser ends its input at some control characters, so they are refused before it can.
Result<> check_characters(std::string_view text, std::string_view file) {
  std::size_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_length(text, i);
    const bool is_control = c < 0x20U && c != '\n' && c != '\r' && c != '\t';
    if (length == 0 || is_control) {
      return fail_at(
          ErrorKind::bad_usage,
          fmt::format("{} (byte 0x{:02x})", length == 0 ? "not UTF-8 text" : "a control character", c),
          fmt::format("{}:{}:{}", file, line, i - line_start + 1));
    }
    i += length;
    if (c == '\n') {
      ++line;
      line_start = i;
    }
  }
  return {};
}

void append_utf8(std::string& text, unsigned code) {
  text += static_cast<char>(0xF0U | (code >> 18U));
  text += static_cast<char>(0x80U | ((code >> 12U) & 0x3FU));
  text += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
  text += static_cast<char>(0x80U | (code & 0x3FU));
}

/// The 16-bit unit of a "\uXXXX" escape at text[at].
std::optional<unsigned> unicode_escape(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  for (const char c : text.substr(at + 2, 4)) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(to_lower({&c, 1}));
    if (digit == std::string_view::npos) return std::nullopt;
    unit = unit * 16 + static_cast<unsigned>(digit);
  }
  return unit;
}

/// JSON writes characters beyond U+FFFF as two escapes, which YAML does not know: they become the character.
std::string join_surrogates(std::string_view json) {
  std::string text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '\\' || i + 1 >= json.size()) {
      text += json[i];
      continue;
    }
    const auto high = unicode_escape(json, i);
    const auto low = unicode_escape(json, i + 6);
    if (high && low && *high >= 0xD800U && *high < 0xDC00U && *low >= 0xDC00U && *low < 0xE000U) {
      append_utf8(text, 0x10000U + ((*high - 0xD800U) << 10U) + (*low - 0xDC00U));
      i += 11;
    } else {
      text += json[i];
      text += json[++i];
    }
  }
  return text;
}

bool looks_like_json(std::string_view text) {
  const std::string_view start = trim(text);
  return start.starts_with('{') || start.starts_with('[');
}

}  // namespace

Result<DocumentNode> parse_document(std::string_view text, std::string_view file) {
  THAW_CHECK(check_characters(text, file));
  std::istringstream stream(looks_like_json(text) ? join_surrogates(text) : std::string(text));
  DocumentBuilder builder(file);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    auto document = builder.finish();
    DocumentBuilder rest(file);
    if (document && parser.HandleNextDocument(rest)) {
      return fail_at(ErrorKind::bad_usage, "more than one document in the file", std::string(file),
                     "remove what follows the second \"---\"");
    }
    return document;
  } catch (const YAML::Exception& error) {
    const std::string place = error.mark.is_null()
                                  ? std::string(file)
                                  : fmt::format("{}:{}:{}", file, error.mark.line + 1, error.mark.column + 1);
    return fail_at(
        ErrorKind::bad_usage, fmt::format("malformed YAML or JSON: {}", error.msg), place,
        "check the indentation, and put text with \": \", \" #\" or a leading special sign into quotes");
  } catch (const std::exception& error) {
    return fail_at(ErrorKind::bad_usage, fmt::format("malformed YAML or JSON: {}", error.what()),
                   std::string(file));
  }
}

Result<DocumentNode> read_document(const Path& path) {
  THAW_TRY(const std::string text, read_file(path));
  return parse_document(text, path.string());
}

}  // namespace thaw
