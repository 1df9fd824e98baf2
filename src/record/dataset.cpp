#include "record/dataset.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text.h"
#include "record/gzip.h"
#include "record/import.h"
#include "record/import_columns.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;
using Datasets = Result<std::vector<Dataset>>;

constexpr std::string_view understood =
    "understood are Thaw's run folders, SHARP's CSV, JSON of hyperfine and Google Benchmark, CSV with a "
    "header, and "
    "numbers one per line";

/// A column of numbers may also be a JSON list.
Datasets read_number_list(const Json& json, const Path& path) {
  Dataset dataset;
  dataset.source = path;
  Series series{.name = "value"};
  for (const Json& value : json) {
    const std::size_t row = dataset.rows++;
    if (value.is_null()) continue;
    if (!value.is_number()) {
      return fail_at(ErrorKind::bad_input, fmt::format("element {} of the list is no number", row + 1),
                     path.string(), std::string(understood));
    }
    series.values.push_back(value.get<double>());
    series.rows.push_back(row);
  }
  dataset.series.push_back(std::move(series));
  return std::vector{std::move(dataset)};
}

/// What `thaw bench --format json` printed names the folder with the values.
Datasets read_bench_summary(const Json& json, const import::Source& source) {
  const auto folder = json.find("out");
  if (folder == json.end() || !folder->is_string()) {
    return fail_at(ErrorKind::bad_input, "this is the summary of a run, without its values",
                   source.path.string(), "give the run's folder");
  }
  return import::read_thaw_run(folder->get<std::string>(), source.part);
}

bool has_list(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_array();
}

Datasets read_json(const import::Source& source) {
  THAW_TRY(const Json json, import::parse_json(source.text, source.path));
  if (json.is_array()) return read_number_list(json, source.path);
  if (json.is_object()) {
    const auto schema = json.find("schema");
    const std::string name = schema != json.end() && schema->is_string() ? schema->get<std::string>() : "";
    if (name.starts_with("thaw.run/")) return import::read_thaw_run(source.path, source.part);
    if (name.starts_with("thaw.bench/")) return read_bench_summary(json, source);
    if (has_list(json, "results")) return import::read_hyperfine(json, source);
    if (has_list(json, "benchmarks")) return import::read_google_benchmark(json, source);
  }
  return fail_at(ErrorKind::bad_input, "the JSON is none that holds measurements", source.path.string(),
                 std::string(understood));
}

Datasets read_text(import::Source source) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (source.text.starts_with(byte_order_mark)) source.text.remove_prefix(byte_order_mark.size());
  const std::string_view content = trim(source.text);
  if (content.empty()) {
    return fail_at(ErrorKind::bad_input, "the file is empty", source.path.string(), std::string(understood));
  }
  if (content.find('\0') != std::string_view::npos) {
    return fail_at(ErrorKind::bad_input, "the file is not text", source.path.string(),
                   std::string(understood));
  }
  if (content.front() == '{' || content.front() == '[') return read_json(source);
  if (import::looks_like_numbers(content)) return import::read_numbers(source);
  const std::string_view header = content.substr(0, content.find_first_of("\r\n"));
  if (import::looks_like_thaw_samples(header)) return import::read_thaw_samples(source);
  if (import::looks_like_sharp(header)) return import::read_sharp(source);
  return import::read_csv(source);
}

/// The file that holds the values: the CSV of a Markdown file, the folder of a samples.csv.
Path resolve(const Path& path) {
  std::error_code ignored;
  if (path.extension() == ".md") {
    Path values = path;
    values.replace_extension(".csv");
    if (std::filesystem::exists(values, ignored)) return values;
  }
  if (path.filename() == "samples.csv" || path.filename() == "samples.csv.gz") {
    const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
    if (std::filesystem::exists(folder / "run.json", ignored)) return folder;
  }
  return path;
}

Datasets read_path(const Path& given, const std::string& part) {
  const Path path = resolve(given);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return import::read_thaw_run(path, part);
  const bool is_stdin = path == "-";
  THAW_TRY(const std::string text, read_file_unpacked(is_stdin ? Path("/dev/stdin") : path));
  return read_text({is_stdin ? Path("stdin") : path, text, part});
}

