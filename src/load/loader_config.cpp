#include "load/loader_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/text.h"
#include "load/config_keys.h"
#include "load/dirigent_config.h"
#include "net/greeter.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;
using Type = ConfigKey::Type;

constexpr std::string_view of_deployment = "functions are deployed apart from the load";
constexpr std::string_view of_scraping = "the platform's own metrics are not scraped";
constexpr std::string_view of_dirigent =
    "only the platform Dirigent has it, in the file of DirigentConfigPath";

constexpr std::array<ConfigKey, 31> own_keys = {{
    {"Seed", Type::whole},
    {"Platform", Type::text},
    {"InvokeProtocol", Type::text},
    {"EndpointPort", Type::whole},
    {"TracePath", Type::text},
    {"Granularity", Type::text},
    {"OutputPathPrefix", Type::text},
    {"IATDistribution", Type::text},
    {"ExperimentDuration", Type::whole},
    {"WarmupDuration", Type::whole},
    {"RpsTarget", Type::number},
    {"RpsColdStartRatioPercentage", Type::number},
    {"RpsCooldownSeconds", Type::whole},
    {"RpsRuntimeMs", Type::whole},
    {"RpsMemoryMB", Type::whole},
    {"RpsIterationMultiplier", Type::whole},
    {"GRPCConnectionTimeoutSeconds", Type::whole},
    {"GRPCFunctionTimeoutSeconds", Type::whole},
    {"DAGMode", Type::truth},
    {"EnableDAGDataset", Type::truth},
    {"Width", Type::whole},
    {"Depth", Type::whole},
    {"VSwarm", Type::truth},
    {"EnableZipkinTracing", Type::truth},
    {"YAMLSelector", Type::text, of_deployment},
    {"CPULimit", Type::text, of_deployment},
    {"IsPartiallyPanic", Type::truth, of_deployment},
    {"AutoscalingMetric", Type::text, of_deployment},
    {"EnableMetricsScrapping", Type::truth, of_scraping},
    {"MetricScrapingPeriodSeconds", Type::whole, of_scraping},
    {"DirigentConfigPath", Type::text},
}};

/// Those of a cluster too, which older loader files hold; what has no effect is told where they are read.
std::vector<ConfigKey> all_keys() {
  std::vector<ConfigKey> keys(own_keys.begin(), own_keys.end());
  for (const ConfigKey& key : dirigent_keys()) keys.push_back({key.name, key.type});
  return keys;
}

constexpr std::int64_t most_memory = INT64_MAX;

/// How long a function spins when it starts, by its memory in MiB.
std::string busy_loop_ms(std::int64_t memory_mib) {
  return memory_mib <= 10 ? "300" : memory_mib <= 60 ? "750" : "1250";
}

/// The predecessor's file. Every value is checked for its type before it is read.
class LoaderFile {
 public:
  LoaderFile(const Json& json, const std::string& place) : file_(json, place), place_(place) {}

  Result<LoaderOptions> read() {
    THAW_CHECK(file_.check(all_keys(), options_.notes));
    THAW_CHECK(check_words());
    THAW_CHECK(add_plan());
    THAW_CHECK(is_dirigent() ? add_dirigent() : add_target());
    THAW_CHECK(add_limits());
    add("--seed", std::to_string(file_.whole("Seed", 42)));
    // Without an effect on numbers, but the file's result has its name.
    const std::string prefix = file_.text("OutputPathPrefix", "data/out/experiment");
    add("--rows-copy",
        fmt::format("{}_duration_{}.csv", prefix, file_.whole("ExperimentDuration", 1) + warmup()));
    if (file_.truth("EnableZipkinTracing", false)) add("--zipkin", "http://127.0.0.1:9411/api/v2/spans");
    return std::move(options_);
  }

 private:
  Result<> check_words() const {
    const auto check = [&](const char* key, const std::string& value,
                           const std::vector<std::string>& allowed) {
      return file_.check_word(key, value, allowed);
    };
    THAW_CHECK(check("Platform", platform(),
                     {"knative", "openwhisk", "awslambda", "azurefunctions", "dirigent", "embedded"}));
    THAW_CHECK(check("Granularity", file_.text("Granularity", "minute"), {"minute", "second"}));
    THAW_CHECK(check("YAMLSelector", file_.text("YAMLSelector", "container"),
                     {"container", "firecracker", "wimpy"}));
    THAW_CHECK(check("CPULimit", file_.text("CPULimit", "1vCPU"), {"1vCPU", "GCP"}));
    THAW_CHECK(check("InvokeProtocol", protocol(), {"grpc", "http1", "http2"}));
    return check("IATDistribution", file_.text("IATDistribution", "exponential"),
                 {"exponential", "exponential_shift", "uniform", "uniform_shift", "equidistant", "poisson"});
  }

