#pragma once
// One table of fields per record type: name, unit, type, description and accessor. The header and the rows of a
// CSV file, the JSON object and the page in docs/formats/ are all generated from it, so they cannot disagree.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "record/csv.h"

namespace thaw {

/// The value of one field. monostate is missing: empty in CSV, null in JSON, never 0.
using FieldValue =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, nlohmann::ordered_json>;

enum class FieldType { boolean, integer, number, text, time, object, list };

/// What a reader of the file needs to know about a field.
struct FieldDescription {
  std::string name;
  std::string unit;  ///< Empty for plain counts and text.
  FieldType type = FieldType::text;
  std::string description;
};

/// A field of `Record`: its description and how to get its value.
template <class Record>
struct Field {
  std::string_view name;
  std::string_view unit;
  FieldType type;
  std::string_view description;
  FieldValue (*get)(const Record&);
};

template <class Record>
using FieldTable = std::span<const Field<Record>>;

/// "boolean", "integer", "number", "text", "time", "object" or "list".
std::string_view type_name(FieldType type);

/// The value as CSV text: numbers in the shortest form that reads back, objects as compact JSON, "" when missing.
std::string to_text(const FieldValue& value);
/// The value as JSON; missing and not finite are null.
nlohmann::ordered_json to_json(const FieldValue& value);
/// Adds the value as the next field of a CSV line.
void add_field(CsvLine& line, const FieldValue& value);

/// A value for an optional: missing when empty.
template <class T>
FieldValue maybe(const std::optional<T>& value) {
  return value ? FieldValue(*value) : FieldValue();
}

template <class Record>
std::vector<FieldDescription> describe(FieldTable<Record> table) {
  std::vector<FieldDescription> fields;
  fields.reserve(table.size());
  for (const auto& field : table) {
    fields.push_back(
        {std::string(field.name), std::string(field.unit), field.type, std::string(field.description)});
  }
  return fields;
}

template <class Record>
nlohmann::ordered_json to_json(FieldTable<Record> table, const Record& record) {
  auto json = nlohmann::ordered_json::object();
  for (const auto& field : table) json[std::string(field.name)] = to_json(field.get(record));
  return json;
}

/// Adds every field of the record to a CSV line.
template <class Record>
void add_fields(CsvLine& line, FieldTable<Record> table, const Record& record) {
  for (const auto& field : table) add_field(line, field.get(record));
}

/// A part of a page about a file format: prose, then a table of fields.
struct FormatSection {
  std::string title;  ///< Empty: no heading.
  std::string text;   ///< Markdown; may be empty.
  std::vector<FieldDescription> fields;
};

/// A page of docs/formats/.
struct FormatPage {
  std::string file;  ///< "samples.md".
  std::string title;
  std::vector<FormatSection> sections;
};

/// The page as it stands in docs/formats/.
std::string to_markdown(const FormatPage& page);

}  // namespace thaw
