#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/trace_options.h"
#include "core/text.h"
#include "core/units.h"
#include "record/table.h"
#include "trace/profile.h"

namespace thaw::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr HelpText help = {
    .usage = "thaw trace info TRACE [options]",
    .purpose = "Says what a trace is like: rate, popularity, memory, durations, concurrency, burstiness.",
    .examples =
        "  thaw trace info azure2019-20b                      # a folder, whatever its form\n"
        "  thaw trace info Azure2021_200.csv --format json    # for programs\n"
        "  thaw trace info traces/20_inv.csv                  # with traces/20_run.csv and "
        "traces/20_mem.csv\n"
        "  thaw trace info broken --repair                    # reads on, and says what was mended\n",
    .see_also = "thaw trace convert, docs/traces.md"};

/// A number, or null where there is none.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json to_json(const Spread& spread) {
  return {{"mean", number(spread.mean)}, {"min", number(spread.minimum)}, {"p5", number(spread.p5)},
          {"p25", number(spread.p25)},   {"p50", number(spread.p50)},     {"p75", number(spread.p75)},
          {"p95", number(spread.p95)},   {"p99", number(spread.p99)},     {"max", number(spread.maximum)}};
}

Json to_json(const TwoSpreads& spreads) {
  return {{"by_function", to_json(spreads.by_function)}, {"by_invocation", to_json(spreads.by_invocation)}};
}

Json to_json(const std::vector<Repair>& repairs) {
  Json list = Json::array();
  for (const Repair& repair : repairs) list.push_back({{"what", repair.what}, {"count", repair.count}});
  return list;
}

Json to_json(const TraceProfile& profile) {
  Json json;
  json["schema"] = "thaw.trace/1";
  json["form"] = profile.form;
  json["functions"] = profile.functions;
  json["invoked_functions"] = profile.invoked_functions;
  json["invocations"] = profile.invocations;
  json["first_ms"] = profile.first_ms;
  json["last_ms"] = profile.last_ms;
  json["span_ms"] = profile.last_ms - profile.first_ms;
  json["rate"] = {{"mean_per_s", number(profile.mean_per_s)},
                  {"peak_per_s", profile.peak_per_s},
                  {"peak_per_minute", profile.peak_per_minute},
                  {"peak_minute_ms", profile.peak_minute_ms},
                  {"bin_ms", profile.rate_bin_ms},
                  {"invocations", profile.rate}};
  json["popularity"] = Json::array();
  for (const PopularityPoint& point : profile.popularity) {
    json["popularity"].push_back({{"functions", point.functions}, {"share", point.share}});
  }
  json["memory_mb"] = to_json(profile.memory_mb);
  json["warm_ms"] = to_json(profile.warm_ms);
  json["cold_ms"] = to_json(profile.cold_ms);
  json["init_ms"] = to_json(profile.init_ms);
  json["recorded_ms"] = profile.has_recorded ? to_json(profile.recorded_ms) : Json(nullptr);
  json["concurrency"] = {{"peak_running", profile.peak_running},
                         {"mean_running", profile.mean_running},
                         {"peak_running_mb", profile.peak_running_mb},
                         {"mean_running_mb", profile.mean_running_mb}};
  json["burstiness"] = {{"fano_per_minute", number(profile.fano_per_minute)},
                        {"iat_mean_ms", number(profile.iat_mean_ms)},
                        {"iat_cv", number(profile.iat_cv)},
                        {"function_iat_cv", to_json(profile.function_iat_cv)}};
  json["repairs"] = to_json(profile.repairs);
  json["remarks"] = to_json(profile.remarks);
  return json;
}

