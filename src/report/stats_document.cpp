#include "report/stats_document.h"

#include <fmt/format.h>

#include <cmath>

namespace thaw {

using Json = nlohmann::ordered_json;

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json stats_preamble(const NamedSample& sample) {
  Json json;
  json["schema"] = "thaw.stats/1";
  json["source"] = sample.source;
  json["metric"] = sample.name;
  json["unit"] = sample.unit.empty() ? Json(nullptr) : Json(sample.unit);
  json["n"] = sample.values.size();
  json["missing"] = sample.missing;
  json["failed"] = sample.failed;
  return json;
}

std::string dump_json(const Json& json, TableFormat format) {
  return json.dump(format == TableFormat::json ? 2 : -1, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool is_json(TableFormat format) { return format == TableFormat::json || format == TableFormat::ndjson; }

Table two_columns(const NamedSample& sample) {
  Table table;
  table.title = fmt::format("{} of {}", sample.name, sample.source);
  table.columns = {{.key = "statistic", .align = Align::left}, {.key = "value"}};
  table.add({"n", sample.values.size()});
  if (sample.missing > 0) table.add({"missing", sample.missing});
  if (sample.failed > 0) table.add({"failed", sample.failed});
  return table;
}

}  // namespace thaw
