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
  RuleParameters parameters(fmt::format("rule {}", entry->name), entry->name, entry->parameters, seed);
  if (colon != std::string_view::npos) THAW_CHECK(parameters.set_all(text.substr(colon + 1), entry->unnamed));
  return entry->make(parameters);
}

}  // namespace thaw
