#include "report/validation_page.h"

#include <cmath>

#include "core/text.h"
#include "record/container_event.h"
#include "record/json_text.h"
#include "report/page_origin.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

/// The member at the end of a path of keys; null when there is none.
const Json& at(const Json& json, std::initializer_list<const char*> keys) {
  static const Json none;
  const Json* found = &json;
  for (const char* const key : keys) {
    if (!found->is_object() || !found->contains(key)) return none;
    found = &(*found)[key];
  }
  return *found;
}

std::string policy_of(const RunRecord& record) {
  const Json& policy = at(record.document, {"context", "platform", "policy"});
  return policy.is_string() ? policy.get<std::string>() : record.folder.filename().string();
}

/// A letter or digit for a letter or digit, '-' for the rest.
std::string anchor_of(std::string_view text) {
  std::string anchor(text);
  for (char& c : anchor) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_plain) c = '-';
  }
  return anchor;
}

/// What an event log says over time.
struct Course {
  std::vector<FigurePoint> memory;  ///< MB, at each change.
  std::vector<FigurePoint> cold;    ///< Cold starts so far.
};

Result<Course> read_course(const Path& log, double end_s) {
  Course course;
  std::int64_t used = -1;
  double starts = 0;
  course.cold.push_back({0, 0});
  const auto take = [&](const ContainerEvent& event) {
    const double at_s = to_seconds(event.at);
    // What the end of the platform stops is no part of the load.
    if (at_s > end_s) return;
    if (event.used_bytes != used)
      course.memory.push_back({at_s, static_cast<double>(event.used_bytes) * 1e-6});
    used = event.used_bytes;
    if (event.moment == ContainerMoment::start && event.kind == StartKind::cold)
      course.cold.push_back({at_s, ++starts});
  };
  THAW_TRY(const ContainerLogHeader header, read_container_log(log, take));
  (void)header;
  course.cold.push_back({end_s, starts});
  if (!course.memory.empty()) course.memory.push_back({end_s, course.memory.back().y});
  return course;
}

double duration_of(const RunRecord& record) {
  const Json& duration = at(record.document, {"summary", "duration_s"});
  return duration.is_number() ? duration.get<double>() : INFINITY;
}

Figure memory_figure(const RunRecord& record, Course measured, Course simulated) {
  const std::string policy = policy_of(record);
  Figure figure{
      .name = "memory-" + anchor_of(policy),
      .title = fmt::format("Memory over time: {}", policy),
      .caption = "Memory of all containers as the budget counts it. Grey: the simulation of the plan.",
      .x = {.title = "time of the run", .unit = "s", .high = duration_of(record)},
      .y = {.title = "memory in use", .unit = "MB"},
      .form = FigureForm::steps};
  figure.series.push_back({.name = "simulated", .points = std::move(simulated.memory), .is_reference = true});
  figure.series.push_back({.name = "measured", .points = std::move(measured.memory)});
  return figure;
}

/// A duration in ms between two instants of each row that has both.
std::vector<double> milliseconds_between(const RunRecord& record, const char* from, const char* to) {
  std::vector<double> values;
  const Column* const begin = record.samples.find(from);
  const Column* const end = record.samples.find(to);
  if (begin == nullptr || end == nullptr) return values;
  for (std::size_t row = 0; row < record.samples.rows; ++row) {
    const double ms = (end->numbers[row] - begin->numbers[row]) * 1e-6;
    if (std::isfinite(ms)) values.push_back(ms);
  }
  return values;
}

struct DistributionFigure {
  const char *name, *title, *axis, *caption, *from, *to;
};

constexpr DistributionFigure distribution_figures[] = {
    {"response", "Response time", "response time",
     "From the intended start to the end of the answer: what a user waits. Share of invocations at or below.",
     "intended_ns", "done_ns"},
    {"service", "Service time", "service time",
     "From the sending to the end of the answer: what the platform takes. Share of invocations at or below.",
     "sent_ns", "done_ns"},
    {"lateness", "Lateness of the generator", "lateness",
     "From the intended start to its dispatch by the generator. Share of invocations at or below.",
     "intended_ns", "dispatched_ns"}};

