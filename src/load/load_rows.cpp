#include "load/load_rows.h"

#include <array>
#include <charconv>

#include "record/csv.h"

namespace thaw {
namespace {

struct RowColumn {
  std::string_view name, unit;
  FieldType type;
  std::string_view description;
};

constexpr std::array<RowColumn, 27> row_columns = {{
    {"phase", "", FieldType::integer, "1 warm-up, 2 measured"},
    {"instance", "", FieldType::text, "Who answered; in a workflow with `DAG <k>,` before it"},
    {"invocationID", "", FieldType::text, "`min<column>.inv<number>`, or `sec` with `--granularity second`"},
    {"startTime", "µs", FieldType::integer, "Wall time of the dispatch since 1970"},
    {"requestedDuration", "µs", FieldType::integer, "Execution time asked for"},
    {"grpcConnEstablish", "µs", FieldType::integer, "Time that a new connection took; 0 on a reused one"},
    {"responseTime", "µs", FieldType::integer,
     "From the dispatch to the end, also of failures; 0 without an end"},
    {"actualDuration", "µs", FieldType::integer, "Execution time as the function reports it"},
    {"connectionTimeout", "", FieldType::boolean, "No connection: refused, too slow, or none free"},
    {"functionTimeout", "", FieldType::boolean, "Any other failure"},
    {"actualMemoryUsage", "MiB", FieldType::integer, "As the function reports it"},
    {"memoryAllocationTimeout", "", FieldType::boolean, "The function could not allocate its memory"},
    {"timeToSubmitMs", "µs", FieldType::integer, "Asynchronous: until it was accepted; else 0"},
    {"userCodeExecutionMs", "µs", FieldType::integer, "Asynchronous: as the platform reports it; else 0"},
    {"timeToGetResponseMs", "µs", FieldType::integer, "Asynchronous: what fetching the answer took; else 0"},
    {"function", "", FieldType::text, "Name in the plan"},
    {"intended_ns", "ns", FieldType::integer, "Instant of the plan; this and the next from its begin"},
    {"dispatched_ns", "ns", FieldType::integer, "Taken up by the generator"},
    {"sent_ns", "ns", FieldType::integer, "The last byte of the request was handed to the kernel"},
    {"first_byte_ns", "ns", FieldType::integer, "The first byte of the answer"},
    {"done_ns", "ns", FieldType::integer, "The last byte of the answer, or the failure"},
    {"lateness_ns", "ns", FieldType::integer, "dispatched - intended"},
    {"attempt", "", FieldType::integer,
     "From 1; more when a kept connection had been closed, or in a workflow"},
    {"status_code", "", FieldType::integer,
     "HTTP status, of a failed gRPC call that of gRPC; missing without an answer"},
    {"cause", "", FieldType::text,
     "`none`, why it failed (docs/load.md), `dropped`, or `in_flight` when the run ended before it"},
    {"cold", "", FieldType::boolean, "As the platform says; missing where it says nothing"},
    {"instance_id", "", FieldType::text, "Header X-Thaw-Instance, else the body's MachineName"},
}};

void add_text(std::string& row, std::string_view text) {
  row += text;
  row += ',';
}

void add_digits(std::string& row, std::int64_t value) {
  char digits[24];
  row.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void add_count(std::string& row, std::int64_t value) {
  add_digits(row, value);
  row += ',';
}

/// Missing is empty, never 0.
void add_instant(std::string& row, std::int64_t ns) {
  if (ns == missing_ns) {
    row += ',';
  } else {
    add_count(row, ns);
  }
}

/// The predecessor's columns have 0 where nothing was measured.
std::int64_t whole_us(std::int64_t ns) { return ns == missing_ns ? 0 : ns / 1000; }
std::int64_t zero_if_missing(std::int64_t value) { return value == missing_ns ? 0 : value; }

void add_truth(std::string& row, bool truth) { add_text(row, truth ? "true" : "false"); }

/// Names from traces and servers may hold anything.
void add_name(std::string& row, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return add_text(row, text);
  row += '"';
  for (const char c : text) row.append(c == '"' ? 2 : 1, c);
  row += "\",";
}

bool is_connection_failure(Cause cause) {
  return cause == Cause::connect_refused || cause == Cause::connect_timeout || cause == Cause::tls ||
         cause == Cause::local;
}

void add_predecessors_columns(const RowContext& context, const Invocation& invocation, std::string& row) {
  add_count(row, invocation.phase);
  const std::string_view instance = invocation.instance.data();
  if (invocation.graph == no_workflow) {
    add_name(row, instance);
  } else {
    add_name(row, fmt::format("DAG {},{}", invocation.graph, instance));
  }
  row += context.has_seconds ? "sec" : "min";
  add_digits(row, invocation.column);
  row += ".inv";
  add_count(row, invocation.number);
  const bool was_dispatched = invocation.dispatched_ns != missing_ns;
  const std::int64_t start_ns = was_dispatched ? invocation.dispatched_ns : invocation.intended_ns;
  add_count(row, context.anchor_epoch_us + start_ns / 1000);
  add_count(row, std::int64_t{invocation.runtime_ms} * 1000);
  add_count(row, whole_us(invocation.connect_ns));
  const bool has_end = was_dispatched && invocation.done_ns != missing_ns;
  add_count(row, has_end ? (invocation.done_ns - invocation.dispatched_ns) / 1000 : 0);
  add_count(row, zero_if_missing(invocation.actual_us));
  const bool has_failed = invocation.cause != Cause::none && invocation.cause != Cause::dropped;
  add_truth(row, is_connection_failure(invocation.cause));
  add_truth(row, has_failed && !is_connection_failure(invocation.cause));
  add_count(row, zero_if_missing(invocation.actual_memory_kib) / 1024);
  add_truth(row, invocation.could_not_allocate);
  if (invocation.fetch_us == 0) return add_text(row, "0,0,0");
  const std::int64_t collected_us = std::int64_t{invocation.platform_us} + invocation.fetch_us;
  add_count(row, (invocation.done_ns - invocation.dispatched_ns) / 1000 - collected_us);
  add_count(row, invocation.platform_us);
  add_count(row, invocation.fetch_us);
}

}  // namespace

std::string load_record_header() {
  std::string header;
  for (const RowColumn& column : row_columns) {
    header += column.name;
    header += ',';
  }
  header.back() = '\n';
  return header;
}

std::vector<FieldDescription> load_record_columns() {
  std::vector<FieldDescription> columns;
  for (const RowColumn& column : row_columns) {
    columns.push_back(
        {std::string(column.name), std::string(column.unit), column.type, std::string(column.description)});
  }
  return columns;
}

void append_row(const RowContext& context, const Invocation& invocation, std::string& to) {
  add_predecessors_columns(context, invocation, to);
  add_name(to, (*context.functions)[invocation.function].name);
  add_count(to, invocation.intended_ns);
  add_instant(to, invocation.dispatched_ns);
  add_instant(to, invocation.sent_ns);
  add_instant(to, invocation.first_byte_ns);
  add_instant(to, invocation.done_ns);
  add_instant(to, invocation.dispatched_ns == missing_ns ? missing_ns : invocation.lateness_ns());
  add_count(to, invocation.attempt);
  if (invocation.status != 0) add_digits(to, invocation.status);
  to += ',';
  add_text(to, invocation.is_in_flight() ? "in_flight" : name_of(invocation.cause));
  if (invocation.knows_cold) to += invocation.is_cold ? "true" : "false";
  to += ',';
  add_name(to, invocation.instance.data());
  to.back() = '\n';
}

FormatPage load_format_page() {
  constexpr const char* about =
      R"(`thaw load` writes `samples.csv` beside [run.json](run.md): one row for each
invocation, in the order in which they ended; the ones in flight at the end come last. The first fifteen columns are
those of the predecessor's loader, in its names, order and units, so that its scripts read on; the others are ours.

CSV as in RFC 4180. In our columns an empty field is missing; in the predecessor's, what was not measured is 0. Latency
from the intended start (response) is `done_ns - intended_ns`, from the sending (service) `done_ns - sent_ns`.

Rows are handed to the kernel within 5 ms of the end of their invocation, at rates that need a whole processor within some
20 ms (docs/performance.md); a row that was cut off by a kill or by the death of the machine has no line end. `summary.exact` in run.json holds all distributions as compressed HdrHistogram payloads in
base64, from which `thaw report merge` adds up several generators without loss.)";
  return {"load.md", "samples.csv of thaw load", {{"", about, {}}, {"Columns", "", load_record_columns()}}};
}

}  // namespace thaw
