#include "record/sharp_markdown.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "core/text.h"
#include "record/import.h"
#include "record/json_text.h"

namespace thaw::import {
namespace {

using Json = nlohmann::ordered_json;

/// A heading of the second level and the lines below it.
struct Section {
  std::string title;  ///< Lower case.
  std::vector<std::string_view> lines;
  std::size_t first_line = 0;  ///< Number of lines[0] in the file, from 1.
};

std::vector<Section> split_sections(std::string_view text) {
  std::vector<Section> sections;
  bool is_fenced = false;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (line.starts_with("```")) is_fenced = !is_fenced;
    if (!is_fenced && line.starts_with("## ")) {
      sections.push_back({to_lower(trim(line.substr(3))), {}, number + 1});
    } else if (!sections.empty()) {
      sections.back().lines.push_back(line);
    }
  }
  return sections;
}

/// The JSON object inside a section, with or without a fence around it, on its own lines; null when none.
Result<Json> json_in(const Section& section, const Path& path) {
  std::size_t first = 0;
  while (first < section.lines.size() && !trim(section.lines[first]).starts_with('{')) ++first;
  std::size_t last = section.lines.size();
  while (last > first && !trim(section.lines[last - 1]).ends_with('}')) --last;
  if (first == last) return Json();
  // Empty lines in front make the parser count the lines of the whole file.
  std::string text(section.first_line + first - 1, '\n');
  for (std::size_t i = first; i < last; ++i) text.append(section.lines[i]).push_back('\n');
  return parse_json(text, path);
}

/// "### key" and the raw text below it.
void read_raw_blocks(const Section& section, Context& facts) {
  std::string key;
  for (const std::string_view line : section.lines) {
    if (line.starts_with("### ")) {
      key = "system." + std::string(trim(line.substr(4)));
      facts[key];
    } else if (!key.empty() && !line.starts_with("```") && !trim(line).empty()) {
      std::string& value = facts[key];
      if (!value.empty()) value += "; ";
      value += trim(line);
    }
  }
}

void read_metrics(const Json& options, std::map<std::string, SharpMetric>& metrics) {
  const auto table = options.find("metrics");
  if (table == options.end() || !table->is_object()) return;
  for (const auto& [name, entry] : table->items()) {
    if (!entry.is_object()) continue;
    SharpMetric& metric = metrics[name];
    metric.unit = text_at(entry, "units");
    metric.is_text = text_at(entry, "type") == "string";
    const auto direction = entry.find("lower_is_better");
    if (direction != entry.end() && direction->is_boolean()) metric.lower_is_better = direction->get<bool>();
  }
}

Result<> read_section(const Section& section, const Path& path, SharpDescription& description) {
  const bool is_options = section.title.ends_with("runtime options");
  const bool is_machine = section.title.ends_with("system configuration");
  const bool is_invariant = section.title == "invariant parameters";
  if (!is_options && !is_machine && !is_invariant) return {};
  THAW_TRY(const Json json, json_in(section, path));
  if (is_machine && json.is_null()) read_raw_blocks(section, description.facts);
  if (!json.is_object()) return {};
  if (is_machine) flatten(json, "system", description.facts);
  if (is_options) {
    read_metrics(json, description.metrics);
    for (const auto& [key, value] : json.items()) {
      // The texts of extractors are long and tell nothing that the metrics' values do not.
      if (key != "metrics") flatten(value, "runtime." + key, description.facts);
    }
  }
  if (is_invariant) {
    for (const auto& [launch, facts] : json.items())
      flatten(facts, "invariant", description.invariants[launch]);
  }
  return {};
}

}  // namespace

Result<SharpDescription> parse_sharp_markdown(std::string_view text, const Path& path) {
  SharpDescription description;
  for (const Section& section : split_sections(text)) {
    THAW_CHECK(read_section(section, path, description));
  }
  return description;
}

}  // namespace thaw::import
