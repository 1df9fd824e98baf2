#pragma once
// What the documents of `thaw stats` have in common.

#include <nlohmann/json.hpp>
#include <string>

#include "report/stats_text.h"

namespace thaw {

/// The number, or null when it could not be computed.
nlohmann::ordered_json number_or_null(double value);

/// Schema, source, metric, unit and counts: what every document of a sample begins with.
nlohmann::ordered_json stats_preamble(const NamedSample& sample);

/// The document as text, on one line for ndjson.
std::string dump_json(const nlohmann::ordered_json& json, TableFormat format);

/// True for the forms that are JSON.
bool is_json(TableFormat format);

/// A table with the name of every statistic beside its value, the counts already in it.
Table two_columns(const NamedSample& sample);

}  // namespace thaw
