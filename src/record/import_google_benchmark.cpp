#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/text.h"
#include "record/import.h"
#include "record/json_text.h"

namespace thaw::import {
namespace {

using Json = nlohmann::ordered_json;

/// Fields of an entry that describe it; every other number is a counter of the user.
constexpr std::array<std::string_view, 12> described = {"family_index", "per_family_instance_index",
                                                        "repetitions",  "repetition_index",
                                                        "threads",      "iterations",
                                                        "real_time",    "cpu_time",
                                                        "big_o_order",  "rms",
                                                        "label",        "time_unit"};

/// Means, medians and fitted complexities are not observations.
bool is_aggregate(const Json& entry) {
  if (text_at(entry, "run_type") == "aggregate") return true;
  return entry.contains("aggregate_name") || entry.contains("big_o") || entry.contains("rms");
}

bool has_failed(const Json& entry) {
  for (const char* name : {"error_occurred", "skipped"}) {
    const auto found = entry.find(name);
    if (found == entry.end()) continue;
    if (found->is_boolean() ? found->get<bool>() : !found->is_null()) return true;
  }
  return false;
}

/// Collects the repetitions of every benchmark in the order of the file.
class Repetitions {
 public:
  void add(const std::string& name, const Json& value, std::string unit, bool lower_is_better,
           std::size_t row, std::vector<std::string> aliases) {
    if (!value.is_number()) return;
    Series& series = find_or_add(name);
    series.unit = std::move(unit);
    series.lower_is_better = lower_is_better;
    series.aliases = std::move(aliases);
    series.values.push_back(value.get<double>());
    series.rows.push_back(row);
  }

  std::vector<Series> take() { return std::move(series_); }

 private:
  Series& find_or_add(const std::string& name) {
    const auto found = positions_.find(name);
    if (found != positions_.end()) return series_[found->second];
    positions_[name] = series_.size();
    return series_.emplace_back(Series{.name = name});
  }

  std::vector<Series> series_;
  std::map<std::string, std::size_t> positions_;
};

/// Counters of the user: rates are better when higher, other counters say nothing about direction.
void add_counters(const Json& entry, const std::string& name, std::size_t row, Repetitions& repetitions) {
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_number()) continue;
    if (std::find(described.begin(), described.end(), key) != described.end()) continue;
    const bool is_rate = key.ends_with("_per_second");
    const std::string unit = key == "bytes_per_second" ? "bytes/s" : is_rate ? "1/s" : "";
    repetitions.add(name + "." + key, value, unit, !is_rate, row, {});
  }
}

/// The series of a single benchmark get plain names, so that two benchmarks can be compared: "BM_sort.cpu_time"
/// becomes "cpu_time" and still answers to the long name.
void use_plain_names(const std::string& benchmark, std::vector<Series>& series) {
  for (Series& entry : series) {
    const std::string plain = entry.name == benchmark ? "real_time" : entry.name.substr(benchmark.size() + 1);
    entry.aliases.push_back(std::exchange(entry.name, plain));
  }
}

void read_context(const Json& json, Context& context) {
  const auto found = json.find("context");
  if (found == json.end() || !found->is_object()) return;
  for (const auto& [key, value] : found->items()) {
    // The folder of the program says nothing about the machine.
    if (key != "executable")
      flatten(value, key == "load_avg" ? "system.load_average" : "system." + key, context);
  }
}

/// What a file's entries say, gathered in their order.
struct Gathered {
  Dataset dataset;
  Repetitions repetitions;
  std::vector<std::string> names;           ///< Every benchmark of the file.
  std::map<std::string, std::size_t> rows;  ///< Repetitions seen of each.
};

void gather(const Json& entry, const std::string& part, Gathered& gathered) {
  const std::string run_name = text_at(entry, "run_name");
  const std::string name = run_name.empty() ? text_at(entry, "name") : run_name;
  const auto [position, is_new] = gathered.rows.try_emplace(name, 0);
  if (is_new) gathered.names.push_back(name);
  if (!part.empty() && name != part) return;
  const std::size_t row = position->second++;
  ++gathered.dataset.rows;
  if (has_failed(entry)) {
    ++gathered.dataset.failed;
    return;
  }
  const std::string stated_unit = text_at(entry, "time_unit");
  const std::string unit = stated_unit.empty() ? "ns" : stated_unit;
  const auto add_time = [&](const std::string& series, const char* field, std::vector<std::string> aliases) {
    const auto found = entry.find(field);
    if (found != entry.end()) gathered.repetitions.add(series, *found, unit, true, row, std::move(aliases));
  };
  add_time(name, "real_time", {name + ".real_time"});
  add_time(name + ".cpu_time", "cpu_time", {});
  add_counters(entry, name, row, gathered.repetitions);
}

}  // namespace

Result<std::vector<Dataset>> read_google_benchmark(const Json& json, const Source& source) {
  Gathered gathered;
  for (const Json& entry : json.at("benchmarks")) {
    if (entry.is_object() && !is_aggregate(entry)) gather(entry, source.part, gathered);
  }
  Dataset dataset = std::move(gathered.dataset);
  if (!source.part.empty() && !gathered.rows.contains(source.part)) {
    return fail_at(ErrorKind::bad_usage, fmt::format("no benchmark is called \"{}\"", source.part), {},
                   suggest(source.part, gathered.names));
  }
  dataset.series = gathered.repetitions.take();
  if (dataset.series.empty()) {
    return fail_at(ErrorKind::bad_input, "the Google Benchmark file holds no repetitions", {},
                   "run without --benchmark_report_aggregates_only");
  }
  if (!source.part.empty() || gathered.names.size() == 1) {
    dataset.label = source.part.empty() ? gathered.names.front() : source.part;
    use_plain_names(dataset.label, dataset.series);
  }
  dataset.source = source.path;
  dataset.format = DatasetFormat::google_benchmark;
  read_context(json, dataset.context);
  return std::vector{std::move(dataset)};
}

}  // namespace thaw::import
