#include "cli/serve_request.h"

#include <unistd.h>

#include <algorithm>

#include "core/shell.h"
#include "core/text.h"
#include "document/document.h"
#include "record/json_text.h"
#include "trace/reader.h"

namespace thaw::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr ServeSetting settings[] = {
    {"listen", "127.0.0.1:8080", "Address and port; port 0: any free one", "What to run"},
    {"memory", "4GiB", "Of all instances together", "What to run"},
    {"policy", "ttl:10m", "Keep-alive policy; thaw sim policies lists them", "What to run"},
    {"seed", "1", "Of a policy that draws random numbers", "What to run"},
    {"sandbox", "process", "Of functions that do not say: process, docker or thread", "Functions"},
    {"command", "", "Of functions that do not say; {port} stands for the port, as $PORT does", "Functions"},
    {"image", "", "The same for containers", "Functions"},
    {"function_memory", "128MB", "The same for the memory of an instance", "Functions"},
    {"timeout", "60s", "The same for an answer", "Functions"},
    {"start_timeout", "30s", "The same for an instance to listen", "Functions"},
    {"concurrency", "1", "The same for requests in an instance at a time", "Functions"},
    {"queue", "100", "Invocations of a function that may wait for an instance", "Limits"},
    {"queue_timeout", "30s", "For how long each may", "Limits"},
    {"when_full", "drop", "drop or wait: what an invocation does when the memory is full", "Limits"},
    {"max_body", "8MiB", "Of a request", "Limits"},
    {"max_answer", "64MiB", "Of an answer", "Limits"},
    {"max_connections", "4096", "Of clients", "Limits"},
    {"read_timeout", "10s", "For a request to arrive whole", "Limits"},
    {"idle_timeout", "5m", "Between two requests of a connection", "Limits"},
    {"pause_after", "1s", "With --pause: after so long without a request", "Limits"},
    {"stop_grace", "500ms", "Between SIGTERM and SIGKILL of an instance", "Limits"},
    {"drain", "10s", "For running invocations, at the end", "Limits"},
    {"token_file", "", "File with the token that clients must send; or THAW_SERVE_TOKEN", "Access"},
    {"docker", "/var/run/docker.sock", "Socket of the Docker daemon", "Access"},
    {"events", "", "Write every start, finish, eviction, expiry and drop to this file", "Output"},
    {"logs", "", "Folder for the output of functions; none: it is thrown away", "Output"},
    {"state", "", "Folder where running processes are noted; none: nowhere [default: below ~/.local/state]",
     "Output"},
};
constexpr std::size_t setting_count = std::size(settings);

