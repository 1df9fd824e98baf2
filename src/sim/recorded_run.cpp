#include "sim/recorded_run.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <unordered_map>

#include "core/text.h"
#include "record/container_event.h"
#include "record/json_text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr double near_expiry_ms = 10;

/// What the event log says of one execution or drop.
struct LoggedExecution {
  double begin_ms = 0;
  std::optional<double> end_ms;
};

/// The event log, taken apart.
struct EventFacts {
  std::unordered_map<std::uint64_t, std::deque<LoggedExecution>> executions;  ///< By instance, in order.
  std::map<std::string, std::deque<double>, std::less<>> drops;               ///< By function, in order.
  std::map<std::string, std::vector<double>, std::less<>> expiries;           ///< By function, in order.
};

Result<EventFacts> read_events(const Path& path) {
  EventFacts facts;
  const auto take = [&facts](const ContainerEvent& event) {
    const double at_ms = to_seconds(event.at) * 1000;
    switch (event.moment) {
      case ContainerMoment::start:
        if (event.kind != StartKind::prewarm) facts.executions[event.instance].push_back({at_ms, {}});
        break;
      case ContainerMoment::finish: {
        auto& executions = facts.executions[event.instance];
        if (!executions.empty()) executions.back().end_ms = at_ms;
        break;
      }
      case ContainerMoment::drop:
        facts.drops[std::string(event.function)].push_back(at_ms);
        break;
      case ContainerMoment::expire:
      case ContainerMoment::unload:
        facts.expiries[std::string(event.function)].push_back(at_ms);
        break;
      default:
        break;
    }
  };
  THAW_TRY(const ContainerLogHeader header, read_container_log(path, take));
  (void)header;
  return facts;
}

/// The columns of samples.csv that matter here.
struct Rows {
  const Column *function, *intended, *sent, *done, *status, *cold, *instance;
};

Result<Rows> rows_of(const RunRecord& record) {
  Rows rows{};
  const std::pair<const char*, const Column**> wanted[] = {
      {"function", &rows.function},   {"intended_ns", &rows.intended}, {"sent_ns", &rows.sent},
      {"done_ns", &rows.done},        {"status_code", &rows.status},   {"cold", &rows.cold},
      {"instance_id", &rows.instance}};
  for (const auto& [name, column] : wanted) {
    *column = record.samples.find(name);
    if (*column != nullptr) continue;
    return fail_at(ErrorKind::bad_input, fmt::format("samples.csv has no column \"{}\"", name),
                   record.folder.string(), "give a record of thaw load --target embedded");
  }
  return rows;
}

double number_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<double>() : 0.0;
}

Result<Json> platform_of(const RunRecord& record) {
  const auto context = record.document.find("context");
  if (context != record.document.end() && context->is_object()) {
    const auto platform = context->find("platform");
    if (platform != context->end() && platform->is_object() && platform->contains("functions"))
      return *platform;
  }
  return fail_at(ErrorKind::bad_input, "the record does not say which platform served it",
                 record.folder.string(), "give a record of thaw load --target embedded");
}

/// Invocations in the order of the plan: the rows are in the order in which they ended.
std::vector<std::size_t> plan_order(const Rows& rows, std::size_t count) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  const auto sent = [&](std::size_t i) {
    const double ns = rows.sent->numbers[i];
    return std::isnan(ns) ? INFINITY : ns;
  };
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const double left = rows.intended->numbers[a], right = rows.intended->numbers[b];
    if (left != right) return left < right;
    return sent(a) != sent(b) ? sent(a) < sent(b) : a < b;
  });
  return order;
}

/// Joins the rows with the events that belong to them: an instance executes one at a time, so the order is enough.
class Join {
 public:
  Join(const Rows& rows, EventFacts facts) : rows_(rows), facts_(std::move(facts)) {}

