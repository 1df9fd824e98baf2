#include "deploy/platform_spec.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 11> keys = {"description", "parameters", "prepare", "deploy",
                                                   "resolve",     "url",        "headers", "remove",
                                                   "finish",      "parallel",   "requires"};
constexpr std::array<std::string_view, 9> of_functions = {
    "NAME", "LABEL", "INDEX", "RUN", "MEMORY_MB", "MEMORY_MIB", "EXECUTION_MS", "INIT_MS", "JSON"};
constexpr std::int64_t most_parallel = 64;

/// The value of a key; nothing when it is absent.
const DocumentNode& value_of(const DocumentNode& node, std::string_view key) {
  static const DocumentNode nothing;
  const DocumentNode* const value = node.find(key);
  return value == nullptr ? nothing : *value;
}

Result<> read_parameters(const DocumentNode& node, PlatformSpec& spec) {
  if (node.is_null()) return {};
  THAW_CHECK(node.expect(DocumentNode::Kind::map, "parameters"));
  for (const DocumentEntry& entry : node.entries()) {
    std::optional<std::string> fallback;
    if (!entry.value.is_null()) {
      THAW_TRY(fallback, entry.value.string());
    }
    spec.parameters.emplace_back(placeholder_of(entry.key), std::move(fallback));
  }
  return {};
}

Result<> read_values(const DocumentNode& node, PlatformSpec& spec) {
  if (node.is_null()) return {};
  THAW_CHECK(node.expect(DocumentNode::Kind::map, "resolve"));
  for (const DocumentEntry& entry : node.entries()) {
    THAW_TRY(CommandTemplate command, parse_command_template(entry.value));
    spec.resolve.push_back({entry.key, std::move(command)});
  }
  return {};
}

/// What is defined where a text or command of the file is read.
class Scope {
 public:
  explicit Scope(const PlatformSpec& spec) {
    for (const auto& [name, fallback] : spec.parameters) names_.insert(name);
    names_.insert("RUN");
  }
  void add(std::string_view name) { names_.emplace(name); }

  /// Names with small letters are variables of a shell that a command starts.
  Result<> check(const std::vector<std::string>& used, const DocumentNode& node) const {
    for (const std::string& name : used) {
      if (names_.contains(name) || std::any_of(name.begin(), name.end(), is_small)) continue;
      return node.error(fmt::format("nothing defines ${}", name),
                        suggest(name, std::vector<std::string>(names_.begin(), names_.end())));
    }
    return {};
  }
  Result<> check(const std::vector<CommandTemplate>& commands, const DocumentNode& node) const {
    for (const CommandTemplate& command : commands) {
      // A shell has the environment, too.
      if (!command.is_shell_text()) THAW_CHECK(check(command.placeholders(), node));
    }
    return {};
  }

 private:
  static bool is_small(char c) { return c >= 'a' && c <= 'z'; }

  std::set<std::string, std::less<>> names_;
};

Result<> check_placeholders(const DocumentNode& node, const PlatformSpec& spec) {
  Scope scope(spec);
  THAW_CHECK(scope.check(spec.prepare, value_of(node, "prepare")));
  THAW_CHECK(scope.check(spec.finish, value_of(node, "finish")));
  for (const std::string_view name : of_functions) scope.add(name);
  THAW_CHECK(scope.check(spec.deploy, value_of(node, "deploy")));
  THAW_CHECK(scope.check(spec.remove, value_of(node, "remove")));
  scope.add("OUTPUT");
  for (const PlatformValue& value : spec.resolve) {
    THAW_CHECK(scope.check({value.command}, value_of(node, "resolve")));
    scope.add(value.name);
  }
  THAW_CHECK(scope.check(placeholders_in(spec.url), value_of(node, "url")));
  for (const std::string& header : spec.headers)
    THAW_CHECK(scope.check(placeholders_in(header), value_of(node, "headers")));
  return {};
}

}  // namespace

std::string placeholder_of(std::string_view parameter) {
  std::string placeholder(parameter);
  for (char& c : placeholder) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';
  }
  return placeholder;
}

Result<PlatformSpec> parse_platform(std::string_view name, const DocumentNode& node) {
  THAW_CHECK(check_keys(node, keys));
  PlatformSpec spec;
  spec.name = name;
  spec.place = node.file();
  for (const std::string_view key : {"deploy", "url"}) {
    if (value_of(node, key).is_null()) return node.error(fmt::format("a platform needs the key {}", key));
  }
  THAW_TRY(spec.url, value_of(node, "url").string());
  if (const DocumentNode& text = value_of(node, "description"); !text.is_null()) {
    THAW_TRY(spec.description, text.string());
  }
  THAW_CHECK(read_parameters(value_of(node, "parameters"), spec));
  THAW_CHECK(read_values(value_of(node, "resolve"), spec));
  THAW_TRY(spec.prepare, parse_command_templates(value_of(node, "prepare")));
  THAW_TRY(spec.deploy, parse_command_templates(value_of(node, "deploy")));
  THAW_TRY(spec.remove, parse_command_templates(value_of(node, "remove")));
  THAW_TRY(spec.finish, parse_command_templates(value_of(node, "finish")));
  THAW_TRY(spec.headers, value_of(node, "headers").strings());
  THAW_TRY(spec.programs, value_of(node, "requires").string_map());
  if (const DocumentNode& parallel = value_of(node, "parallel"); !parallel.is_null()) {
    THAW_TRY(const std::int64_t count, parallel.integer());
    if (count < 1 || count > most_parallel)
      return parallel.error(fmt::format("parallel is 1 … {}, got {}", most_parallel, count));
    spec.parallel = static_cast<unsigned>(count);
  }
  THAW_CHECK(check_placeholders(node, spec));
  return spec;
}

std::vector<Path> platform_folders() { return plug_in_folders("platforms"); }

Result<PlatformSpec> find_platform(std::string_view name, const std::vector<Path>& folders) {
  for (const Path& folder : folders) {
    const Path path = folder / fmt::format("{}.yaml", name);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) continue;
    THAW_TRY(const DocumentNode node, read_document(path));
    return parse_platform(name, node);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no platform \"{}\"", name), {},
                 suggest(name, platform_names(folders)));
}

std::vector<std::string> platform_names(const std::vector<Path>& folders) {
  std::set<std::string> names;
  for (const Path& folder : folders) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace thaw
