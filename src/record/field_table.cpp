#include "record/field_table.h"

#include <cmath>

#include "core/text.h"

namespace thaw {
namespace {

template <class... Callables>
struct Overloaded : Callables... {
  using Callables::operator()...;
};
template <class... Callables>
Overloaded(Callables...) -> Overloaded<Callables...>;

std::string compact(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// A cell of a Markdown table: one line, bars escaped.
std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c == '\n' ? ' ' : c;
  }
  return cell;
}

}  // namespace

std::string_view type_name(FieldType type) {
  switch (type) {
    case FieldType::boolean:
      return "boolean";
    case FieldType::integer:
      return "integer";
    case FieldType::number:
      return "number";
    case FieldType::text:
      return "text";
    case FieldType::time:
      return "time";
    case FieldType::object:
      return "object";
    case FieldType::list:
      return "list";
  }
  return "text";
}

std::string to_text(const FieldValue& value) {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string(); },
                        [](bool truth) { return std::string(truth ? "true" : "false"); },
                        [](std::int64_t number) { return std::to_string(number); },
                        [](double number) { return format_number(number); },
                        [](const std::string& text) { return text; },
                        [](const nlohmann::ordered_json& json) { return compact(json); },
                    },
                    value);
}

nlohmann::ordered_json to_json(const FieldValue& value) {
  using Json = nlohmann::ordered_json;
  return std::visit(Overloaded{
                        [](std::monostate) { return Json(); },
                        [](double number) { return std::isfinite(number) ? Json(number) : Json(); },
                        [](const auto& other) { return Json(other); },
                    },
                    value);
}

void add_field(CsvLine& line, const FieldValue& value) {
  std::visit(Overloaded{
                 [&](std::monostate) { line.add_missing(); },
                 [&](bool truth) { line.add(std::string_view(truth ? "true" : "false")); },
                 [&](std::int64_t number) { line.add(number); },
                 [&](double number) { line.add(number); },
                 [&](const std::string& text) { line.add(std::string_view(text)); },
                 [&](const nlohmann::ordered_json& json) { line.add(std::string_view(compact(json))); },
             },
             value);
}

std::string to_markdown(const FormatPage& page) {
  std::string text = fmt::format("# {}\n", page.title);
  for (const FormatSection& section : page.sections) {
    if (!section.title.empty()) text += fmt::format("\n## {}\n", section.title);
    if (!section.text.empty()) text += fmt::format("\n{}\n", section.text);
    if (section.fields.empty()) continue;
    text += "\n| field | unit | type | meaning |\n|---|---|---|---|\n";
    for (const FieldDescription& field : section.fields) {
      text += fmt::format("| `{}` | {} | {} | {} |\n", markdown_cell(field.name), markdown_cell(field.unit),
                          type_name(field.type), markdown_cell(field.description));
    }
  }
  return text;
}

}  // namespace thaw
