#pragma once
// Everything that decides what a load does, as the command line or a configuration file says it.

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "load/async_answers.h"
#include "load/conditions.h"
#include "load/pacer.h"
#include "load/planned_load.h"
#include "load/target.h"
#include "trace/call_graph.h"
#include "trace/rate_plan.h"
#include "trace/reader.h"
#include "trace/stage_plan.h"

namespace thaw {

/// Workflows instead of single invocations.
struct WorkflowRequest {
  GraphShape shape;
  std::optional<Path> shapes;  ///< Table of published shapes instead of `shape`.
  bool has_join = false;
};

/// What is sent. Exactly one of trace, plan, rate, stages and connections is given.
struct PlanRequest {
  std::optional<Path> trace;
  std::optional<Path> plan;    ///< Folder of a written plan.
  std::optional<double> rate;  ///< Per second, warm and cold together.
  std::vector<RateStage> stages;
  std::size_t connections = 0;  ///< Closed loop.

  std::optional<Nanos> duration;  ///< Of plan time, warm-up not included; absent: the whole trace.
  Nanos warmup{};
  double speedup = 1;
  std::optional<ArrivalLaw> law;
  bool has_seconds = false;  ///< A column of counts is a second; of a rate, of its identities.
  ReadOptions reading;
  double cold_percent = 0;
  Nanos cooldown = std::chrono::seconds(10);
  Execution execution{0, 0};  ///< Of rates, stages and closed loops; 0: none is asked for.
  Nanos think{};
  std::optional<Path> benchmarks;  ///< See open_benchmark_trace: functions take the names of what plays them.
  std::optional<WorkflowRequest> workflows;
  Shard shard;
  std::uint64_t seed = default_seed;
};

/// Who is told of the run while it goes on.
struct ExportRequest {
  std::string otlp_url;    ///< OTLP/HTTP with JSON: "http://127.0.0.1:4318/v1/traces".
  std::string zipkin_url;  ///< Zipkin v2 JSON: "http://127.0.0.1:9411/api/v2/spans".
  std::string metrics_at;  ///< "127.0.0.1:9095" or ":9095": Prometheus text.
};

/// A target that a load brings along: started for the plan, once its record is there.
struct StartedTarget {
  std::string url;
  std::vector<std::string> urls;  ///< Of each function, in place of `url`.
  std::vector<std::vector<std::string>>
      headers;                      ///< Of each function, in addition to the user's; empty: none.
  nlohmann::ordered_json platform;  ///< What it is, for the record.
  std::vector<Nanos>
      executions;  ///< How long each function takes there when warm; empty: as long as it is asked to.
};
/// `functions` are the plan's; `record` is the folder of the record, empty when none is kept.
using TargetStarter =
    std::function<Result<StartedTarget>(const std::vector<TraceFunction>& functions, const Path& record)>;

struct LoadRequest {
  PlanRequest plan;
  TargetOptions target;
  TargetStarter start_target;  ///< In place of target.url. Empty: there is somebody to call already.
  SenderOptions sender;
  PacerOptions pacer;
  AsyncRequest async;
  ExportRequest exports;
  std::optional<WallTime> start_at;
  std::vector<Condition> fail_if;
  std::vector<Condition> abort_on;
  bool has_record = true;
  Path runs = "runs";             ///< Parent of new records.
  std::optional<Path> out;        ///< Exactly this folder instead.
  std::optional<Path> rows_copy;  ///< A second name for samples.csv, as the predecessor names its output.
};

}  // namespace thaw
