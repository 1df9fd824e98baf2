// The text form of extractors.

#include <array>
#include <cmath>

#include "bench/extract.h"
#include "core/text.h"

namespace thaw {
namespace {

using Node = DocumentNode;

Result<std::string> required_text(const Node& node) {
  THAW_TRY(std::string text, node.string());
  if (text.empty()) return node.error("the text to look for is empty");
  return text;
}

Result<ExtractorForm> read_regex(const Node& node, const Node&) {
  THAW_TRY(const std::string text, required_text(node));
  auto pattern = Pattern::compile(text);
  if (!pattern) return tl::unexpected(std::move(pattern).error().in(node.place()));
  return ExtractorForm(RegexForm{*std::move(pattern)});
}

Result<ExtractorForm> read_last_field(const Node& node, const Node&) {
  THAW_TRY(std::string text, required_text(node));
  return ExtractorForm(FieldForm{-1, LineTest::contains, std::move(text)});
}

Result<ExtractorForm> read_field(const Node& node, const Node& whole) {
  THAW_TRY(const std::int64_t field, node.integer());
  if (field == 0 || std::abs(field) > 100'000)
    return node.error(fmt::format("there is no field {}", field), "fields count from 1, or from the end: -1");
  const Node* containing = whole.find("of_line_containing");
  const Node* starting = whole.find("of_line_starting_with");
  if ((containing == nullptr) == (starting == nullptr)) {
    return whole.error("field needs the line it is in",
                       "add of_line_containing: TEXT or of_line_starting_with: TEXT");
  }
  THAW_TRY(std::string text, required_text(containing != nullptr ? *containing : *starting));
  const LineTest test = containing != nullptr ? LineTest::contains : LineTest::starts_with;
  return ExtractorForm(FieldForm{static_cast<int>(field), test, std::move(text)});
}

Result<ExtractorForm> read_text_after(const Node& node, const Node&) {
  THAW_TRY(std::string text, required_text(node));
  return ExtractorForm(TextAfterForm{std::move(text)});
}

Result<ExtractorForm> read_json(const Node& node, const Node&) {
  THAW_TRY(std::string pointer, node.string());
  if (!pointer.empty() && !pointer.starts_with('/')) {
    return node.error(fmt::format("the JSON pointer '{}' does not start with /", pointer),
                      fmt::format("write /{}", pointer));
  }
  for (std::size_t at = 0; (at = pointer.find('~', at)) != std::string::npos; ++at) {
    const char next = at + 1 < pointer.size() ? pointer[at + 1] : ' ';
    if (next != '0' && next != '1') {
      return node.error(fmt::format("the JSON pointer '{}' has a ~ without 0 or 1", pointer),
                        "write ~0 for ~ and ~1 for /");
    }
  }
  return ExtractorForm(JsonForm{std::move(pointer)});
}

Result<ExtractorForm> read_perf_event(const Node& node, const Node&) {
  THAW_TRY(std::string event, required_text(node));
  return ExtractorForm(PerfEventForm{std::move(event)});
}

Result<ExtractorForm> read_ratio(const Node& node, const Node&) {
  if (node.items().size() != 2) return node.error("ratio takes two extractors, [dividend, divisor]");
  RatioForm ratio;
  for (const Node& operand : node.items()) {
    THAW_TRY(ratio.operands.emplace_back(), parse_extractor(operand, "ratio"));
  }
  return ExtractorForm(std::move(ratio));
}

template <class Form>
Result<ExtractorForm> read_flag(const Node& node, const Node&) {
  THAW_TRY(const bool is_on, node.boolean());
  if (!is_on) return node.error("a form cannot be false", "leave it out");
  return ExtractorForm(Form{});
}

Result<ExtractorForm> read_mpip(const Node& node, const Node&) {
  THAW_TRY(std::string pattern, required_text(node));
  return ExtractorForm(MpipReportForm{std::move(pattern)});
}

struct FormEntry {
  std::string_view key;
  bool is_auto;
  Result<ExtractorForm> (*read)(const Node& node, const Node& whole);
};

constexpr std::array<FormEntry, 11> forms = {{
    {"regex", false, read_regex},
    {"last_field", false, read_last_field},
    {"field", false, read_field},
    {"text_after", false, read_text_after},
    {"json", false, read_json},
    {"perf_event", false, read_perf_event},
    {"ratio", false, read_ratio},
    {"name_value", true, read_flag<NameValueForm>},
    {"strace_table", true, read_flag<StraceTableForm>},
    {"mpip_report", true, read_mpip},
    {"sensors", true, read_flag<SensorsForm>},
}};

constexpr std::array<std::string_view, 5> options = {"of_line_containing", "of_line_starting_with", "from",
                                                     "strip", "scale"};

Result<> read_source(const Node& node, Extractor& extractor) {
  THAW_TRY(const std::string text, node.string());
  if (text == "output") return {};
  if (text == "stdout") {
    extractor.source = Extractor::Source::out;
  } else if (text == "stderr") {
    extractor.source = Extractor::Source::err;
  } else if (text.starts_with("file:") && text.size() > 5) {
    extractor.source = Extractor::Source::file;
    extractor.path = text.substr(5);
  } else {
    return node.error(fmt::format("unknown source '{}'", text), "one of output, stdout, stderr, file:PATH");
  }
  return {};
}

Result<> read_options(const Node& node, Extractor& extractor) {
  if (const Node* from = node.find("from")) THAW_CHECK(read_source(*from, extractor));
  if (const Node* strip = node.find("strip")) {
    THAW_TRY(extractor.strip, strip->string());
  }
  if (const Node* scale = node.find("scale")) {
    THAW_TRY(extractor.scale, scale->number());
    if (extractor.scale == 0) return scale->error("a scale of 0 would make every value 0");
  }
  return {};
}

Result<const FormEntry*> find_form(const Node& node) {
  const FormEntry* found = nullptr;
  for (const FormEntry& form : forms) {
    if (node.find(form.key) == nullptr) continue;
    if (found != nullptr)
      return node.error(fmt::format("both {} and {} are given", found->key, form.key), "keep one");
    found = &form;
  }
  if (found != nullptr) return found;
  std::vector<std::string> names;
  for (const FormEntry& form : forms) names.emplace_back(form.key);
  return node.error("extract does not say how", "give one of " + join(names, ", "));
}

}  // namespace

Result<Extractor> parse_extractor(const Node& node, std::string_view metric) {
  Extractor extractor;
  extractor.is_auto = metric == "auto";
  if (node.is_scalar()) {
    if (trim(node.text()).empty())
      return node.error("extract is empty", "give shell text or one of the forms");
    extractor.form = ShellForm{node.text()};
    return extractor;
  }
  THAW_CHECK(node.expect(Node::Kind::map, "extract"));
  std::vector<std::string_view> allowed(options.begin(), options.end());
  for (const FormEntry& form : forms) allowed.push_back(form.key);
  THAW_CHECK(check_keys(node, allowed));

  THAW_TRY(const FormEntry* form, find_form(node));
  if (form->is_auto != extractor.is_auto) {
    return node.error(
        form->is_auto ? fmt::format("{} makes many columns, but the metric is called {}", form->key, metric)
                      : fmt::format("{} makes one column, but the metric is called auto", form->key),
        form->is_auto ? "call the metric auto" : "give the metric a name of its own");
  }
  THAW_TRY(extractor.form, form->read(*node.find(form->key), node));
  THAW_CHECK(read_options(node, extractor));
  return extractor;
}

}  // namespace thaw