  Result<> add_plan() {
    const std::int64_t duration = file_.whole("ExperimentDuration", 1);
    if (duration < 1) return file_.bad("the experiment lasts at least 1", "ExperimentDuration");
    const std::string granularity = file_.text("Granularity", "minute");
    const std::string path = trace_path();
    const char unit = granularity == "second" && !is_rate() ? 's' : 'm';
    add("--duration", fmt::format("{}{}", duration, unit));
    if (warmup() > 0) add("--warmup", fmt::format("{}{}", warmup(), unit));
    add("--granularity", granularity);
    if (is_rate()) {
      add_rate();
    } else {
      add("--trace", path);
      if (calls_benchmarks()) {
        if (std::filesystem::is_regular_file(path))
          return file_.bad("benchmarks play the functions of a folder with a mapper_output.json",
                           "TracePath");
        add("--benchmarks", path);
      }
      // A trace that records instants is replayed, as the predecessor does.
      if (std::filesystem::is_directory(path)) add("--iat", file_.text("IATDistribution", "exponential"));
    }
    return add_workflows(path);
  }

  void add_rate() {
    add("--rps", format_number(file_.number("RpsTarget")));
    add("--cold-percent", format_number(file_.number("RpsColdStartRatioPercentage")));
    if (file_.whole("RpsCooldownSeconds", 0) > 0)
      add("--cooldown", fmt::format("{}s", file_.whole("RpsCooldownSeconds", 0)));
    add("--runtime", fmt::format("{}ms", file_.whole("RpsRuntimeMs", 0)));
    add("--memory", fmt::format("{}MiB", file_.whole("RpsMemoryMB", 0)));
    // Its generator spaces evenly whatever the file says; a law that the file names is honoured here.
    add("--iat", file_.text("IATDistribution", "equidistant"));
  }

  Result<> add_workflows(const std::string& path) {
    if (!file_.truth("DAGMode", false)) return {};
    options_.words.emplace_back("--dag");
    if (file_.truth("EnableDAGDataset", true)) {
      add("--dag-shapes", (std::filesystem::path(path) / "dag_structure.csv").string());
      return {};
    }
    for (const char* key : {"Width", "Depth"}) {
      if (file_.whole(key, 2) < 1) return file_.bad("width and depth are at least 1", key);
      add(fmt::format("--{}", to_lower(key)), std::to_string(file_.whole(key, 2)));
    }
    return {};
  }

  /// A target on this machine: where functions are is not the loader file's business.
  Result<> add_target() {
    const Json of_cluster = dirigent_part(file_.json());
    for (const auto& [name, value] : of_cluster.items())
      options_.notes.push_back(fmt::format("{}: {}", name, of_dirigent));
    if (file_.has("DirigentConfigPath"))
      options_.notes.emplace_back("DirigentConfigPath: only the platform Dirigent has it");
    if (platform() == "embedded") {
      add("--target", "embedded");
      return {};
    }
    const std::int64_t port = file_.whole("EndpointPort", 80);
    if (port < 1 || port > 65535) return file_.bad("a port is 1 … 65535", "EndpointPort");
    const bool is_greeter = calls_benchmarks() && protocol() == "grpc";
    add("--target", fmt::format("http://127.0.0.1:{}{}", port, is_greeter ? greeter_path : "/"));
    add("--header", "Host: {function}");
    if (protocol() == "grpc") return {};
    add("--method", "POST");
    for (const char* header : {"workload: trace", "function: {function}", "requested_cpu: {runtime_ms}",
                               "requested_memory: {memory_mib}"}) {
      add("--header", header);
    }
    add("--header", fmt::format("multiplier: {}", multiplier()));
    return {};
  }

