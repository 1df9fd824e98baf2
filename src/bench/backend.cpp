#include "bench/backend.h"

#include <algorithm>
#include <array>

#include "bench/run_context.h"
#include "core/text.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 25> known_keys = {
    "run",        "command_template", "spec",      "run_sys_spec", "reset",
    "on_timeout", "resolve",          "env",       "placeholders", "requires",
    "probe",      "probe_options",    "hosts",     "hostfile",     "mpiflags",
    "tmp_path",   "composable",       "profiling", "terminal",     "remote",
    "copies",     "description",      "version",   "forgets_exit", "failure_text"};

/// Keys that describe the command of `run` and mean nothing beside another one.
constexpr std::array<std::string_view, 15> run_keys = {
    "run",   "command_template", "spec",   "run_sys_spec", "resolve",    "on_timeout",   "requires",    "env",
    "probe", "terminal",         "remote", "copies",       "composable", "forgets_exit", "failure_text"};

constexpr std::array<std::string_view, 4> merged_maps = {"env", "placeholders", "resolve", "probe_options"};

/// Programs behind which a command runs on another machine or in another container.
constexpr std::array<std::string_view, 4> remote_programs = {"ssh", "docker", "podman", "kubectl"};

constexpr std::array<std::string_view, 2> rank_programs = {"mpirun", "mpiexec"};

bool mentions_any(const CommandTemplate& command, std::span<const std::string_view> programs) {
  return std::any_of(programs.begin(), programs.end(),
                     [&](std::string_view program) { return command.mentions_program(program); });
}

/// Records keep a backend's definition, so what must stay secret cannot be part of it.
Result<> refuse_secrets(const DocumentNode& definition, std::string_view map_key) {
  const DocumentNode* map = definition.find(map_key);
  if (map == nullptr) return {};
  for (const DocumentEntry& entry : map->entries()) {
    const std::string name = to_lower(entry.key);
    for (const std::string_view word : {"password", "passwd", "secret"}) {
      if (name.find(word) == std::string::npos || name.ends_with("_file")) continue;
      return fail_at(
          ErrorKind::bad_usage, fmt::format("\"{}\" must not be written into a backend", entry.key),
          entry.place(),
          "definitions are kept in every record; set it in the environment, which the layer inherits");
    }
  }
  return {};
}

/// Reads the keys of one backend into a BackendSpec.
class BackendReader {
 public:
  BackendReader(std::string_view name, const DocumentNode& definition) : definition_(definition) {
    spec_.name = name;
    spec_.place = definition.place();
    spec_.definition = definition;
  }

  Result<BackendSpec> read() {
    THAW_CHECK(check_keys(definition_, known_keys));
    for (const std::string_view map_key : merged_maps) THAW_CHECK(refuse_secrets(definition_, map_key));
    THAW_CHECK(read_commands());
    THAW_CHECK(read_texts());
    THAW_CHECK(read_hosts());
    THAW_CHECK(read_placeholders());
    THAW_CHECK(read_requirements());
    THAW_CHECK(read_probe());
    THAW_CHECK(read_flags());
    return std::move(spec_);
  }

 private:
  const DocumentNode* find(std::string_view key) const {
    const DocumentNode* node = definition_.find(key);
    return node == nullptr || node->is_null() ? nullptr : node;
  }

  Result<> read_commands() {
    for (const std::string_view key : {"run", "command_template"}) {  // the older alias wins
      if (const DocumentNode* node = find(key)) {
        THAW_TRY(spec_.run, parse_command_template(*node));
      }
    }
    for (const std::string_view key : {"run_sys_spec", "spec"}) {
      const DocumentNode* node = find(key);
      if (node == nullptr || (node->is_scalar() && trim(node->text()).empty())) continue;
      THAW_TRY(spec_.spec, parse_command_template(*node));
    }
    if (const DocumentNode* node = find("reset")) {
      THAW_TRY(spec_.reset, parse_command_templates(*node));
    }
    if (const DocumentNode* node = find("on_timeout")) {
      THAW_TRY(spec_.on_timeout, parse_command_templates(*node));
    }
    return {};
  }