Figure figure_of(const DistributionFigure& what, const std::vector<RunRecord>& records) {
  Figure figure{.name = what.name,
                .title = what.title,
                .caption = what.caption,
                .x = {.title = what.axis, .unit = "ms", .scale = FigureScale::logarithmic},
                .y = {.title = "share of invocations", .unit = "1", .high = 1},
                .form = FigureForm::steps};
  for (const RunRecord& record : records)
    figure.series.push_back(
        distribution_of(policy_of(record), milliseconds_between(record, what.from, what.to)));
  return figure;
}

Cell number_cell(const Json& json) { return json.is_number() ? Cell(json.get<double>()) : Cell(); }

Table latency_table(const std::vector<RunRecord>& records) {
  Table table;
  table.title = "Latency";
  table.columns = {{.key = "policy", .align = Align::left}, {.key = "from", .align = Align::left}};
  constexpr std::pair<const char*, const char*> statistics[] = {{"mean_ms", "mean"},  {"p50_ms", "p50"},
                                                                {"p90_ms", "p90"},    {"p99_ms", "p99"},
                                                                {"p999_ms", "p99.9"}, {"max_ms", "max"}};
  for (const auto& [key, label] : statistics)
    table.columns.push_back({.key = key, .label = label, .unit = "ms"});
  for (const RunRecord& record : records) {
    for (const auto& [key, from] :
         {std::pair{"response", "intended start (response)"}, std::pair{"service", "sending (service)"}}) {
      std::vector<Cell> cells = {policy_of(record), from};
      for (const auto& statistic : statistics)
        cells.push_back(number_cell(at(record.document, {"summary", key, statistic.first})));
      table.add(std::move(cells));
    }
  }
  return table;
}

Table generator_table(const std::vector<RunRecord>& records) {
  Table table;
  table.title = "Was the generator on time?";
  table.columns = {{.key = "policy", .align = Align::left},
                   {.key = "planned", .digits = 9},
                   {.key = "ok", .digits = 9},
                   {.key = "p50_us", .label = "lateness p50", .unit = "µs"},
                   {.key = "p99_us", .label = "p99", .unit = "µs"},
                   {.key = "max_us", .label = "max", .unit = "µs"},
                   {.key = "verdict", .align = Align::left}};
  for (const RunRecord& record : records) {
    const Json& summary = at(record.document, {"summary"});
    const Json& late = at(summary, {"lateness"});
    table.add({policy_of(record), number_cell(at(summary, {"planned"})), number_cell(at(summary, {"ok"})),
               number_cell(at(late, {"p50_us"})), number_cell(at(late, {"p99_us"})),
               number_cell(at(late, {"max_us"})), text_at(summary, "verdict")});
  }
  return table;
}

}  // namespace

Path simulated_log_of(const Path& record) { return record / "simulated.ndjson"; }

Result<Page> validation_page(const std::vector<RunRecord>& records, std::string answer,
                             const std::vector<Table>& tables) {
  Page page;
  page.title = "A platform beside its simulation";
  page.answer = std::move(answer);
  page.notes = {
      "Each policy has served the same invocations, on this machine, with real processes; the simulator was "
      "given the same plan, memory and policy. Times are those of the run, after the speed-up."};
  Figure cold{.name = "cold-starts",
              .title = "Cold starts over time",
              .caption = "How many invocations have started cold so far, measured and in the simulation.",
              .x = {.title = "time of the run", .unit = "s"},
              .y = {.title = "cold starts", .unit = "1"},
              .form = FigureForm::steps};
  std::vector<Figure> memory;
  for (const RunRecord& record : records) {
    THAW_TRY(Course measured, read_course(record.folder / "events.ndjson", duration_of(record)));
    THAW_TRY(Course simulated, read_course(simulated_log_of(record.folder), duration_of(record)));
    cold.series.push_back({.name = policy_of(record), .points = std::move(measured.cold)});
    cold.series.push_back({.name = policy_of(record) + ", simulated", .points = std::move(simulated.cold)});
    memory.push_back(memory_figure(record, std::move(measured), std::move(simulated)));
  }
  page.figures.push_back(std::move(cold));
  for (Figure& figure : memory) page.figures.push_back(std::move(figure));
  for (const DistributionFigure& what : distribution_figures)
    page.figures.push_back(figure_of(what, records));
  page.tables = tables;
  page.tables.push_back(latency_table(records));
  page.tables.push_back(generator_table(records));
  for (const RunRecord& record : records) add_origin(page, record, "A run did not come to its end");
  return page;
}

}  // namespace thaw
