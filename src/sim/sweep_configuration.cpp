#include <cmath>

#include "sim/sweep.h"

namespace thaw {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const ClusterOptions& cluster) {
  return {{"servers", cluster.servers},
          {"route", cluster.route},
          {"cores", cluster.cores},
          {"queue", cluster.queue ? Json(*cluster.queue) : Json()},
          {"longest_wait_ns", cluster.longest_wait ? Json(cluster.longest_wait->count()) : Json()},
          {"waits_for_memory", cluster.waits_for_memory}};
}

ClusterOptions cluster_from(const Json& json) {
  ClusterOptions cluster;
  json.at("servers").get_to(cluster.servers);
  json.at("route").get_to(cluster.route);
  json.at("cores").get_to(cluster.cores);
  if (const Json& queue = json.at("queue"); !queue.is_null()) cluster.queue = queue.get<std::uint32_t>();
  if (const Json& wait = json.at("longest_wait_ns"); !wait.is_null()) {
    cluster.longest_wait = Nanos{wait.get<std::int64_t>()};
  }
  json.at("waits_for_memory").get_to(cluster.waits_for_memory);
  return cluster;
}

}  // namespace

Json to_json(const SweepConfiguration& configuration) {
  const SweepAxes& axes = configuration.axes;
  Json json = {{"traces", axes.traces},
               {"functions", axes.functions},
               {"policies", axes.policies},
               {"memory_mb", axes.memory_mb},
               {"seeds", axes.seeds},
               {"model", name_of(axes.model)},
               {"per_function", configuration.per_function}};
  const ReadOptions& read = configuration.read;
  json["repair"] = read.repair;
  json["from_ms"] = read.begin_ms;
  json["to_ms"] = std::isfinite(read.end_ms) ? Json(read.end_ms) : Json();
  json["day"] = read.day ? Json(*read.day) : Json();
  json["cluster"] = configuration.cluster ? to_json(*configuration.cluster) : Json();
  json["folder"] = configuration.folder.string();
  json["timeline"] = configuration.has_timelines;
  json["logs"] = configuration.logs.string();
  if (!configuration.events.empty()) json["events"] = configuration.events.string();
  return json;
}

Result<SweepConfiguration> sweep_configuration_from(const Json& json) {
  try {
    SweepConfiguration configuration;
    SweepAxes& axes = configuration.axes;
    json.at("traces").get_to(axes.traces);
    json.at("functions").get_to(axes.functions);
    json.at("policies").get_to(axes.policies);
    json.at("memory_mb").get_to(axes.memory_mb);
    json.at("seeds").get_to(axes.seeds);
    THAW_TRY(axes.model, parse_model(json.at("model").get<std::string>()));
    json.at("per_function").get_to(configuration.per_function);
    json.at("repair").get_to(configuration.read.repair);
    json.at("from_ms").get_to(configuration.read.begin_ms);
    if (const Json& end = json.at("to_ms"); !end.is_null()) end.get_to(configuration.read.end_ms);
    if (const Json& day = json.at("day"); !day.is_null()) configuration.read.day = day.get<int>();
    if (json.contains("cluster") && !json.at("cluster").is_null()) {
      configuration.cluster = cluster_from(json.at("cluster"));
    }
    configuration.folder = json.value("folder", "");
    configuration.has_timelines = json.value("timeline", false);
    configuration.logs = json.value("logs", "");
    configuration.events = json.value("events", "");
    const bool is_empty = axes.traces.empty() || axes.functions.empty() || axes.policies.empty() ||
                          axes.memory_mb.empty() || axes.seeds.empty();
    if (is_empty) return fail(ErrorKind::bad_input, "the configuration of the sweep has no points");
    return configuration;
  } catch (const Json::exception& error) {
    return fail(ErrorKind::bad_input, "this is not the configuration of a sweep: {}", error.what());
  }
}

}  // namespace thaw