  Result<> read_texts() {
    const std::pair<std::string_view, std::string*> texts[] = {
        {"description", &spec_.description}, {"version", &spec_.version}, {"tmp_path", &spec_.tmp_path}};
    for (const auto& [key, target] : texts) {
      if (const DocumentNode* node = find(key)) {
        THAW_TRY(*target, node->string());
      }
    }
    if (const DocumentNode* node = find("mpiflags")) {
      THAW_TRY(const auto words, node->strings());
      spec_.mpiflags = node->is_list() ? shell_join(words) : node->text();
      if (auto split = shell_split(spec_.mpiflags); !split) {
        return tl::unexpected(std::move(split).error().in(node->place()));
      }
    }
    if (const DocumentNode* node = find("failure_text")) {
      THAW_TRY(const std::string text, node->string());
      auto pattern = Pattern::compile(text);
      if (!pattern) return tl::unexpected(std::move(pattern).error().in(node->place()));
      spec_.failure_text = *std::move(pattern);
    }
    if (const DocumentNode* node = find("env")) {
      THAW_TRY(spec_.env, node->string_map());
    }
    return {};
  }

  Result<> read_hosts() {
    THAW_CHECK(read_host_names());
    for (const std::string& host : spec_.hosts) {
      // It would be read as an option of ssh, and an option can name a program to run.
      if (host.starts_with('-')) return definition_.error(fmt::format("\"{}\" is no name of a host", host));
    }
    return {};
  }

  Result<> read_host_names() {
    if (const DocumentNode* node = find("hosts")) {
      THAW_TRY(const auto lists, node->strings());
      for (const std::string& list : lists) {
        for (const std::string_view host : split(list, ',')) {
          if (!trim(host).empty()) spec_.hosts.emplace_back(trim(host));
        }
      }
      return {};
    }
    const DocumentNode* node = find("hostfile");
    if (node == nullptr) return {};
    THAW_TRY(spec_.hostfile, node->string());
    std::error_code ignored;
    const Path beside = Path(node->file()).parent_path() / spec_.hostfile;
    if (std::filesystem::is_regular_file(beside, ignored)) spec_.hostfile = beside.string();
    auto text = read_file(spec_.hostfile);
    if (!text) {
      return node->error(fmt::format("cannot read the host file \"{}\"", spec_.hostfile), text.error().what);
    }
    spec_.hosts = parse_hostfile(*text);
    if (spec_.hosts.empty()) return node->error(fmt::format("no host in \"{}\"", spec_.hostfile));
    return {};
  }

  Result<> read_placeholders() {
    if (const DocumentNode* node = find("placeholders")) {
      THAW_CHECK(node->expect(DocumentNode::Kind::map, "placeholders"));
      for (const DocumentEntry& entry : node->entries()) {
        THAW_CHECK(check_name(entry));
        THAW_TRY(Argv words, entry.value.strings());
        if (entry.value.is_null()) words = {""};
        spec_.placeholders.emplace_back(entry.key, std::move(words));
      }
    }
    if (const DocumentNode* node = find("resolve")) {
      THAW_CHECK(node->expect(DocumentNode::Kind::map, "resolve"));
      for (const DocumentEntry& entry : node->entries()) {
        THAW_CHECK(check_name(entry));
        THAW_TRY(CommandTemplate command, parse_command_template(entry.value));
        spec_.resolve.push_back({entry.key, std::move(command)});
      }
    }
    return {};
  }