  void add(std::size_t row, const std::string& function, RecordedInvocation& invocation) {
    const std::string instance = rows_.instance->text(row);
    const auto number = parse_integer(instance);
    const bool has_instance = number && *number > 0 && !rows_.cold->text(row).empty();
    if (has_instance) {
      invocation.served = rows_.cold->text(row) == "true" ? Served::cold : Served::warm;
      place_execution(static_cast<std::uint64_t>(*number), invocation);
    } else if (rows_.status->numbers[row] == 503) {
      invocation.served = Served::dropped;
      auto& drops = facts_.drops[function];
      if (!drops.empty()) {
        invocation.arrived_ms = drops.front();
        drops.pop_front();
      }
    }
    if (!invocation.arrived_ms) return;
    const double sent_ns = rows_.sent->numbers[row];
    if (!std::isnan(sent_ns)) shifts_ms_.push_back(*invocation.arrived_ms - sent_ns * 1e-6);
    const auto& expiries = facts_.expiries[function];
    const auto next = std::ranges::lower_bound(expiries, *invocation.arrived_ms - near_expiry_ms);
    invocation.is_near_expiry = next != expiries.end() && *next <= *invocation.arrived_ms + near_expiry_ms;
  }

  /// From the platform's clock to the plan's: the median request is taken to have needed no time. The quickest would be at
  /// the mercy of one instant that was noted late.
  [[nodiscard]] double shift_ms() {
    if (shifts_ms_.empty()) return 0;
    const auto middle = shifts_ms_.begin() + static_cast<std::ptrdiff_t>((shifts_ms_.size() - 1) / 2);
    std::ranges::nth_element(shifts_ms_, middle);
    return *middle;
  }

 private:
  void place_execution(std::uint64_t instance, RecordedInvocation& invocation) {
    auto& executions = facts_.executions[instance];
    if (executions.empty()) return;
    const LoggedExecution& execution = executions.front();
    invocation.arrived_ms = execution.begin_ms;
    if (execution.end_ms) invocation.busy_ms = *execution.end_ms - execution.begin_ms;
    executions.pop_front();
  }

  const Rows& rows_;
  EventFacts facts_;
  std::vector<double> shifts_ms_;
};

/// Row numbers in the order in which the platform got them.
std::vector<std::size_t> sent_order(const Rows& rows, std::size_t count) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const double left = rows.sent->numbers[a], right = rows.sent->numbers[b];
    return std::isnan(right) ? !std::isnan(left) : left < right;
  });
  return order;
}

}  // namespace

Path event_log_of(const RunRecord& record) { return record.folder / "events.ndjson"; }

Result<RecordedRun> recorded_run(const RunRecord& record) {
  THAW_TRY(const Json platform, platform_of(record));
  THAW_TRY(const Rows rows, rows_of(record));
  THAW_TRY(EventFacts facts, read_events(event_log_of(record)));
  RecordedRun run;
  run.point.policy = text_at(platform, "policy");
  run.point.memory_mb = number_at(platform, "memory_mb");
  run.point.seed = static_cast<std::uint64_t>(number_at(platform, "seed"));
  std::map<std::string, FunctionIndex> places;
  for (const Json& each : platform["functions"]) {
    TraceFunction function;
    function.name = text_at(each, "name");
    function.memory_mb = number_at(each, "memory_mb");
    function.warm_ms = number_at(each, "execution_ms");
    function.cold_ms = function.warm_ms + number_at(each, "init_ms");
    places.emplace(function.name, static_cast<FunctionIndex>(run.functions.size()));
    run.functions.push_back(std::move(function));
  }
  const std::size_t count = record.samples.rows;
  std::vector<RecordedInvocation> by_row(count);
  Join join(rows, std::move(facts));
  for (const std::size_t row : sent_order(rows, count)) {
    const auto place = places.find(rows.function->text(row));
    if (place == places.end())
      return fail_at(ErrorKind::bad_input,
                     fmt::format("the platform had no function \"{}\"", rows.function->text(row)),
                     record.folder.string());
    by_row[row].function = place->second;
    by_row[row].intended_ms = rows.intended->numbers[row] * 1e-6;
    join.add(row, place->first, by_row[row]);
  }
  const double shift_ms = join.shift_ms();
  run.invocations.reserve(count);
  for (const std::size_t row : plan_order(rows, count)) {
    if (by_row[row].arrived_ms) *by_row[row].arrived_ms -= shift_ms;
    run.invocations.push_back(by_row[row]);
  }
  return run;
}

}  // namespace thaw