std::string option_name(std::string_view key) {
  std::string name = "--" + std::string(key);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::size_t place_of(std::string_view key) {
  for (std::size_t i = 0; i < setting_count; ++i) {
    if (settings[i].key == key) return i;
  }
  THAW_ASSERT(false, "there is no setting {}", key);
  return 0;
}

/// The values of a plan, read as what they are; the first one that is wrong is reported.
class Values {
 public:
  explicit Values(const std::vector<std::string>& texts) : texts_(texts) {}
  [[nodiscard]] const std::string& text(std::string_view key) const { return texts_[place_of(key)]; }
  Nanos duration(std::string_view key) { return read(key, parse_duration(text(key))); }
  Bytes bytes(std::string_view key) { return read(key, parse_bytes(text(key))); }
  std::uint64_t count(std::string_view key) {
    const auto number = parse_integer(text(key));
    if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
    const Result<std::uint64_t> failure =
        fail(ErrorKind::bad_usage, "must be a whole number from 0 on, got \"{}\"", text(key));
    return read(key, failure);
  }
  [[nodiscard]] const Result<>& result() const { return result_; }

 private:
  template <class Value>
  Value read(std::string_view key, Result<Value> value) {
    if (value) return *value;
    if (result_) result_ = tl::unexpected(std::move(value).error().in(option_name(key)));
    return Value{};
  }
  const std::vector<std::string>& texts_;
  Result<> result_;
};

Path default_state() {
  if (const auto folder = environment_variable("XDG_STATE_HOME")) return Path(*folder) / "thaw" / "serve";
  if (const auto home = environment_variable("HOME"))
    return Path(*home) / ".local" / "state" / "thaw" / "serve";
  return Path(fmt::format("/tmp/thaw-{}", ::getuid())) / "serve";
}

Path folder_from(const std::string& text) { return text == "none" ? Path() : Path(text); }

Result<std::string> read_token(const std::string& file) {
  if (file.empty()) return environment_variable("THAW_SERVE_TOKEN").value_or("");
  auto text = read_file(file);
  if (!text) return tl::unexpected(std::move(text).error().in("--token-file"));
  const std::string token(trim(*text));
  if (token.empty()) return fail_at(ErrorKind::bad_usage, "the file holds no token", "--token-file: " + file);
  return token;
}

Result<GatewayOptions> options_from(const std::vector<std::string>& texts, bool pauses) {
  Values values(texts);
  GatewayOptions options;
  options.listen = values.text("listen");
  options.memory = values.bytes("memory");
  options.policy = values.text("policy");
  options.seed = values.count("seed");
  options.queue_limit = values.count("queue");
  options.queue_timeout = values.duration("queue_timeout");
  options.waits_for_memory = values.text("when_full") == "wait";
  options.limits.body_bytes = static_cast<std::size_t>(values.bytes("max_body").count());
  options.answer_bytes = static_cast<std::size_t>(values.bytes("max_answer").count());
  options.most_connections = values.count("max_connections");
  options.read_timeout = values.duration("read_timeout");
  options.idle_timeout = values.duration("idle_timeout");
  options.pause_after = values.duration("pause_after");
  options.stop_grace = values.duration("stop_grace");
  options.drain_timeout = values.duration("drain");
  options.docker_socket = values.text("docker");
  options.events = values.text("events");
  options.logs = folder_from(values.text("logs"));
  options.state = values.text("state").empty() ? default_state() : folder_from(values.text("state"));
  options.pauses = pauses;
  FunctionSpec& defaults = options.defaults;
  defaults.sandbox = values.text("sandbox");
  defaults.image = values.text("image");
  defaults.memory = values.bytes("function_memory");
  defaults.timeout = values.duration("timeout");
  defaults.start_timeout = values.duration("start_timeout");
  defaults.concurrency = static_cast<std::uint32_t>(values.count("concurrency"));
  THAW_CHECK(values.result());
  if (const std::string& word = values.text("when_full"); word != "wait" && word != "drop") {
    return fail_at(ErrorKind::bad_usage, fmt::format("must be drop or wait, got \"{}\"", word),
                   "--when-full");
  }
  auto command = shell_split(values.text("command"));
  if (!command) return tl::unexpected(std::move(command).error().in("--command"));
  defaults.command = std::move(*command);
  THAW_TRY(options.token, read_token(values.text("token_file")));
  return options;
}

/// Takes the settings of a file for what the words have not given; gives the node of its functions.
Result<DocumentNode> take_settings(const DocumentNode& document, ServePlan& plan) {
  std::vector<std::string_view> known{"functions", "pause"};
  for (const ServeSetting& setting : settings) known.push_back(setting.key);
  THAW_CHECK(check_keys(document, known));
  for (std::size_t i = 0; i < setting_count; ++i) {
    const DocumentNode* const node = document.find(settings[i].key);
    if (node == nullptr || !plan.values[i].empty()) continue;
    if (node->is_list()) {
      THAW_TRY(const auto words, node->strings());
      plan.values[i] = shell_join(words);
    } else {
      THAW_TRY(plan.values[i], node->string());
    }
  }
  if (const DocumentNode* const node = document.find("pause")) {
    THAW_TRY(const bool pauses, node->boolean());
    plan.pauses = plan.pauses || pauses;
  }
  const DocumentNode* const functions = document.find("functions");
  if (functions == nullptr) return DocumentNode();
  THAW_CHECK(functions->expect(DocumentNode::Kind::map, "functions"));
  return *functions;
}

Result<> add_file_functions(const DocumentNode& functions, ServePlan& plan) {
  for (const DocumentEntry& entry : functions.entries()) {
    THAW_TRY(const Json json,
             parse_json_text(entry.value.is_null() ? "{}" : entry.value.to_json(), entry.place()));
    auto spec = read_function_spec(json, entry.key, plan.options.defaults);
    if (!spec) return tl::unexpected(std::move(spec).error().in(entry.place()));
    plan.functions.push_back(std::move(*spec));
  }
  return {};
}

/// A name that a host may have.
std::string function_name(const std::string& name) {
  std::string clean = name;
  for (char& c : clean) {
    if (!check_function_name(std::string_view(&c, 1))) c = '-';
  }
  return clean.empty() ? "function" : clean;
}

Result<> add_trace_functions(const ServeRequest& request, ServePlan& plan) {
  ReadOptions read;
  const auto milliseconds = [](const std::string& text, const char* option, double& value) -> Result<> {
    if (text.empty()) return {};
    auto duration = parse_duration(text);
    if (!duration) return tl::unexpected(std::move(duration).error().in(option));
    value = to_seconds(*duration) * 1000;
    return {};
  };
  THAW_CHECK(milliseconds(request.begin, "--begin", read.begin_ms));
  THAW_CHECK(milliseconds(request.end, "--end", read.end_ms));
  if (request.keeps_all) read.selection = FunctionSelection::every;
  const auto speedup = parse_number(request.speedup);
  if (!speedup || *speedup <= 0) {
    return fail_at(ErrorKind::bad_usage, fmt::format("must be a number above 0, got \"{}\"", request.speedup),
                   "--speedup");
  }
  if (request.mode != "cpu" && request.mode != "wall" && request.mode != "sleep") {
    return fail_at(ErrorKind::bad_usage, fmt::format("must be cpu, wall or sleep, got \"{}\"", request.mode),
                   "--mode");
  }
  THAW_TRY(const auto trace, open_trace(request.trace, read));
  for (const TraceFunction& function : trace->functions()) {
    plan.functions.push_back(trace_function_spec(function, plan.options.defaults, *speedup, request.mode));
  }
  return {};
}

bool is_trace_function(const std::vector<std::string>& command) {
  return !command.empty() && Path(command.front()).filename() == "thaw-fn";
}

}  // namespace