  static Result<> check_name(const DocumentEntry& entry) {
    if (is_builtin_placeholder(entry.key)) {
      return fail_at(ErrorKind::bad_usage, fmt::format("placeholder ${} has its own meaning", entry.key),
                     entry.place(), "choose another name");
    }
    if (is_identifier(entry.key)) return {};
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" cannot be a placeholder's name", entry.key),
                   entry.place(), "use letters, digits and _");
  }

  Result<> read_requirements() {
    const DocumentNode* node = find("requires");
    if (node == nullptr) return {};
    if (node->is_map()) return add_requirements(*node);
    const DocumentNode alone = DocumentNode::list({*node});
    for (const DocumentNode& item : node->is_list() ? node->items() : alone.items()) {
      if (item.is_map()) {
        THAW_CHECK(add_requirements(item));
      } else {
        THAW_TRY(std::string program, item.string());
        spec_.requires_programs.push_back({std::move(program), {}});
      }
    }
    return {};
  }

  Result<> add_requirements(const DocumentNode& map) {
    THAW_TRY(const auto pairs, map.string_map());
    for (const auto& [program, package] : pairs) spec_.requires_programs.push_back({program, package});
    return {};
  }

  Result<> read_probe() {
    const DocumentNode* node = find("probe");
    if (node == nullptr) return {};
    spec_.probe.emplace();
    THAW_TRY(spec_.probe->name, node->string());
    if (const DocumentNode* options = find("probe_options")) {
      THAW_TRY(spec_.probe->options, options->string_map());
    }
    return {};
  }

  Result<> read_flags() {
    const std::optional<CommandTemplate>& run = spec_.run;
    const bool has_place = !run || run->uses("CMD") || run->uses("COMMAND_LINE");
    spec_.is_terminal = !has_place;
    spec_.is_remote = run && mentions_any(*run, remote_programs);
    spec_.starts_ranks = run && (run->uses("MPL") || mentions_any(*run, rank_programs));
    const std::pair<std::string_view, bool*> flags[] = {{"composable", &spec_.is_composable},
                                                        {"profiling", &spec_.is_profiling},
                                                        {"forgets_exit", &spec_.forgets_exit},
                                                        {"terminal", &spec_.is_terminal},
                                                        {"remote", &spec_.is_remote}};
    for (const auto& [key, flag] : flags) {
      if (const DocumentNode* node = find(key)) {
        THAW_TRY(*flag, node->boolean());
      }
    }
    spec_.is_remote = spec_.is_remote && run;
    if (spec_.is_terminal == has_place) {
      return find("terminal")
          ->error(has_place ? "a terminal backend has no place for an inner command, but run has $CMD"
                            : "run has neither $CMD nor $COMMAND_LINE, so the backend is terminal");
    }
    const DocumentNode* copies = find("copies");
    if (copies == nullptr) return {};
    if (copies->text() != "ranks" && copies->text() != "each") {
      return copies->error(
          "copies must be \"each\" (one command per copy) or \"ranks\" (the layer starts them)");
    }
    spec_.starts_ranks = run && copies->text() == "ranks";
    return {};
  }

  const DocumentNode& definition_;
  BackendSpec spec_;
};

}  // namespace

Result<BackendSpec> parse_backend(std::string_view name, const DocumentNode& definition) {
  return BackendReader(name, definition).read();
}

std::span<const std::string_view> backend_keys() { return known_keys; }

Result<DocumentNode> override_backend(DocumentNode base, const DocumentNode& over) {
  if (over.is_null()) return base;
  THAW_CHECK(check_keys(over, known_keys));
  if (over.find("run") != nullptr || over.find("command_template") != nullptr) {
    for (const std::string_view key : run_keys) base.erase(key);
  }
  if (over.find("hosts") != nullptr) base.erase("hostfile");
  if (over.find("hostfile") != nullptr) base.erase("hosts");
  for (const DocumentEntry& entry : over.entries()) {
    const bool is_merged = std::find(merged_maps.begin(), merged_maps.end(), entry.key) != merged_maps.end();
    const DocumentNode* below = base.find(entry.key);
    if (!is_merged || below == nullptr) {
      base.set(entry.key, entry.value);
      continue;
    }
    THAW_CHECK(entry.value.expect(DocumentNode::Kind::map, entry.key));
    DocumentNode merged = *below;
    for (const DocumentEntry& inner : entry.value.entries()) merged.set(inner.key, inner.value);
    base.set(entry.key, std::move(merged));
  }
  return base;
}

std::vector<std::string> parse_hostfile(std::string_view text) {
  std::vector<std::string> hosts;
  for (const std::string_view line : split_lines(text)) {
    const auto words = split_fields(line.substr(0, line.find('#')));
    if (words.empty()) continue;
    std::int64_t slots = 1;
    for (const std::string_view word : words) {
      if (word.starts_with("slots=")) slots = parse_integer(word.substr(6)).value_or(1);
    }
    constexpr std::int64_t most_slots = 4096;
    hosts.insert(hosts.end(), static_cast<std::size_t>(std::clamp<std::int64_t>(slots, 1, most_slots)),
                 std::string(words[0]));
  }
  return hosts;
}

}  // namespace thaw
