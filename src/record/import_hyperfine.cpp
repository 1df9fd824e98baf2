#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "record/import.h"
#include "record/json_text.h"

namespace thaw::import {
namespace {

using Json = nlohmann::ordered_json;

/// The array of a result, or an empty one when the field is absent or of another type.
const Json& array_of(const Json& result, const char* name) {
  static const Json none = Json::array();
  const auto found = result.find(name);
  return found != result.end() && found->is_array() ? *found : none;
}

/// Runs that ended with a code other than 0, or by a signal (null).
bool run_failed(const Json& exit_codes, std::size_t run) {
  if (run >= exit_codes.size()) return false;
  const Json& code = exit_codes[run];
  return !code.is_number_integer() || code.get<std::int64_t>() != 0;
}

Series series_from(const Json& values, const Json& exit_codes, std::string name, std::string unit) {
  Series series{.name = std::move(name), .unit = std::move(unit), .lower_is_better = true};
  for (std::size_t run = 0; run < values.size(); ++run) {
    if (!values[run].is_number() || run_failed(exit_codes, run)) continue;
    series.values.push_back(values[run].get<double>());
    series.rows.push_back(run);
  }
  return series;
}

std::string command_of(const Json& result) { return text_at(result, "command"); }

bool is_selected(const Json& result, std::size_t position, const std::string& part) {
  return part.empty() || part == command_of(result) || part == std::to_string(position);
}

Result<Dataset> dataset_from(const Json& result, std::size_t position, const Source& source) {
  const std::string place = fmt::format("results[{}]", position - 1);
  if (!result.is_object()) {
    return fail_at(ErrorKind::bad_input, "a hyperfine result is no JSON object", place);
  }
  const Json& times = array_of(result, "times");
  if (times.empty()) {
    return fail_at(
        ErrorKind::bad_input,
        fmt::format("the result of \"{}\" has no \"times\", only their summary", command_of(result)), place,
        "export with --export-json, which keeps the time of every run");
  }
  const Json& exit_codes = array_of(result, "exit_codes");
  Dataset dataset;
  dataset.label = command_of(result);
  dataset.source = source.path;
  dataset.format = DatasetFormat::hyperfine;
  dataset.rows = times.size();
  for (std::size_t run = 0; run < times.size(); ++run) dataset.failed += run_failed(exit_codes, run) ? 1 : 0;
  dataset.series.push_back(series_from(times, exit_codes, "outer_time", "s"));
  dataset.series.back().aliases = {"time", "times"};
  const Json& memory = array_of(result, "memory_usage_byte");
  if (!memory.empty()) dataset.series.push_back(series_from(memory, exit_codes, "max_rss_bytes", "bytes"));
  dataset.context["runtime.command"] = command_of(result);
  if (const auto parameters = result.find("parameters"); parameters != result.end()) {
    flatten(*parameters, "runtime.parameters", dataset.context);
  }
  return dataset;
}

}  // namespace

Result<std::vector<Dataset>> read_hyperfine(const Json& json, const Source& source) {
  std::vector<Dataset> datasets;
  std::vector<std::string> commands;
  const Json& results = array_of(json, "results");
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].is_object()) commands.push_back(command_of(results[i]));
    if (results[i].is_object() && !is_selected(results[i], i + 1, source.part)) continue;
    THAW_TRY(Dataset dataset, dataset_from(results[i], i + 1, source));
    datasets.push_back(std::move(dataset));
  }
  if (results.empty()) return fail(ErrorKind::bad_input, "the hyperfine file holds no results");
  if (datasets.empty()) {
    return fail_at(ErrorKind::bad_usage, fmt::format("no result is called \"{}\"", source.part), {},
                   fmt::format("use a position from 1 to {} or a command: {}", results.size(),
                               suggest(source.part, commands)));
  }
  return datasets;
}

}  // namespace thaw::import