  /// Functions are registered with the cluster's control plane, which says where they are called.
  Result<> add_dirigent() {
    THAW_TRY(DirigentConfig cluster, dirigent_config());
    options_.notes.insert(options_.notes.end(), cluster.notes.begin(), cluster.notes.end());
    std::string target = "dirigent:control_plane=" + cluster.control_plane;
    const auto set = [&target](const char* name, const std::string& value) {
      if (!value.empty()) target += fmt::format(",{}={}", name, value);
    };
    set("prepull", cluster.prepull);
    set("multiplier", multiplier());
    if (is_rate()) set("image", cluster.image);
    // It draws a trace's memory at random for this; nearly all functions of the published ones have more than 60 MiB.
    if (cluster.has_busy_loop)
      set("busy_loop_ms", busy_loop_ms(is_rate() ? file_.whole("RpsMemoryMB", 0) : most_memory));
    add("--target", target);
    if (!is_rate() && std::filesystem::is_directory(trace_path()))
      add("--functions", (std::filesystem::path(trace_path()) / "dirigent.json").string());
    if (protocol() != "grpc") add("--method", "POST");
    if (!cluster.is_asynchronous) return {};
    add("--async-answers", fmt::format("http://{}", cluster.response_url));
    add("--async-wait", fmt::format("{}m", cluster.wait_to_collect_min));
    return {};
  }

  /// From its own file, or in older loader files from this one.
  [[nodiscard]] Result<DirigentConfig> dirigent_config() const {
    const std::string path = file_.text("DirigentConfigPath", "");
    if (path.empty()) {
      if (file_.has("DirigentControlPlaneIP"))
        return read_dirigent_config(dirigent_part(file_.json()), place_);
      return file_.bad("the platform Dirigent needs the file of its cluster", "DirigentConfigPath",
                       R"(a file with {"DirigentControlPlaneIP": "HOST:PORT"})");
    }
    THAW_TRY(const std::string text, read_file(path));
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return fail_at(ErrorKind::bad_input, "this is no JSON object", path);
    return read_dirigent_config(json, path);
  }

  Result<> add_limits() {
    add("--protocol", protocol());
    const std::int64_t connect = file_.whole("GRPCConnectionTimeoutSeconds", 60);
    const std::int64_t function = file_.whole("GRPCFunctionTimeoutSeconds", 90);
    if (connect < 1) return file_.bad("no connection can be made in no time", "GRPCConnectionTimeoutSeconds");
    if (function < 1) return file_.bad("every call would fail at once", "GRPCFunctionTimeoutSeconds");
    add("--connect-timeout", fmt::format("{}s", connect));
    add("--function-timeout", fmt::format("{}s", function));
    return {};
  }

  void add(std::string option, const std::string& value) {
    options_.words.push_back(std::move(option) + "=" + value);
  }
  [[nodiscard]] std::string platform() const { return to_lower(file_.text("Platform", "Knative")); }
  [[nodiscard]] bool is_dirigent() const { return platform() == "dirigent"; }
  [[nodiscard]] std::string protocol() const { return file_.text("InvokeProtocol", "grpc"); }
  [[nodiscard]] std::string trace_path() const { return file_.text("TracePath", "data/traces/example"); }
  [[nodiscard]] bool is_rate() const { return trace_path() == "RPS"; }
  /// Benchmark services of vSwarm in place of trace functions. A rate has nothing that they could be mapped to.
  [[nodiscard]] bool calls_benchmarks() const { return file_.truth("VSwarm", false) && !is_rate(); }
  [[nodiscard]] std::int64_t warmup() const {
    return std::max<std::int64_t>(0, file_.whole("WarmupDuration", 0));
  }
  [[nodiscard]] std::string multiplier() const {
    return std::to_string(file_.whole("RpsIterationMultiplier", 102));
  }

  ConfigObject file_;
  std::string place_;
  LoaderOptions options_;
};

std::string word_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

LoaderOptions own_options(const Json& json) {
  LoaderOptions options;
  for (const auto& [name, value] : json.items()) {
    if (name == "schema" || value == Json(false)) continue;
    if (value == Json(true)) {
      options.words.push_back("--" + name);
      continue;
    }
    for (const Json& item : value.is_array() ? value : Json::array({value}))
      options.words.push_back(fmt::format("--{}={}", name, word_of(item)));
  }
  return options;
}

}  // namespace

Result<LoaderOptions> options_of_config(std::string_view text, const std::string& place) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return fail_at(ErrorKind::bad_input, "this is no JSON object", place);
  if (json.contains("schema")) {
    if (json["schema"] == load_config_schema) return own_options(json);
    return fail_at(ErrorKind::bad_input,
                   fmt::format("the schema is {}, not \"{}\"", json["schema"].dump(), load_config_schema),
                   place);
  }
  return LoaderFile(json, place).read();
}

}  // namespace thaw
