// `thaw sim validate`: recorded loads beside their simulations.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "cli/cli.h"
#include "cli/sizing_options.h"
#include "core/text.h"
#include "record/container_event.h"
#include "report/validation_page.h"
#include "sim/recorded_run.h"
#include "sim/validation_text.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw sim validate RUN… [options]",
    .purpose =
        "Simulates what a platform was really given, with its policy and memory, and compares cold, warm\n"
        "and dropped invocations: measured, simulated, and why they differ.",
    .examples =
        "  thaw load --trace azure2019-busiest-hour --speedup 120 --target embedded --policy gd -o run\n"
        "  thaw sim validate run                                # in numbers\n"
        "  thaw sim validate run --fail-if 'difference > 2%'    # exit code 6 when it is\n"
        "  thaw sim validate gd lru ttl --html demo.html        # one page for several\n",
    .see_also = "thaw load --target embedded, docs/demo.md"};

/// "difference > 2%".
struct ValidationLimit {
  std::string text, subject;
  double percent = 0;
};

Result<ValidationLimit> parse_limit(const std::string& text) {
  constexpr std::string_view subjects[] = {"difference", "dropped", "differing"};
  ValidationLimit limit{.text = text, .subject = {}};
  const std::size_t sign = text.find('>');
  std::string_view number =
      sign == std::string::npos ? std::string_view() : std::string_view(text).substr(sign + 1);
  limit.subject = std::string(trim(std::string_view(text).substr(0, std::min(sign, text.size()))));
  number = trim(number);
  if (number.ends_with('%')) number.remove_suffix(1);
  const auto percent = parse_number(std::string(trim(number)));
  const bool is_known =
      std::find(std::begin(subjects), std::end(subjects), limit.subject) != std::end(subjects);
  if (percent && is_known) {
    limit.percent = *percent;
    return limit;
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("cannot read \"{}\"", text), "--fail-if",
                 "difference, dropped or differing > PERCENT, for example 'difference > 2%'");
}

double value_of(const Validation& validation, std::string_view subject) {
  if (subject == "difference") return validation.difference_pct();
  return subject == "dropped" ? validation.dropped_difference_pct() : validation.differing_pct();
}

/// Writes the events of a simulation in the form of the platform's.
class EventWriter final : public SimulationObserver {
 public:
  EventWriter(ContainerLog log, const std::vector<TraceFunction>& functions)
      : log_(std::move(log)), functions_(functions) {}
  void on_invocation(double, FunctionIndex, Served) override {}
  void on_memory(double, std::string_view, double, double, std::span<const EvictedContainer>) override {}
  void on_served(double, double, double) override {}
  void on_container(FunctionIndex function, const ContainerEvent& event) override {
    ContainerEvent named = event;
    named.function = functions_[function].name;
    log_.add(named);
  }
  Result<> flush() { return log_.flush(); }

 private:
  ContainerLog log_;
  const std::vector<TraceFunction>& functions_;
};

struct ValidatedRecord {
  RunRecord record;
  NamedValidation named;
};

Result<ValidatedRecord> validate_record(const std::string& folder, bool writes_events) {
  ValidatedRecord validated;
  THAW_TRY(validated.record, read_run(folder));
  auto recorded = recorded_run(validated.record);
  if (!recorded) return tl::unexpected(std::move(recorded).error());
  std::optional<EventWriter> events;
  if (writes_events) {
    THAW_TRY(ContainerLog log, ContainerLog::create(simulated_log_of(validated.record.folder),
                                                    {.source = "sim",
                                                     .policy = recorded->point.policy,
                                                     .memory_mb = recorded->point.memory_mb,
                                                     .begin = {}}));
    events.emplace(std::move(log), recorded->functions);
  }
  THAW_TRY(validated.named.validation, validate(*recorded, events ? &*events : nullptr));
  if (events) THAW_CHECK(events->flush());
  validated.named.run = validated.record.folder.string();
  validated.named.functions = std::move(recorded->functions);
  return validated;
}

void print(const std::vector<NamedValidation>& runs, TableFormat format) {
  std::string text;
  if (format == TableFormat::json) {
    text = to_json(runs).dump() + "\n";
  } else {
    text = render(difference_table(runs), format);
    if (format == TableFormat::text || format == TableFormat::markdown) {
      text += "\n" + render(reason_table(runs), format) + "\n" + render(function_table(runs), format);
    }
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace

Result<int> run_sim_validate(const Arguments& arguments) {
  CLI::App app("", "sim validate");
  set_help(app, help);
  std::vector<std::string> folders, limit_texts;
  std::string format_name, html;
  LogOptions log;
  app.add_option("RUNS", folders, "Records of thaw load --target embedded")->group("");
  app.add_option(
         "--fail-if", limit_texts,
         "Exit code 6 if it holds for a run: 'difference > 2%' (cold starts), dropped, differing; repeatable")
      ->group("Output");
  app.add_option("--html", html,
                 "Write one page for all runs, and simulated.ndjson beside each record's events")
      ->group("Output");
  app.add_option("--format", format_name,
                 "table, md, csv, json or ndjson [default: table on a terminal, else json]")
      ->group("Output");
  add_log_options(app, log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(log);
  THAW_TRY(const TableFormat format, sizing_format(format_name));
  if (folders.empty())
    return fail_at(ErrorKind::bad_usage, "there is no record", "thaw sim validate",
                   "name the folder that thaw load --target embedded made");
  std::vector<ValidationLimit> limits;
  for (const std::string& text : limit_texts) {
    THAW_TRY(ValidationLimit limit, parse_limit(text));
    limits.push_back(std::move(limit));
  }
  std::vector<RunRecord> records;
  std::vector<NamedValidation> runs;
  for (const std::string& folder : folders) {
    THAW_TRY(ValidatedRecord validated, validate_record(folder, !html.empty()));
    records.push_back(std::move(validated.record));
    runs.push_back(std::move(validated.named));
  }
  print(runs, format);
  if (!html.empty()) {
    const std::vector<Table> tables = {difference_table(runs), reason_table(runs), function_table(runs)};
    THAW_TRY(const Page page, validation_page(records, answer_of(runs), tables));
    THAW_CHECK(write_file_atomically(html, render(page)));
  }
  bool is_broken = false;
  for (const ValidationLimit& limit : limits) {
    for (const NamedValidation& run : runs) {
      const double value = value_of(run.validation, limit.subject);
      if (!(value > limit.percent)) continue;
      spdlog::error("{}: {}, it is {} %", run.validation.point.policy, limit.text,
                    format_significant(value, 3));
      is_broken = true;
    }
  }
  return is_broken ? static_cast<int>(ErrorKind::check_failed) : 0;
}

}  // namespace thaw::cli
