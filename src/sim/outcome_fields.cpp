#include "sim/outcome_fields.h"

#include "sim/timeline_record.h"

namespace thaw {
namespace {

using Row = OutcomeRow;

FieldValue count(std::uint64_t value) { return static_cast<std::int64_t>(value); }

constexpr Field<Row> outcome_table[] = {
    {"point", "", FieldType::integer, "Number of the point in its experiment, from 0.",
     [](const Row& row) { return count(row.index); }},
    {"policy", "", FieldType::text, "Keep-alive policy, with the parameters given.",
     [](const Row& row) -> FieldValue { return row.point.point.policy; }},
    {"model", "", FieldType::text, "Whose rules: clean, faascache or course.",
     [](const Row& row) -> FieldValue { return std::string(name_of(row.point.point.model)); }},
    {"memory_mb", "MB", FieldType::number, "Memory of the server, in 10^6 bytes.",
     [](const Row& row) -> FieldValue { return row.point.point.memory_mb; }},
    {"invocations", "", FieldType::integer, "Invocations of the trace; cold + warm + dropped.",
     [](const Row& row) { return count(row.outcome.invocations); }},
    {"cold", "", FieldType::integer, "Invocations for which a container was started.",
     [](const Row& row) { return count(row.outcome.cold); }},
    {"warm", "", FieldType::integer, "Invocations that found a container of their function.",
     [](const Row& row) { return count(row.outcome.warm); }},
    {"dropped", "", FieldType::integer, "Invocations for which running containers left no room.",
     [](const Row& row) { return count(row.outcome.dropped); }},
    {"evictions", "", FieldType::integer,
     "Containers removed to make room; the models of the predecessors count expired ones too.",
     [](const Row& row) { return count(row.outcome.evictions); }},
    {"expirations", "", FieldType::integer, "Containers removed because their keep-alive was over.",
     [](const Row& row) { return count(row.outcome.expirations); }},
    {"prewarms", "", FieldType::integer, "Containers started ahead of an invocation.",
     [](const Row& row) { return count(row.outcome.prewarms); }},
    {"end_pool", "", FieldType::integer, "Containers after the last invocation.",
     [](const Row& row) { return count(row.outcome.end_pool); }},
    {"end_used_mb", "MB", FieldType::number, "Their memory.",
     [](const Row& row) -> FieldValue { return row.outcome.end_used_mb; }},
    {"max_pool", "", FieldType::integer, "Most containers at once.",
     [](const Row& row) { return count(row.outcome.max_pool); }},
    {"cold_ms_total", "ms", FieldType::number, "Sum of the initialisation times of all cold starts.",
     [](const Row& row) -> FieldValue { return row.costs.cold_ms_total; }},
    {"idle_gb_s", "GB·s", FieldType::number, "Integral of the memory of idle containers over time.",
     [](const Row& row) -> FieldValue { return row.outcome.idle_gb_s; }},
    {"exec_increase_pct", "%", FieldType::number,
     "What cold starts add to the execution time of the served: 100·Σ cold·init / Σ served·warm.",
     [](const Row& row) -> FieldValue { return row.costs.exec_increase_pct; }},
    {"exec_increase_pct_legacy", "%", FieldType::number,
     "The same as FaasCache's plots compute it, with the warm time in place of the initialisation.",
     [](const Row& row) -> FieldValue { return row.costs.exec_increase_pct_legacy; }},
    {"hit_ratio", "", FieldType::number, "warm / invocations.",
     [](const Row& row) -> FieldValue { return row.costs.hit_ratio; }},
    {"slowdown_p50", "", FieldType::number,
     "Median of response time over warm execution time, of the served.",
     [](const Row& row) -> FieldValue { return row.outcome.slowdown_p50; }},
    {"slowdown_p99", "", FieldType::number, "Its 99th percentile.",
     [](const Row& row) -> FieldValue { return row.outcome.slowdown_p99; }},
    {"trace", "", FieldType::text, "The trace, as given.",
     [](const Row& row) -> FieldValue { return row.point.trace; }},
    {"functions", "", FieldType::integer, "Functions of the trace that took part.",
     [](const Row& row) { return count(row.functions); }},
    {"seed", "", FieldType::integer, "Of everything random.",
     [](const Row& row) { return count(row.point.point.seed); }},
    {"waited", "", FieldType::integer, "Invocations that were served, but not at once.",
     [](const Row& row) { return count(row.outcome.waits.waited); }},
    {"abandoned", "", FieldType::integer, "Of the dropped: the queue was full or the wait too long.",
     [](const Row& row) { return count(row.outcome.waits.abandoned); }},
    {"wait_mean_ms", "ms", FieldType::number, "Mean wait of the served, those that did not wait included.",
     [](const Row& row) -> FieldValue { return row.outcome.waits.mean_ms; }},
    {"wait_p50_ms", "ms", FieldType::number, "Median of the same.",
     [](const Row& row) -> FieldValue { return row.outcome.waits.p50_ms; }},
    {"wait_p99_ms", "ms", FieldType::number, "Its 99th percentile.",
     [](const Row& row) -> FieldValue { return row.outcome.waits.p99_ms; }},
};

constexpr Field<OutcomeTiming> timing_table[] = {
    {"point", "", FieldType::integer, "Number of the point.",
     [](const OutcomeTiming& row) { return count(row.index); }},
    {"wall_s", "s", FieldType::number, "Time in the simulation itself, without reading the trace.",
     [](const OutcomeTiming& row) -> FieldValue { return row.wall_s; }},
    {"invocations_per_s", "1/s", FieldType::number, "Invocations over that time.",
     [](const OutcomeTiming& row) -> FieldValue { return row.invocations_per_s; }},
};

constexpr Field<FunctionRow> function_table[] = {
    {"point", "", FieldType::integer, "Number of the point.",
     [](const FunctionRow& row) { return count(row.index); }},
    {"policy", "", FieldType::text, "Keep-alive policy.",
     [](const FunctionRow& row) -> FieldValue { return row.outcome->point.point.policy; }},
    {"memory_mb", "MB", FieldType::number, "Memory of the server.",
     [](const FunctionRow& row) -> FieldValue { return row.outcome->point.point.memory_mb; }},
    {"function", "", FieldType::text, "Name of the function.",
     [](const FunctionRow& row) -> FieldValue { return row.function->name; }},
    {"cold", "", FieldType::integer, "Its cold starts.",
     [](const FunctionRow& row) { return count(row.counts.cold); }},
    {"warm", "", FieldType::integer, "Its warm starts.",
     [](const FunctionRow& row) { return count(row.counts.warm); }},
    {"dropped", "", FieldType::integer, "Its dropped invocations.",
     [](const FunctionRow& row) { return count(row.counts.dropped); }},
    {"evictions", "", FieldType::integer, "Its containers that were evicted.",
     [](const FunctionRow& row) { return count(row.counts.evictions); }},
    {"cold_ms_total", "ms", FieldType::number, "Sum of the initialisation times of its cold starts.",
     [](const FunctionRow& row) -> FieldValue {
       return static_cast<double>(row.counts.cold) * row.function->init_ms();
     }},
};

constexpr Field<ServerRow> server_table[] = {
    {"point", "", FieldType::integer, "Number of the point.",
     [](const ServerRow& row) { return count(row.index); }},
    {"policy", "", FieldType::text, "Keep-alive policy.",
     [](const ServerRow& row) -> FieldValue { return row.outcome->point.point.policy; }},
    {"memory_mb", "MB", FieldType::number, "Memory of the server.",
     [](const ServerRow& row) -> FieldValue { return row.outcome->point.point.memory_mb; }},
    {"server", "", FieldType::integer, "Number of the server, from 0.",
     [](const ServerRow& row) { return count(row.server); }},
    {"invocations", "", FieldType::integer, "Invocations that it was given.",
     [](const ServerRow& row) { return count(row.counts->invocations); }},
    {"cold", "", FieldType::integer, "Its cold starts.",
     [](const ServerRow& row) { return count(row.counts->cold); }},
    {"warm", "", FieldType::integer, "Its warm starts.",
     [](const ServerRow& row) { return count(row.counts->warm); }},
    {"dropped", "", FieldType::integer, "Invocations that it dropped.",
     [](const ServerRow& row) { return count(row.counts->dropped); }},
    {"abandoned", "", FieldType::integer, "Of these: the queue was full or the wait too long.",
     [](const ServerRow& row) { return count(row.counts->abandoned); }},
    {"waited", "", FieldType::integer, "Invocations that it served, but not at once.",
     [](const ServerRow& row) { return count(row.counts->waited); }},
    {"evictions", "", FieldType::integer, "Containers that it evicted.",
     [](const ServerRow& row) { return count(row.counts->evictions); }},
    {"expirations", "", FieldType::integer, "Containers whose keep-alive was over.",
     [](const ServerRow& row) { return count(row.counts->expirations); }},
    {"max_pool", "", FieldType::integer, "Most containers at once.",
     [](const ServerRow& row) { return count(row.counts->max_pool); }},
    {"longest_queue", "", FieldType::integer, "Most invocations that waited at once.",
     [](const ServerRow& row) { return count(row.counts->longest_queue); }},
    {"wait_mean_ms", "ms", FieldType::number, "Mean wait of the served.",
     [](const ServerRow& row) -> FieldValue { return row.counts->mean_wait_ms; }},
    {"running_mean", "", FieldType::number, "Mean number of executions at once.",
     [](const ServerRow& row) -> FieldValue { return row.counts->mean_running; }},
    {"utilisation", "", FieldType::number, "That over the cores; empty when these are unlimited.",
     [](const ServerRow& row) -> FieldValue { return row.counts->utilisation; }},
};

}  // namespace

FieldTable<OutcomeRow> outcome_fields() { return outcome_table; }
FieldTable<OutcomeTiming> timing_fields() { return timing_table; }
FieldTable<FunctionRow> function_fields() { return function_table; }
FieldTable<ServerRow> server_fields() { return server_table; }

std::vector<FormatPage> simulation_format_pages() {
  return {
      {.file = "simulation.md",
       .title = "Simulations: `thaw.sim/1`",
       .sections = {
           {.title = {},
            .text = "The record of `thaw sim run` and `thaw sim sweep`: [run.json](run.md) as everywhere, "
                    "and these "
                    "files. `configuration` in run.json holds the axes of the experiment, and `summary` how "
                    "many of "
                    "its points are `done`.\n\nEqual input, seed and version give the same bytes of "
                    "samples.csv and "
                    "functions.csv, whatever the engine, the number of workers and the order in which points "
                    "end.\n\n"
                    "Points are numbered from 0: traces outermost, then functions, policies, memory sizes "
                    "and seeds. "
                    "While the experiment runs, rows stand in the order in which points ended, and each is "
                    "with the "
                    "kernel before the next one; the row of samples.csv is a point's last. When all are "
                    "there, the "
                    "files are sorted by point and what was written twice is dropped. Readers leave out a "
                    "last row "
                    "without a line end."},
           {.title = "samples.csv", .text = "One row for each point.", .fields = describe(outcome_fields())},
           {.title = "functions.csv",
            .text = "With `--per-function`: one row for each function at each point.",
            .fields = describe(function_fields())},
           {.title = "memory.csv",
            .text = "With `--timeline`: one row for each simulated minute of each point, once all points are "
                    "there.",
            .fields = describe(minute_fields())},
           {.title = "servers.csv",
            .text =
                "With `--servers`, `--cores` and the like: one row for each server of each point, once all "
                "points are there.",
            .fields = describe(server_fields())},
           {.title = "timings.csv",
            .text = "How fast each point was; measured.",
            .fields = describe(timing_fields())},
           {.title = "parts/ and slurm/",
            .text = "While a Slurm array computes the experiment, each part writes the same three files into "
                    "`parts/part-K-of-N/`, or `error.json` with its error; they are taken into the record as "
                    "they "
                    "grow, and removed when all points are there. `slurm/` keeps the script of the tasks, "
                    "`job.json` with what was submitted, and their logs."},
       }}};
}

}  // namespace thaw
