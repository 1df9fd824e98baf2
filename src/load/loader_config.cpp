#include "load/loader_config.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "net/greeter.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

enum class KeyType { whole, number, text, truth };

struct Key {
  std::string_view name;
  KeyType type;
  std::string_view no_effect = {};  ///< Why it changes nothing here; empty where it does.
};

constexpr std::string_view of_deployment = "functions are deployed apart from the load";
constexpr std::string_view of_scraping = "the platform's own metrics are not scraped";
constexpr std::string_view of_dirigent = "it is a matter of Dirigent's deployment";

constexpr std::array<Key, 42> keys = {{
    {"Seed", KeyType::whole},
    {"Platform", KeyType::text},
    {"InvokeProtocol", KeyType::text},
    {"EndpointPort", KeyType::whole},
    {"TracePath", KeyType::text},
    {"Granularity", KeyType::text},
    {"OutputPathPrefix", KeyType::text},
    {"IATDistribution", KeyType::text},
    {"ExperimentDuration", KeyType::whole},
    {"WarmupDuration", KeyType::whole},
    {"RpsTarget", KeyType::number},
    {"RpsColdStartRatioPercentage", KeyType::number},
    {"RpsCooldownSeconds", KeyType::whole},
    {"RpsRuntimeMs", KeyType::whole},
    {"RpsMemoryMB", KeyType::whole},
    {"RpsIterationMultiplier", KeyType::whole},
    {"GRPCConnectionTimeoutSeconds", KeyType::whole},
    {"GRPCFunctionTimeoutSeconds", KeyType::whole},
    {"DAGMode", KeyType::truth},
    {"EnableDAGDataset", KeyType::truth},
    {"Width", KeyType::whole},
    {"Depth", KeyType::whole},
    {"VSwarm", KeyType::truth},
    {"EnableZipkinTracing", KeyType::truth},
    {"YAMLSelector", KeyType::text, of_deployment},
    {"CPULimit", KeyType::text, of_deployment},
    {"IsPartiallyPanic", KeyType::truth, of_deployment},
    {"AutoscalingMetric", KeyType::text, of_deployment},
    {"EnableMetricsScrapping", KeyType::truth, of_scraping},
    {"MetricScrapingPeriodSeconds", KeyType::whole, of_scraping},
    {"DirigentConfigPath", KeyType::text, of_dirigent},
    {"DirigentControlPlaneIP", KeyType::text, of_dirigent},
    {"Backend", KeyType::text, of_dirigent},
    {"BusyLoopOnSandboxStartup", KeyType::truth, of_dirigent},
    {"PrepullMode", KeyType::text, of_dirigent},
    {"AsyncMode", KeyType::truth, of_dirigent},
    {"AsyncResponseURL", KeyType::text, of_dirigent},
    {"AsyncWaitToCollectMin", KeyType::whole, of_dirigent},
    {"RpsImage", KeyType::text, of_dirigent},
    {"RpsRequestedGpu", KeyType::whole, of_dirigent},
    {"RpsDataSizeMB", KeyType::number, of_dirigent},
    {"RpsFile", KeyType::text, of_dirigent},
}};

std::string_view name_of(KeyType type) {
  switch (type) {
    case KeyType::whole:
      return "a whole number";
    case KeyType::number:
      return "a number";
    case KeyType::text:
      return "text";
    case KeyType::truth:
      return "true or false";
  }
  return {};
}

bool is_of(const Json& value, KeyType type) {
  switch (type) {
    case KeyType::whole:
      return value.is_number_integer();
    case KeyType::number:
      return value.is_number();
    case KeyType::text:
      return value.is_string();
    case KeyType::truth:
      return value.is_boolean();
  }
  return false;
}

/// The predecessor's file. Every value is checked for its type before it is read.
class LoaderFile {
 public:
  LoaderFile(const Json& json, std::string place) : json_(json), place_(std::move(place)) {}

  Result<LoaderOptions> read() {
    THAW_CHECK(check_keys());
    THAW_CHECK(add_plan());
    THAW_CHECK(add_target());
    add("--seed", std::to_string(whole("Seed", 42)));
    // Without an effect on numbers, but the file's result has its name.
    const std::string prefix = text("OutputPathPrefix", "data/out/experiment");
    add("--rows-copy", fmt::format("{}_duration_{}.csv", prefix, whole("ExperimentDuration", 1) + warmup()));
    if (truth("EnableZipkinTracing", false)) add("--zipkin", "http://127.0.0.1:9411/api/v2/spans");
    return std::move(options_);
  }

 private:
  tl::unexpected<Error> bad(std::string what, std::string_view key, std::string hint = {}) const {
    return fail_at(ErrorKind::bad_input, std::move(what), fmt::format("{}: {}", place_, key),
                   std::move(hint));
  }

