#include <array>

#include "bench/backend.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 6> metric_keys = {"description", "extract", "lower_is_better",
                                                         "type",        "units",   "unit"};

Result<MetricSpec> parse_metric(const DocumentEntry& entry) {
  const DocumentNode& node = entry.value;
  THAW_CHECK(node.expect(DocumentNode::Kind::map, fmt::format("metric \"{}\"", entry.key)));
  THAW_CHECK(check_keys(node, metric_keys));
  MetricSpec metric;
  metric.name = entry.key;
  if (entry.key.empty() || entry.key.find_first_of(" \t\n,\"") != std::string::npos) {
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" cannot be a metric's name", entry.key),
                   entry.place(), "leave out spaces, commas and quotes");
  }
  const DocumentNode* const description = node.find("description");
  const DocumentNode* const unit = node.find("unit") != nullptr ? node.find("unit") : node.find("units");
  if (description != nullptr && !description->is_null()) {
    THAW_TRY(metric.description, description->string());
  }
  if (unit != nullptr && !unit->is_null()) {
    THAW_TRY(metric.unit, unit->string());
  }
  if (const DocumentNode* lower = node.find("lower_is_better")) {
    THAW_TRY(metric.lower_is_better, lower->boolean());
  }
  if (const DocumentNode* type = node.find("type")) {
    if (type->text() != "numeric" && type->text() != "string") {
      return type->error("type must be \"numeric\" or \"string\"");
    }
    metric.is_text = type->text() == "string";
  }
  const DocumentNode* const extract = node.find("extract");
  if (extract == nullptr) {
    return fail_at(ErrorKind::bad_usage, fmt::format("metric \"{}\" has no extract", entry.key),
                   entry.place(), "say how to read it, for example  extract: {last_field: '@@@ Time'}");
  }
  THAW_TRY(metric.extract, parse_extractor(*extract, entry.key));
  metric.extract.is_text = metric.is_text;
  return metric;
}

}  // namespace

Result<std::vector<MetricSpec>> parse_metrics(const DocumentNode& metrics) {
  std::vector<MetricSpec> specs;
  if (metrics.is_null()) return specs;
  THAW_CHECK(metrics.expect(DocumentNode::Kind::map, "metrics"));
  for (const DocumentEntry& entry : metrics.entries()) {
    THAW_TRY(specs.emplace_back(), parse_metric(entry));
  }
  return specs;
}

}  // namespace thaw
