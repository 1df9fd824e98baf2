// GET /metrics and the counts of GET /functions.

#include "platform/routes.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// Lines of one metric.
class MetricLines {
 public:
  explicit MetricLines(std::string& out) : out_(out) {}
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  template <class Value>
  void add(std::string_view labels, Value value) {
    fmt::format_to(std::back_inserter(out_), "{}{} {}\n", name_, labels, value);
  }

 private:
  std::string& out_;
  std::string_view name_;
};

std::string label(const Function& function) { return fmt::format("{{function=\"{}\"}}", function.spec.name); }

std::string label(const Function& function, std::string_view key, std::string_view value) {
  return fmt::format("{{function=\"{}\",{}=\"{}\"}}", function.spec.name, key, value);
}

std::size_t busy_instances(const Function& function) {
  std::size_t busy = 0;
  for (const Instance* const instance : function.instances) busy += instance->calls() > 0 ? 1 : 0;
  return busy;
}

void add_functions(MetricLines& lines, const Fleet& fleet) {
  const auto each = [&](auto&& add) {
    for (const auto& function : fleet.functions()) {
      if (!function->is_removed) add(*function);
    }
  };
  lines.begin("thaw_invocations_total", "counter", "Invocations that got an instance.");
  each([&](const Function& one) {
    lines.add(label(one, "start", "cold"), one.counts.cold);
    lines.add(label(one, "start", "warm"), one.counts.warm);
  });
  lines.begin("thaw_dropped_total", "counter", "Invocations that got none.");
  each([&](const Function& one) { lines.add(label(one), one.counts.dropped); });
  lines.begin("thaw_failed_total", "counter", "Invocations whose instance gave no proper answer.");
  each([&](const Function& one) { lines.add(label(one), one.counts.failed); });
  lines.begin("thaw_execution_seconds_total", "counter", "Time from request to answer, at the instances.");
  each([&](const Function& one) { lines.add(label(one), one.counts.execution_seconds); });
  lines.begin("thaw_cold_start_seconds_total", "counter", "Time that cold starts took.");
  each([&](const Function& one) { lines.add(label(one), one.counts.cold_start_seconds); });
  lines.begin("thaw_removed_total", "counter", "Instances removed, by reason.");
  each([&](const Function& one) {
    lines.add(label(one, "reason", "evicted"), one.counts.evicted);
    lines.add(label(one, "reason", "expired"), one.counts.expired);
    lines.add(label(one, "reason", "crashed"), one.counts.crashed);
  });
  lines.begin("thaw_instances", "gauge", "Live instances.");
  each([&](const Function& one) {
    const std::size_t busy = busy_instances(one);
    lines.add(label(one, "state", "busy"), busy);
    lines.add(label(one, "state", "idle"), one.instances.size() - busy);
  });
  lines.begin("thaw_waiting", "gauge", "Invocations that wait for an instance.");
  each([&](const Function& one) { lines.add(label(one), one.queue.size()); });
}

}  // namespace

std::string metrics_text(const Fleet& fleet, const ServerCounts& counts) {
  std::string text;
  MetricLines lines(text);
  lines.begin("thaw_memory_bytes", "gauge", "Memory of all instances, as the budget counts it.");
  lines.add("", fleet.pool().used().count());
  lines.begin("thaw_memory_limit_bytes", "gauge", "The budget.");
  lines.add("", fleet.pool().capacity().count());
  lines.begin("thaw_prewarmed_total", "counter", "Instances started ahead of an invocation by the policy.");
  lines.add("", fleet.pool().totals().prewarms);
  lines.begin("thaw_active_invocations", "gauge", "Invocations without an answer yet.");
  lines.add("", fleet.active_calls());
  lines.begin("thaw_connections", "gauge", "Open connections of clients.");
  lines.add("", counts.connections);
  lines.begin("thaw_connections_total", "counter", "Connections of clients.");
  lines.add("", counts.accepted);
  lines.begin("thaw_connections_turned_away_total", "counter", "Connections above the limit.");
  lines.add("", counts.turned_away);
  lines.begin("thaw_requests_refused_total", "counter",
              "Requests that were malformed, too large or too slow.");
  lines.add("", counts.refused);
  add_functions(lines, fleet);
  return text;
}

nlohmann::ordered_json describe(const Function& function) {
  const FunctionCounts& counts = function.counts;
  const std::size_t busy = busy_instances(function);
  Json json = to_json(function.spec);
  json["instances"] = {{"busy", busy}, {"idle", function.instances.size() - busy}};
  json["waiting"] = function.queue.size();
  json["counts"] = {{"cold", counts.cold},       {"warm", counts.warm},           {"dropped", counts.dropped},
                    {"failed", counts.failed},   {"prewarmed", counts.prewarmed}, {"evicted", counts.evicted},
                    {"expired", counts.expired}, {"crashed", counts.crashed}};
  return json;
}

}  // namespace thaw