std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Series& series : dataset.series) names.push_back(series.name);
  return names;
}

}  // namespace

std::string_view name_of(DatasetFormat format) {
  constexpr std::array<std::string_view, 6> names = {"thaw", "sharp",  "hyperfine", "google-benchmark",
                                                     "csv",  "numbers"};
  return names[static_cast<std::size_t>(format)];
}

Result<std::vector<Dataset>> load_datasets(const Path& path, const DatasetSelection& selection) {
  THAW_TRY(auto datasets, read_path(path, selection.part));
  for (Dataset& dataset : datasets) {
    if (!selection.label.empty()) dataset.label = selection.label;
    if (!dataset.label.empty()) continue;
    dataset.label = dataset.source.has_stem() ? dataset.source.stem().string() : dataset.source.string();
    if (!selection.part.empty()) dataset.label += "#" + selection.part;
  }
  make_labels_distinct(datasets);
  return datasets;
}

Result<Dataset> load_dataset(const Path& path, const DatasetSelection& selection) {
  THAW_TRY(auto datasets, load_datasets(path, selection));
  if (datasets.size() == 1) return std::move(datasets.front());
  std::vector<std::string> labels;
  for (const Dataset& dataset : datasets) labels.push_back(dataset.label);
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("the file holds {} datasets and none is selected", labels.size()), path.string(),
                 fmt::format("select one as {}#PART: {}", path.string(), join(labels, ", ")));
}

Result<std::vector<Dataset>> load_operand(std::string_view operand) {
  std::error_code ignored;
  const std::size_t mark = operand.rfind('#');
  if (mark == std::string_view::npos || std::filesystem::exists(Path(operand), ignored)) {
    return load_datasets(Path(operand));
  }
  return load_datasets(Path(operand.substr(0, mark)), {.part = std::string(operand.substr(mark + 1))});
}

void make_labels_distinct(std::span<Dataset> datasets) {
  std::map<std::string, std::vector<Dataset*>> owners;
  for (Dataset& dataset : datasets) owners[dataset.label].push_back(&dataset);
  for (auto& [label, sharing] : owners) {
    if (sharing.size() == 1) continue;
    std::set<Path> sources;
    for (const Dataset* dataset : sharing) sources.insert(dataset->source);
    for (std::size_t i = 0; i < sharing.size(); ++i) {
      if (sources.size() == sharing.size()) {
        sharing[i]->label = sharing[i]->source.string();
      } else if (i > 0) {
        sharing[i]->label += fmt::format(" ({})", i + 1);
      }
    }
  }
}

const Series* find_counterpart(const Dataset& dataset, const Series& series) {
  if (const Series* found = find_series(dataset, series.name)) return found;
  for (const std::string& alias : series.aliases) {
    if (const Series* found = find_series(dataset, alias)) return found;
  }
  return nullptr;
}

const Series* find_series(const Dataset& dataset, std::string_view name) {
  for (const Series& series : dataset.series) {
    if (series.name == name) return &series;
  }
  for (const Series& series : dataset.series) {
    if (std::find(series.aliases.begin(), series.aliases.end(), name) != series.aliases.end()) return &series;
  }
  const import::NameAndUnit parts = import::split_unit(name);
  for (const Series& series : dataset.series) {
    if (series.name == parts.name && (series.unit == parts.unit || series.unit.empty())) return &series;
  }
  return nullptr;
}

Result<const Series*> require_series(const Dataset& dataset, std::string_view name) {
  if (const Series* series = find_series(dataset, name)) return series;
  return fail_at(ErrorKind::bad_usage, fmt::format("{} has no metric \"{}\"", dataset.label, name),
                 dataset.source.string(), suggest(name, names_of(dataset)));
}

std::optional<double> seconds_per(std::string_view unit) {
  struct Factor {
    std::string_view unit;
    double seconds;
  };
  constexpr std::array factors = {Factor{"s", 1},     Factor{"ms", 1e-3}, Factor{"us", 1e-6},
                                  Factor{"µs", 1e-6}, Factor{"ns", 1e-9}, Factor{"min", 60},
                                  Factor{"h", 3600}};
  for (const Factor& factor : factors) {
    if (factor.unit == unit) return factor.seconds;
  }
  return std::nullopt;
}

}  // namespace thaw
