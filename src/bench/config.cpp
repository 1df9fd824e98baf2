#include "bench/config.h"

#include <algorithm>
#include <array>

#include "bench/repeat_spec.h"
#include "core/text.h"

namespace thaw {
namespace {

using Node = DocumentNode;

Result<Nanos> read_timeout(const Node& node) {
  THAW_TRY(const std::string text, node.string());
  // The predecessor's timeouts are seconds without a unit.
  if (const auto seconds = parse_number(text)) {
    if (*seconds < 0 || *seconds > 1e9) return node.error(fmt::format("a timeout of {} s", text));
    return from_seconds(*seconds);
  }
  auto duration = parse_duration(text);
  if (!duration) return tl::unexpected(std::move(duration).error().in(node.place()));
  return duration;
}

Result<Argv> read_args(const Node& node) {
  if (!node.is_scalar()) return node.strings();
  auto words = shell_split(node.text());
  if (!words) return tl::unexpected(std::move(words).error().in(node.place()));
  return words;
}

Result<std::vector<std::pair<std::string, std::string>>> read_variables(const Node& node) {
  if (!node.is_list()) return node.string_map();
  std::vector<std::pair<std::string, std::string>> variables;
  for (const Node& item : node.items()) {
    THAW_TRY(const std::string text, item.string());
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
      return item.error(fmt::format("expected NAME=VALUE, found \"{}\"", text));
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

/// Reads the keys of one map into a FileConfig, each by the function that its key has in the table.
class ConfigReader {
 public:
  explicit ConfigReader(const Node& document) : document_(document) {}

  Result<FileConfig> read() {
    THAW_CHECK(check_keys(document_, keys()));
    for (const DocumentEntry& entry : document_.entries()) {
      const auto row =
          std::find_if(table.begin(), table.end(), [&](const Row& r) { return r.key == entry.key; });
      if (!entry.value.is_null()) THAW_CHECK((this->*row->read)(entry.value));
    }
    THAW_CHECK(read_repeat());
    return std::move(config_);
  }

  static std::span<const std::string_view> keys() {
    static const std::vector<std::string_view> all = [] {
      std::vector<std::string_view> names;
      names.reserve(table.size());
      for (const Row& row : table) names.push_back(row.key);
      return names;
    }();
    return all;
  }

 private:
  struct Row {
    std::string_view key;
    Result<> (ConfigReader::*read)(const Node& node);
  };

  template <auto FileConfig::*member>
  Result<> text(const Node& node) {
    THAW_TRY(config_.*member, node.string());
    return {};
  }
  template <auto FileConfig::*member>
  Result<> truth(const Node& node) {
    THAW_TRY(config_.*member, node.boolean());
    return {};
  }
  /// Read together with others by read_repeat, or of no meaning here.
  Result<> later(const Node&) { return {}; }

  Result<> backends(const Node& node) {
    THAW_TRY(config_.backends, node.strings());
    return {};
  }

  Result<> backend_options(const Node& node) {
    THAW_CHECK(node.expect(Node::Kind::map, "backend_options"));
    const Node* metrics = document_.find("metrics");
    config_.backend_options.push_back({node, metrics != nullptr && !metrics->is_null()});
    return {};
  }

  Result<> metrics(const Node& node) {
    // A list of maps can hold `auto` more than once, one map cannot.
    const std::vector<Node> maps = node.is_list()
                                       ? std::vector<Node>(node.items().begin(), node.items().end())
                                       : std::vector<Node>{node};
    for (const Node& map : maps) {
      THAW_TRY(auto specs, parse_metrics(map));
      std::move(specs.begin(), specs.end(), std::back_inserter(config_.metrics));
      std::copy(map.entries().begin(), map.entries().end(), std::back_inserter(config_.metric_definitions));
    }
    return {};
  }

  /// A list of maps with a name and an argument vector.
  Result<> commands(const Node& node) {
    THAW_CHECK(node.expect(Node::Kind::list, "commands"));
    for (const Node& item : node.items()) {
      THAW_CHECK(item.expect(Node::Kind::map, "a command"));
      THAW_CHECK(check_keys(item, std::array<std::string_view, 2>{"name", "argv"}));
      NamedCommand command;
      if (const Node* name = item.find("name")) {
        THAW_TRY(command.name, name->string());
      }
      if (const Node* argv = item.find("argv")) {
        THAW_TRY(command.argv, read_args(*argv));
      }
      if (command.argv.empty()) return item.error("a command without argv", "write argv: [PROGRAM, ARGS…]");
      config_.commands.push_back(std::move(command));
    }
    return {};
  }

  Result<> warmup(const Node& node) {
    THAW_TRY(const std::int64_t count, node.integer());
    if (count < 0 || count > 1'000'000) return node.error(fmt::format("{} warm-up runs", count));
    config_.warmup = static_cast<int>(count);
    return {};
  }

  Result<> order(const Node& node) {
    auto read = parse_sweep_order(node.text());
    if (!read) return tl::unexpected(std::move(read).error().in(node.place()));
    config_.sweep_order = *read;
    return {};
  }

  Result<> args(const Node& node) {
    THAW_TRY(config_.args, read_args(node));
    return {};
  }

  Result<> start(const Node& node) {
    for (const StartMode mode : {StartMode::normal, StartMode::cold, StartMode::warm}) {
      if (to_lower(node.text()) != start_mode_name(mode)) continue;
      config_.start = mode;
      return {};
    }
    return node.error(fmt::format("unknown start mode \"{}\"", node.text()), "use normal, cold or warm");
  }

  /// The predecessor also calls the way of writing its files a mode.
  Result<> mode(const Node& node) {
    const std::string word = to_lower(node.text());
    if (word == "a" || word == "append") config_.append = true;
    if (word == "w" || word == "write" || word == "a" || word == "append") return {};
    return start(node);
  }

  Result<> copies(const Node& node) {
    THAW_TRY(const std::int64_t count, node.integer());
    if (count < 1 || count > 100'000) return node.error(fmt::format("{} copies", count), "use 1 or more");
    config_.copies = static_cast<int>(count);
    return {};
  }

  Result<> timeout(const Node& node) {
    THAW_TRY(config_.timeout, read_timeout(node));
    return {};
  }

  Result<> env(const Node& node) {
    THAW_TRY(config_.env, read_variables(node));
    return {};
  }

  Result<> seed(const Node& node) {
    THAW_TRY(config_.seed, node.integer());
    return {};
  }

  Result<> sys_spec_commands(const Node& node) {
    THAW_CHECK(node.expect(Node::Kind::map, "sys_spec_commands"));
    for (const DocumentEntry& entry : node.entries()) {
      FactCommands facts{entry.key, {}};
      if (entry.value.is_scalar()) {  // the seed era has no groups
        facts = {"", {{entry.key, entry.value.text()}}};
      } else {
        THAW_TRY(facts.commands, entry.value.string_map());
      }
      config_.sys_spec_commands.push_back(std::move(facts));
    }
    return {};
  }

  Result<> sweep(const Node& node);
  Result<> workflow(const Node& node);

  Result<> read_repeat() {
    const Node* repeats = nullptr;
    for (const std::string_view key : {"repeats", "repeater", "repeat"}) {
      if (const Node* node = document_.find(key); node != nullptr && !node->is_null()) repeats = node;
    }
    THAW_TRY(RepeatSpec spec, parse_repeat(repeats, document_.find("repeater_options")));
    if (!spec.rule.empty()) config_.repeat = std::move(spec.rule);
    if (spec.metric) config_.repeat_metric = std::move(spec.metric);
    return {};
  }

  static const std::array<Row, 47> table;

  const Node& document_;
  FileConfig config_;
};

const std::array<ConfigReader::Row, 47> ConfigReader::table = {{
    {"backends", &ConfigReader::backends},
    {"backend_names", &ConfigReader::backends},
    {"backend", &ConfigReader::backends},
    {"backend_options", &ConfigReader::backend_options},
    {"metrics", &ConfigReader::metrics},
    {"function", &ConfigReader::text<&FileConfig::function>},
    {"entry_point", &ConfigReader::text<&FileConfig::function>},
    {"benchmark", &ConfigReader::text<&FileConfig::function>},
    {"fn_path", &ConfigReader::text<&FileConfig::fn_path>},
    {"task", &ConfigReader::text<&FileConfig::task>},
    {"args", &ConfigReader::args},
    {"repeat", &ConfigReader::later},
    {"repeats", &ConfigReader::later},
    {"repeater", &ConfigReader::later},
    {"repeater_options", &ConfigReader::later},
    {"metric", &ConfigReader::text<&FileConfig::repeat_metric>},
    {"start", &ConfigReader::start},
    {"mode", &ConfigReader::mode},
    {"copies", &ConfigReader::copies},
    {"mpl", &ConfigReader::copies},
    {"concurrency", &ConfigReader::copies},
    {"timeout", &ConfigReader::timeout},
    {"env", &ConfigReader::env},
    {"environment", &ConfigReader::env},
    {"experiment", &ConfigReader::text<&FileConfig::experiment>},
    {"directory", &ConfigReader::text<&FileConfig::directory>},
    {"description", &ConfigReader::text<&FileConfig::description>},
    {"desc", &ConfigReader::text<&FileConfig::description>},
    {"stdin", &ConfigReader::text<&FileConfig::stdin_file>},
    {"datafile", &ConfigReader::text<&FileConfig::stdin_file>},
    {"prepare", &ConfigReader::text<&FileConfig::prepare>},
    {"conclude", &ConfigReader::text<&FileConfig::conclude>},
    {"pin", &ConfigReader::text<&FileConfig::pin>},
    {"seed", &ConfigReader::seed},
    {"verbose", &ConfigReader::truth<&FileConfig::verbose>},
    {"skip_sys_specs", &ConfigReader::truth<&FileConfig::skip_sys_specs>},
    {"append", &ConfigReader::truth<&FileConfig::append>},
    {"sys_spec_commands", &ConfigReader::sys_spec_commands},
    {"sweep", &ConfigReader::sweep},
    {"workflow", &ConfigReader::workflow},
    {"version", &ConfigReader::later},
    {"commands", &ConfigReader::commands},
    {"warmup", &ConfigReader::warmup},
    {"allow_failures", &ConfigReader::truth<&FileConfig::allow_failures>},
    {"out", &ConfigReader::text<&FileConfig::out>},
    {"order", &ConfigReader::order},
    {"input", &ConfigReader::text<&FileConfig::stdin_file>},
}};

Result<> ConfigReader::sweep(const Node& node) {
  Node axes = node;
  if (const Node* within = node.find("order")) {
    THAW_CHECK(order(*within));
    axes.erase("order");
  }
  THAW_TRY(config_.sweep, parse_sweep(axes, keys()));
  for (const SweepAxis& axis : config_.sweep->axes) {
    if (axis.target != SweepTarget::option) continue;
    for (const Argv& value : axis.values) {
      auto option = parse_config_option(axis.name, value[0]);
      if (!option) return node.error(option.error().what, option.error().hint);
    }
  }
  return {};
}

Result<> ConfigReader::workflow(const Node& node) {
  THAW_CHECK(node.expect(Node::Kind::list, "workflow"));
  for (const Node& task : node.items()) {
    THAW_CHECK(task.expect(Node::Kind::map, "a task of the workflow"));
    Node plain = task;
    plain.erase("options");
    THAW_TRY(FileConfig config, parse_config(plain));
    if (const Node* options = task.find("options")) {
      THAW_TRY(FileConfig more, parse_config(*options));
      config = overlay(std::move(config), std::move(more));
    }
    if (!config.workflow.empty()) return task.error("a task of a workflow cannot hold a workflow");
    config_.workflow.push_back(std::move(config));
  }
  return {};
}

}  // namespace

Result<FileConfig> parse_config(const DocumentNode& document) { return ConfigReader(document).read(); }

Result<FileConfig> parse_config_option(std::string_view key, const std::string& value) {
  DocumentNode document;
  document.set(std::string(key), DocumentNode::scalar(value, false));
  return parse_config(document);
}

std::span<const std::string_view> config_keys() { return ConfigReader::keys(); }

Result<> add_to_library(const FileConfig& config, BackendLibrary& library) {
  for (const auto& [options, brings_metrics] : config.backend_options)
    THAW_CHECK(library.add(options, brings_metrics));
  return {};
}

}  // namespace thaw
