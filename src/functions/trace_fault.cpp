#include "functions/trace_fault.h"

#include <algorithm>
#include <array>

#include "core/random.h"
#include "core/text.h"

namespace thaw::functions {
namespace {

struct Name {
  std::string_view text;
  FaultKind kind;
};
constexpr std::array names = {
    Name{"delay", FaultKind::delay}, Name{"status", FaultKind::status},
    Name{"hang", FaultKind::hang},   Name{"crash", FaultKind::crash},
    Name{"exit", FaultKind::exit},   Name{"garbage", FaultKind::garbage},
    Name{"reset", FaultKind::reset}, Name{"truncate", FaultKind::truncate},
};

tl::unexpected<Error> malformed(std::string_view rule, std::string_view why) {
  return fail_at(
      ErrorKind::bad_usage, fmt::format("fault \"{}\": {}", rule, why), "fault",
      "write for example status=503:5%, delay=20ms, hang, crash:0.001, exit=3, garbage, reset or truncate");
}

/// A value is needed by some kinds and wrong for the others.
Result<> set_value(FaultRule& rule, std::string_view whole, std::string_view value) {
  if (rule.kind == FaultKind::delay) {
    auto delay = parse_duration(value);
    if (!delay) return malformed(whole, "the time is malformed");
    rule.delay = *delay;
    return {};
  }
  const bool has_number = rule.kind == FaultKind::status || rule.kind == FaultKind::exit;
  if (!has_number) return value.empty() ? Result<>() : malformed(whole, "it takes no value");
  const auto number = parse_integer(value);
  const std::int64_t least = rule.kind == FaultKind::status ? 200 : 0;
  const std::int64_t most = rule.kind == FaultKind::status ? 599 : 255;
  if (!number || *number < least || *number > most) {
    return malformed(whole, fmt::format("a number from {} to {} is needed", least, most));
  }
  rule.number = *number;
  return {};
}

Result<FaultRule> parse_rule(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view action = trim(text.substr(0, colon));
  const std::size_t sign = action.find('=');
  const std::string_view name = action.substr(0, sign);
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const Name& each) { return each.text == name; });
  if (found == names.end()) return malformed(text, "there is no such fault");
  FaultRule rule{.kind = found->kind};
  THAW_CHECK(
      set_value(rule, text, sign == std::string_view::npos ? std::string_view{} : action.substr(sign + 1)));
  if (colon != std::string_view::npos) {
    const auto share = parse_fraction(trim(text.substr(colon + 1)));
    if (!share || *share < 0 || *share > 1)
      return malformed(text, "the share must be from 0 to 1, or 0% to 100%");
    rule.share = *share;
  }
  return rule;
}

}  // namespace

Result<std::vector<FaultRule>> parse_faults(std::string_view text) {
  std::vector<FaultRule> rules;
  if (trim(text).empty()) return rules;
  for (const std::string_view part : split(text, ',')) {
    THAW_TRY(FaultRule rule, parse_rule(trim(part)));
    rules.push_back(rule);
  }
  return rules;
}

Fault draw_fault(const std::vector<FaultRule>& rules, std::uint64_t seed, std::uint64_t index) {
  Fault fault;
  if (rules.empty()) return fault;
  RandomStream random(seed, "functions.trace-fault", index);
  for (const FaultRule& rule : rules) {
    // Every rule draws, so that adding one at the end changes nothing for those before it.
    if (random.uniform() >= rule.share) continue;
    if (rule.kind == FaultKind::delay) {
      fault.delay += rule.delay;
    } else if (fault.kind == FaultKind::none) {
      fault.kind = rule.kind;
      fault.number = rule.number;
    }
  }
  return fault;
}

}  // namespace thaw::functions