  Result<> check_keys() {
    for (const auto& [name, value] : json_.items()) {
      const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == name; });
      if (key == keys.end()) {
        std::vector<std::string> names;
        for (const Key& known : keys) names.emplace_back(known.name);
        return bad(fmt::format("unknown key \"{}\"", name), name, suggest(name, names));
      }
      if (!is_of(value, key->type))
        return bad(fmt::format("{} is not {}", value.dump(), name_of(key->type)), name);
      if (!key->no_effect.empty()) options_.notes.push_back(fmt::format("{}: {}", name, key->no_effect));
    }
    return check_words();
  }

  Result<> check_words() const {
    const auto check = [&](const char* key, std::string value,
                           const std::vector<std::string>& allowed) -> Result<> {
      if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return {};
      return bad(fmt::format("\"{}\" is not possible", value), key, suggest(value, allowed));
    };
    THAW_CHECK(check("Platform", to_lower(text("Platform", "Knative")),
                     {"knative", "openwhisk", "awslambda", "azurefunctions", "dirigent", "embedded"}));
    THAW_CHECK(check("Granularity", text("Granularity", "minute"), {"minute", "second"}));
    THAW_CHECK(
        check("YAMLSelector", text("YAMLSelector", "container"), {"container", "firecracker", "wimpy"}));
    THAW_CHECK(check("CPULimit", text("CPULimit", "1vCPU"), {"1vCPU", "GCP"}));
    THAW_CHECK(check("InvokeProtocol", text("InvokeProtocol", "grpc"), {"grpc", "http1", "http2"}));
    return check("IATDistribution", text("IATDistribution", "exponential"),
                 {"exponential", "exponential_shift", "uniform", "uniform_shift", "equidistant", "poisson"});
  }

  Result<> add_plan() {
    const std::int64_t duration = whole("ExperimentDuration", 1);
    if (duration < 1) return bad("the experiment lasts at least 1", "ExperimentDuration");
    const std::string granularity = text("Granularity", "minute");
    const std::string path = text("TracePath", "data/traces/example");
    const bool is_rate = path == "RPS";
    const char unit = granularity == "second" && !is_rate ? 's' : 'm';
    add("--duration", fmt::format("{}{}", duration, unit));
    if (warmup() > 0) add("--warmup", fmt::format("{}{}", warmup(), unit));
    add("--granularity", granularity);
    if (is_rate) {
      add_rate();
    } else {
      add("--trace", path);
      if (calls_benchmarks()) {
        if (std::filesystem::is_regular_file(path))
          return bad("benchmarks play the functions of a folder with a mapper_output.json", "TracePath");
        add("--benchmarks", path);
      }
      // A trace that records instants is replayed, as the predecessor does.
      if (std::filesystem::is_directory(path)) add("--iat", text("IATDistribution", "exponential"));
    }
    return add_workflows(path);
  }

  void add_rate() {
    add("--rps", format_number(number("RpsTarget")));
    add("--cold-percent", format_number(number("RpsColdStartRatioPercentage")));
    if (whole("RpsCooldownSeconds", 0) > 0)
      add("--cooldown", fmt::format("{}s", whole("RpsCooldownSeconds", 0)));
    add("--runtime", fmt::format("{}ms", whole("RpsRuntimeMs", 0)));
    add("--memory", fmt::format("{}MiB", whole("RpsMemoryMB", 0)));
    // Its generator spaces evenly whatever the file says; a law that the file names is honoured here.
    add("--iat", text("IATDistribution", "equidistant"));
  }

  Result<> add_workflows(const std::string& path) {
    if (!truth("DAGMode", false)) return {};
    options_.words.emplace_back("--dag");
    if (truth("EnableDAGDataset", true)) {
      add("--dag-shapes", (std::filesystem::path(path) / "dag_structure.csv").string());
      return {};
    }
    for (const char* key : {"Width", "Depth"}) {
      if (whole(key, 2) < 1) return bad("width and depth are at least 1", key);
      add(fmt::format("--{}", to_lower(key)), std::to_string(whole(key, 2)));
    }
    return {};
  }

  Result<> add_target() {
    const std::int64_t port = whole("EndpointPort", 80);
    if (port < 1 || port > 65535) return bad("a port is 1 … 65535", "EndpointPort");
    const std::string protocol = text("InvokeProtocol", "grpc");
    add("--protocol", protocol);
    const bool is_greeter = calls_benchmarks() && protocol == "grpc";
    add("--target", fmt::format("http://127.0.0.1:{}{}", port, is_greeter ? greeter_path : "/"));
    add("--header", "Host: {function}");
    if (protocol != "grpc") {
      add("--method", "POST");
      for (const char* header : {"workload: trace", "function: {function}", "requested_cpu: {runtime_ms}",
                                 "requested_memory: {memory_mib}"}) {
        add("--header", header);
      }
      add("--header", fmt::format("multiplier: {}", whole("RpsIterationMultiplier", 102)));
    }
    const std::int64_t connect = whole("GRPCConnectionTimeoutSeconds", 60);
    const std::int64_t function = whole("GRPCFunctionTimeoutSeconds", 90);
    if (connect < 1) return bad("no connection can be made in no time", "GRPCConnectionTimeoutSeconds");
    if (function < 1) return bad("every call would fail at once", "GRPCFunctionTimeoutSeconds");
    add("--connect-timeout", fmt::format("{}s", connect));
    add("--function-timeout", fmt::format("{}s", function));
    return {};
  }

  void add(std::string option, const std::string& value) {
    options_.words.push_back(std::move(option) + "=" + value);
  }
  /// Benchmark services of vSwarm in place of trace functions. A rate has nothing that they could be mapped to.
  [[nodiscard]] bool calls_benchmarks() const {
    return truth("VSwarm", false) && text("TracePath", "data/traces/example") != "RPS";
  }
  [[nodiscard]] std::int64_t warmup() const { return std::max<std::int64_t>(0, whole("WarmupDuration", 0)); }
  [[nodiscard]] std::int64_t whole(const char* key, std::int64_t otherwise) const {
    return json_.value(key, otherwise);
  }
  [[nodiscard]] double number(const char* key) const { return json_.value(key, 0.0); }
  [[nodiscard]] bool truth(const char* key, bool otherwise) const { return json_.value(key, otherwise); }
  [[nodiscard]] std::string text(const char* key, const char* otherwise) const {
    return json_.value(key, std::string(otherwise));
  }

  const Json& json_;
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