/// One quantity a line, for people.
Table figures(const TraceProfile& profile) {
  Table table;
  table.title = fmt::format("{} functions ({} invoked), {} invocations, form {}", profile.functions,
                            profile.invoked_functions, profile.invocations, profile.form);
  table.columns = {{.key = "quantity", .align = Align::left}, {.key = "value"}};
  const auto add = [&](const char* name, std::string value) { table.add({name, Cell(std::move(value))}); };
  const auto significant = [](double value) { return format_significant(value, 4); };
  add("first invocation", human_seconds(profile.first_ms / 1000));
  add("last invocation", human_seconds(profile.last_ms / 1000));
  add("mean rate", significant(profile.mean_per_s) + "/s");
  add("busiest second", fmt::format("{}", profile.peak_per_s));
  add("busiest minute", fmt::format("{}", profile.peak_per_minute));
  for (const PopularityPoint& point : profile.popularity) {
    add("share of top", fmt::format("{}: {} %", point.functions, format_significant(100 * point.share, 3)));
  }
  add("peak running", fmt::format("{}", profile.peak_running));
  add("mean running", significant(profile.mean_running));
  add("peak running memory", significant(profile.peak_running_mb) + " MB");
  add("mean running memory", significant(profile.mean_running_mb) + " MB");
  add("Fano factor per minute", significant(profile.fano_per_minute));
  add("CV of inter-arrival times", significant(profile.iat_cv));
  return table;
}

void add_spread(Table& table, const char* name, const char* by, const Spread& spread) {
  table.add({name, by, spread.mean, spread.minimum, spread.p5, spread.p25, spread.p50, spread.p75, spread.p95,
             spread.p99, spread.maximum});
}

Table spreads(const TraceProfile& profile) {
  Table table;
  table.columns = {{.key = "quantity", .align = Align::left}, {.key = "by", .align = Align::left}};
  for (const char* key : {"mean", "min", "p5", "p25", "p50", "p75", "p95", "p99", "max"}) {
    table.columns.push_back({.key = key, .digits = 4});
  }
  const auto add_two = [&](const char* name, const TwoSpreads& both) {
    add_spread(table, name, "function", both.by_function);
    add_spread(table, name, "invocation", both.by_invocation);
  };
  add_two("memory MB", profile.memory_mb);
  add_two("warm ms", profile.warm_ms);
  add_two("cold ms", profile.cold_ms);
  add_two("init ms", profile.init_ms);
  if (profile.has_recorded) add_spread(table, "recorded ms", "invocation", profile.recorded_ms);
  add_spread(table, "CV of gaps", "function", profile.function_iat_cv);
  for (const Repair& repair : profile.repairs) {
    table.notes.push_back(fmt::format("repaired: {} ({})", repair.what, repair.count));
  }
  for (const Repair& remark : profile.remarks) {
    table.notes.push_back(fmt::format("{} ({})", remark.what, remark.count));
  }
  return table;
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

Result<int> run_trace_info(const Arguments& arguments) {
  CLI::App app("", "trace info");
  set_help(app, help);
  TraceOptions reading;
  LogOptions log;
  std::string in, format;
  app.add_option("TRACE", in, "A folder, a file, or the common beginning of the files' names")->group("");
  app.add_option("--format", format, "table or json [default: json into a pipe]")->group("Output");
  add_trace_options(app, reading);
  add_log_options(app, log);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(log);
  if (format.empty()) format = ::isatty(STDOUT_FILENO) == 1 ? "table" : "json";
  constexpr std::string_view allowed[] = {"table", "json"};
  THAW_CHECK(check_format(format, allowed));
  if (in.empty()) {
    return fail_at(ErrorKind::bad_usage, "thaw trace info takes a trace", "thaw trace info",
                   "thaw trace info TRACE");
  }
  THAW_TRY(const ReadOptions options, read_options(reading));
  THAW_TRY(const std::unique_ptr<TraceFile> file, open_trace(in, options));
  THAW_TRY(const TraceProfile result, profile(*file));
  if (format == "json") {
    print(to_json(result).dump(2) + "\n");
  } else {
    print(render(figures(result), TableFormat::text));
    print("\n" + render(spreads(result), TableFormat::text));
  }
  return 0;
}

}  // namespace thaw::cli
