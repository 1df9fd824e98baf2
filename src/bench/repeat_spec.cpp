#include "bench/repeat_spec.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/text.h"

namespace thaw {
namespace {

/// A rule's name with the predecessor and the key of its parameters there.
struct FormerRule {
  std::string_view former;
  std::string_view options_key;
  std::string_view rule;
};
constexpr std::array<FormerRule, 12> former_rules = {{{"count", "cr", "count"},
                                                      {"max", "cr", "count"},
                                                      {"rse", "rse", "rse"},
                                                      {"se", "se", "rse"},
                                                      {"ci", "ci", "ci"},
                                                      {"hdi", "hdi", "hdi"},
                                                      {"bb", "bb", "bb"},
                                                      {"gmm", "gmm", "gmm"},
                                                      {"ks", "ks", "ks"},
                                                      {"dc", "dc", "decision"},
                                                      {"decision", "dc", "decision"},
                                                      {"duration", "duration", "duration"}}};

const FormerRule* find_former(std::string_view name) {
  const auto found = std::find_if(former_rules.begin(), former_rules.end(),
                                  [&](const FormerRule& rule) { return rule.former == name; });
  return found == former_rules.end() ? nullptr : found;
}

const DocumentNode* find_ignoring_case(const DocumentNode& map, std::string_view key) {
  for (const DocumentEntry& entry : map.entries()) {
    if (to_lower(entry.key) == key && entry.value.is_map()) return &entry.value;
  }
  return nullptr;
}

/// "name=value" for each parameter; what concerns no rule is left out.
Result<std::vector<std::string>> parameters(const DocumentNode& options) {
  std::vector<std::string> list;
  for (const DocumentEntry& entry : options.entries()) {
    const bool is_general =
        entry.key == "metric" || entry.key == "verbose" || entry.key == "decision_verbose";
    if (is_general || entry.value.is_map() || entry.value.is_null()) continue;
    THAW_TRY(const std::vector<std::string> values, entry.value.strings());
    const std::string value = join(values, "+");
    if (value.find(',') != std::string::npos) {
      return entry.value.error(fmt::format("a parameter of a rule must not contain a comma: \"{}\"", value));
    }
    list.push_back(entry.key + "=" + value);
  }
  return list;
}

}  // namespace

Result<RepeatSpec> parse_repeat(const DocumentNode* repeats, const DocumentNode* options) {
  RepeatSpec spec;
  if (options != nullptr && !options->is_null()) {
    THAW_CHECK(options->expect(DocumentNode::Kind::map, "repeater_options"));
    if (const DocumentNode* metric = options->find("metric")) {
      THAW_TRY(spec.metric, metric->string());
    }
  }
  if (repeats == nullptr || repeats->is_null()) return spec;
  THAW_TRY(const std::string text, repeats->string());
  // A count says it all, and so does a rule with its parameters behind it.
  if (parse_integer(text) || text.find(':') != std::string::npos) {
    spec.rule = text;
    return spec;
  }
  const FormerRule* former = find_former(to_lower(text));
  spec.rule = former == nullptr ? to_lower(text) : std::string(former->rule);
  if (options == nullptr) return spec;
  const DocumentNode* own =
      find_ignoring_case(*options, former == nullptr ? std::string_view(spec.rule) : former->options_key);
  THAW_TRY(const auto list, parameters(own == nullptr ? *options : *own));
  if (!list.empty()) spec.rule += ":" + join(list, ",");
  return spec;
}

}  // namespace thaw
