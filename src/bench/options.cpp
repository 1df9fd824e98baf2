#include "bench/options.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "record/redact.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array start_modes = {"normal", "cold", "warm"};
constexpr std::array sweep_orders = {"in-turn", "random", "interleaved"};

/// Reads keys of a recorded object; the first mismatch is remembered and reported once.
class KeyReader {
 public:
  explicit KeyReader(const Json& json) : json_(json) {}

  template <class T>
  void read(const char* key, T& target) {
    const auto found = json_.find(key);
    if (found == json_.end() || found->is_null() || !problem_.empty()) return;
    try {
      target = found->get<T>();
    } catch (const Json::exception&) {
      problem_ = key;
    }
  }
  void read_path(const char* key, Path& target) {
    std::string text = target.string();
    read(key, text);
    target = text;
  }
  void fail(const char* key) { problem_ = key; }

  [[nodiscard]] Result<> result() const {
    if (problem_.empty()) return {};
    return fail_at(ErrorKind::bad_input, fmt::format("the recorded option \"{}\" cannot be read", problem_),
                   "config", "the record was written by another version, or edited by hand");
  }

 private:
  const Json& json_;
  std::string problem_;
};

}  // namespace

std::string_view start_mode_name(StartMode mode) { return start_modes[static_cast<std::size_t>(mode)]; }

Json to_json(const BenchOptions& options) {
  Json json;
  json["commands"] = Json::array();
  for (const NamedCommand& command : options.commands) {
    json["commands"].push_back({{"name", command.name}, {"argv", command.argv}});
  }
  json["backends"] = options.backends;
  json["files"] = options.files;
  json["documents"] = options.documents;
  json["function"] = options.function;
  json["env"] = Json::object();
  for (const auto& [name, value] : options.env) {
    if (!names_a_secret(name)) json["env"][name] = value;
  }
  json["stdin"] = options.stdin_file ? Json(options.stdin_file->string()) : Json();
  json["prepare"] = options.prepare;
  json["conclude"] = options.conclude;
  json["hosts"] = options.hosts;
  json["repeat"] = options.repeat;
  json["metric"] = options.metric;
  json["start"] = start_mode_name(options.start);
  json["warmup"] = options.warmup;
  json["copies"] = options.copies;
  json["timeout"] = options.timeout ? Json(format_duration(*options.timeout)) : Json();
  json["pin"] = options.pin;
  json["sweep"] = options.sweep;
  json["zip"] = options.is_zipped;
  json["order"] = sweep_orders[static_cast<std::size_t>(options.order)];
  json["experiment"] = options.experiment;
  json["task"] = options.task;
  json["description"] = options.description;
  json["directory"] = options.directory.string();
  json["allow_failures"] = options.allow_failures;
  json["skip_context"] = options.skip_context;
  json["seed"] = options.seed;
  json["origins"] = options.origins;
  return json;
}

Result<BenchOptions> bench_options_from_json(const Json& json) {
  if (!json.is_object()) return fail_at(ErrorKind::bad_input, "the record holds no options", "config");
  BenchOptions options;
  KeyReader reader(json);
  Json commands = Json::array();
  reader.read("commands", commands);
  for (const Json& command : commands) {
    NamedCommand named;
    KeyReader parts(command);
    parts.read("name", named.name);
    parts.read("argv", named.argv);
    if (!parts.result()) reader.fail("commands");
    options.commands.push_back(std::move(named));
  }
  reader.read("backends", options.backends);
  reader.read("files", options.files);
  reader.read("documents", options.documents);
  reader.read("function", options.function);
  std::map<std::string, std::string> env;
  reader.read("env", env);
  options.env.assign(env.begin(), env.end());
  std::string stdin_file, start = "normal", timeout, order = "in-turn";
  reader.read("stdin", stdin_file);
  if (!stdin_file.empty()) options.stdin_file = stdin_file;
  reader.read("prepare", options.prepare);
  reader.read("conclude", options.conclude);
  reader.read("hosts", options.hosts);
  reader.read("repeat", options.repeat);
  reader.read("metric", options.metric);
  reader.read("start", start);
  const auto mode = std::find(start_modes.begin(), start_modes.end(), start);
  if (mode == start_modes.end()) reader.fail("start");
  options.start = static_cast<StartMode>(mode - start_modes.begin());
  reader.read("warmup", options.warmup);
  reader.read("copies", options.copies);
  reader.read("timeout", timeout);
  options.timeout.reset();
  if (!timeout.empty()) {
    THAW_TRY(options.timeout, parse_duration(timeout));
  }
  reader.read("pin", options.pin);
  reader.read("sweep", options.sweep);
  reader.read("zip", options.is_zipped);
  reader.read("order", order);
  THAW_TRY(options.order, parse_sweep_order(order));
  reader.read("experiment", options.experiment);
  reader.read("task", options.task);
  reader.read("description", options.description);
  reader.read_path("directory", options.directory);
  reader.read("allow_failures", options.allow_failures);
  reader.read("skip_context", options.skip_context);
  reader.read("seed", options.seed);
  reader.read("origins", options.origins);
  THAW_CHECK(reader.result());
  return options;
}

Result<std::vector<int>> parse_cpu_list(std::string_view text) {
  std::vector<int> cpus;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_integer(trim(part.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : parse_integer(trim(part.substr(dash + 1)));
    if (!first || !last || *first < 0 || *last < *first || *last > 1023) {
      return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no list of processors", text), "--pin",
                     "write for example 0, 0,2 or 0-3");
    }
    for (std::int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

Result<std::pair<std::string, std::string>> parse_assignment(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no assignment", text), "--env",
                   "write NAME=VALUE");
  }
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

}  // namespace thaw