FunctionSpec trace_function_spec(const TraceFunction& function, const FunctionSpec& defaults, double speedup,
                                 std::string_view mode) {
  FunctionSpec spec = defaults;
  spec.name = function_name(function.name);
  spec.memory = Bytes{static_cast<std::int64_t>(function.memory_mb * 1e6 + 0.5)};
  spec.init = from_seconds(function.init_ms() / 1000 / speedup);
  spec.execution = from_seconds(function.warm_ms / 1000 / speedup);
  // What a call takes is its caller's to say; this is for those who do not.
  if (is_trace_function(spec.command)) {
    spec.command.insert(spec.command.end(),
                        {"--cold-start", format_duration(spec.init), "--runtime",
                         format_duration(spec.execution), "--mode", std::string(mode), "--name", spec.name});
  }
  return spec;
}

void add_serve_options(CLI::App& app, ServeRequest& request) {
  request.values.resize(setting_count);
  app.add_option("file", request.file, "Functions and settings, in YAML or JSON")->group("What to run");
  app.add_option("--trace", request.trace, "Serve the functions of this trace")->group("What to run");
  app.add_option("--begin", request.begin, "Of the trace: leave out what comes before")->group("What to run");
  app.add_option("--end", request.end, "Of the trace: leave out what comes at or after")
      ->group("What to run");
  app.add_flag("--all-functions", request.keeps_all, "Of the trace: those called less than twice too")
      ->group("What to run");
  app.add_option("--speedup", request.speedup, "Divide the trace's durations by this [default: 1]")
      ->group("What to run");
  app.add_option(
         "--mode", request.mode,
         "Of the trace's functions: cpu, wall or sleep, how they spend cold starts and calls that do not say "
         "[default: cpu]")
      ->group("What to run");
  for (std::size_t i = 0; i < setting_count; ++i) {
    const ServeSetting& setting = settings[i];
    std::string help(setting.help);
    if (!setting.fallback.empty()) help += fmt::format(" [default: {}]", setting.fallback);
    app.add_option(option_name(setting.key), request.values[i], help)->group(std::string(setting.group));
  }
  app.add_flag("--pause", request.pauses, "Pause idle containers: they keep their memory and no processor")
      ->group("Limits");
  app.add_flag("--dry-run", request.is_dry_run, "Print the functions that would be served, and stop")
      ->group("Output");
  app.add_flag("--print-config", request.prints_configuration, "Print everything as a file to load, and stop")
      ->group("Output");
  app.add_flag("--list-sandboxes", request.lists_sandboxes, "List the kinds of sandboxes, and stop")
      ->group("Output");
  app.add_option("--format", request.format, "table or json [default: table on a terminal, else json]")
      ->group("Output");
  add_log_options(app, request.log);
}

Result<ServePlan> plan_service(const ServeRequest& request) {
  ServePlan plan;
  plan.values = request.values;
  plan.pauses = request.pauses;
  DocumentNode functions;
  if (!request.file.empty()) {
    THAW_TRY(const DocumentNode document, read_document(request.file));
    THAW_TRY(functions, take_settings(document, plan));
  }
  for (std::size_t i = 0; i < setting_count; ++i) {
    if (plan.values[i].empty()) plan.values[i] = settings[i].fallback;
  }
  THAW_TRY(plan.options, options_from(plan.values, plan.pauses));
  if (plan.options.defaults.command.empty() && plan.options.defaults.sandbox == "process") {
    const auto program = find_companion("thaw-fn");
    plan.options.defaults.command = {program ? program->string() : "thaw-fn"};
  }
  THAW_CHECK(add_file_functions(functions, plan));
  if (!request.trace.empty()) THAW_CHECK(add_trace_functions(request, plan));
  return plan;
}

std::string configuration_text(const ServePlan& plan) {
  Json json = Json::object();
  for (std::size_t i = 0; i < setting_count; ++i) {
    if (!plan.values[i].empty()) json[std::string(settings[i].key)] = plan.values[i];
  }
  json["pause"] = plan.pauses;
  json["functions"] = Json::object();
  for (const FunctionSpec& spec : plan.functions) {
    Json one = to_json(spec);
    one.erase("name");
    json["functions"][spec.name] = std::move(one);
  }
  return json.dump(2) + "\n";
}

}  // namespace thaw::cli
