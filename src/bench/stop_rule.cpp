#include "bench/stop_rule.h"

#include <algorithm>
#include <vector>

#include "core/text.h"

namespace thaw {

#define STOP_RULE(id, name, summary, reference, aliases, unnamed)     \
  namespace rules {                                                   \
  std::span<const ParameterSpec> id##_parameters();                   \
  Result<std::unique_ptr<StopRule>> make_##id(const RuleParameters&); \
  }
#include "bench/rules.inc"
#undef STOP_RULE

std::span<const StopRuleEntry> stop_rules() {
#define STOP_RULE(id, name, summary, reference, aliases, unnamed) \
  StopRuleEntry{name, summary, reference, aliases, unnamed, rules::id##_parameters(), &rules::make_##id},
  static const StopRuleEntry table[] = {
#include "bench/rules.inc"
  };
#undef STOP_RULE
  return table;
}

namespace {

bool is_called(std::string_view word, std::string_view name, std::string_view aliases) {
  const std::string wanted = to_lower(word);
  if (wanted == name) return true;
  const auto others = split_fields(aliases);
  return std::find(others.begin(), others.end(), wanted) != others.end();
}

/// A plain number or a percentage.
std::optional<double> parse_share(std::string_view text) {
  if (!text.ends_with('%')) return parse_number(text);
  text.remove_suffix(1);
  const auto percent = parse_number(trim(text));
  return percent ? std::optional(*percent / 100) : std::nullopt;
}

}  // namespace

RuleParameters::RuleParameters(std::string_view rule, std::span<const ParameterSpec> specs,
                               std::uint64_t seed)
    : rule_(rule), specs_(specs), seed_(seed) {}

Result<> RuleParameters::set(std::string_view name, std::string_view value) {
  for (const ParameterSpec& spec : specs_) {
    if (!is_called(name, spec.name, spec.aliases)) continue;
    if (!values_.emplace(spec.name, value).second) {
      return fail(ErrorKind::bad_usage, "rule {} has two values for {}", rule_, spec.name);
    }
    return {};
  }
  std::vector<std::string> names;
  for (const ParameterSpec& spec : specs_) names.emplace_back(spec.name);
  return fail_at(ErrorKind::bad_usage, fmt::format(R"(rule {} has no parameter "{}")", rule_, name), {},
                 suggest(name, names));
}

bool RuleParameters::is_set(std::string_view name) const { return values_.find(name) != values_.end(); }

std::string_view RuleParameters::text(std::string_view name) const {
  if (const auto given = values_.find(name); given != values_.end()) return given->second;
  const auto spec = std::ranges::find(specs_, name, &ParameterSpec::name);
  THAW_ASSERT(spec != specs_.end(), "rule {} reads a parameter {} that its table lacks", rule_, name);
  return spec->fallback;
}

Result<double> RuleParameters::number(std::string_view name, double low, double high) const {
  const auto value = parse_share(text(name));
  if (!value || *value < low || *value > high) {
    return fail(ErrorKind::bad_usage, "{} of rule {} must be a number from {} to {}, got \"{}\"", name, rule_,
                format_number(low), format_number(high), text(name));
  }
  return *value;
}

Result<std::uint64_t> RuleParameters::integer(std::string_view name, std::uint64_t low) const {
  const auto value = parse_integer(text(name));
  if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < low) {
    return fail(ErrorKind::bad_usage, "{} of rule {} must be an integer of at least {}, got \"{}\"", name,
                rule_, low, text(name));
  }
  return static_cast<std::uint64_t>(*value);
}

Result<std::uint64_t> RuleParameters::limit(std::string_view name) const {
  if (to_lower(text(name)) == "none") return unlimited;
  const auto value = parse_integer(text(name));
  if (!value || *value < 0) {
    return fail(ErrorKind::bad_usage, "{} of rule {} must be an integer or \"none\", got \"{}\"", name, rule_,
                text(name));
  }
  return *value == 0 ? unlimited : static_cast<std::uint64_t>(*value);
}

Result<Nanos> RuleParameters::duration(std::string_view name) const {
  auto value = parse_duration(text(name));
  if (value && *value > Nanos::zero()) return value;
  return fail_at(
      ErrorKind::bad_usage,
      fmt::format("{} of rule {} must be a duration above zero, got \"{}\"", name, rule_, text(name)), {},
      value ? std::string() : std::move(value).error().hint);
}

std::string RuleParameters::describe() const {
  std::string described = rule_;
  char separator = ':';
  for (const ParameterSpec& spec : specs_) {
    described += fmt::format("{}{}={}", separator, spec.name, text(spec.name));
    separator = ',';
  }
  return described;
}

Result<const StopRuleEntry*> find_stop_rule(std::string_view name) {
  std::vector<std::string> names;
  for (const StopRuleEntry& entry : stop_rules()) {
    if (is_called(name, entry.name, entry.aliases)) return &entry;
    names.emplace_back(entry.name);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no stopping rule \"{}\"", name), {},
                 suggest(name, names));
}

Result<std::unique_ptr<StopRule>> make_stop_rule(std::string_view text, std::uint64_t seed) {
  text = trim(text);
  if (const auto count = parse_integer(text)) {
    if (*count < 1) {
      return fail_at(ErrorKind::bad_usage,
                     fmt::format("a count of repetitions must be at least 1, got {}", *count), {},
                     "write count:max=none to repeat until interrupted");
    }
    return make_stop_rule(fmt::format("count:max={}", *count), seed);
  }
  const auto colon = text.find(':');
  THAW_TRY(const StopRuleEntry* entry, find_stop_rule(trim(text.substr(0, colon))));
  RuleParameters parameters(entry->name, entry->parameters, seed);
  if (colon == std::string_view::npos) return entry->make(parameters);
  for (const std::string_view part : split(text.substr(colon + 1), ',')) {
    const auto equals = part.find('=');
    if (equals != std::string_view::npos) {
      THAW_CHECK(parameters.set(trim(part.substr(0, equals)), trim(part.substr(equals + 1))));
    } else if (!trim(part).empty() && !entry->unnamed.empty()) {
      THAW_CHECK(parameters.set(entry->unnamed, trim(part)));
    } else {
      return fail(ErrorKind::bad_usage, R"(expected name=value after "{}:", got "{}")", entry->name, part);
    }
  }
  return entry->make(parameters);
}

}  // namespace thaw
