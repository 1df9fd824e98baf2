#include "sim/outcome_lines.h"

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "sim/simulation.h"

namespace thaw {
namespace {

using Json = nlohmann::json;

Result<std::uint64_t> count_at(const Json& line, const char* key) {
  const auto found = line.find(key);
  if (found == line.end() || !found->is_number_unsigned()) {
    return fail(ErrorKind::bad_input, "\"{}\" is missing or no count", key);
  }
  return found->get<std::uint64_t>();
}

Result<SimulationOutcome> outcome_of(const Json& line) {
  if (!line.is_object() || !line.contains("policy") || !line["policy"].is_string()) {
    return fail(ErrorKind::bad_input, "there is no \"policy\"");
  }
  SimulationOutcome outcome;
  outcome.point.policy = line["policy"].get<std::string>();
  if (!line.contains("memory_mb") || !(line["memory_mb"].is_number() || line["memory_mb"].is_null())) {
    return fail(ErrorKind::bad_input, "\"memory_mb\" is missing or no number");
  }
  // Unlimited memory has no JSON number.
  outcome.point.memory_mb =
      line["memory_mb"].is_null() ? std::numeric_limits<double>::infinity() : line["memory_mb"].get<double>();
  if (line.contains("model") && line["model"].is_string()) {
    THAW_TRY(outcome.point.model, parse_model(line["model"].get<std::string>()));
  }
  THAW_TRY(outcome.invocations, count_at(line, "invocations"));
  THAW_TRY(outcome.cold, count_at(line, "cold"));
  THAW_TRY(outcome.warm, count_at(line, "warm"));
  THAW_TRY(outcome.dropped, count_at(line, "dropped"));
  if (outcome.cold + outcome.warm + outcome.dropped != outcome.invocations) {
    return fail(ErrorKind::bad_input, "cold + warm + dropped is {}, but there are {} invocations",
                outcome.cold + outcome.warm + outcome.dropped, outcome.invocations);
  }
  return outcome;
}

/// The list in a JSON document, or null.
const Json* list_in(const Json& document) {
  if (document.is_array()) return &document;
  if (!document.is_object()) return nullptr;
  for (const char* key : {"points", "results"}) {
    const auto found = document.find(key);
    if (found != document.end() && found->is_array()) return &*found;
  }
  return nullptr;
}

}  // namespace

Result<std::vector<SimulationOutcome>> read_outcomes(std::string_view text) {
  std::vector<SimulationOutcome> outcomes;
  const Json whole = Json::parse(text, nullptr, false);
  if (const Json* list = list_in(whole)) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      auto outcome = outcome_of((*list)[i]);
      if (!outcome) return tl::unexpected(std::move(outcome).error().in(fmt::format("element {}", i)));
      outcomes.push_back(*std::move(outcome));
    }
    return outcomes;
  }
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    if (trim(line).empty()) continue;
    const Json parsed = Json::parse(line, nullptr, false);
    if (parsed.is_discarded())
      return fail_at(ErrorKind::bad_input, "this is not JSON", std::to_string(number));
    auto outcome = outcome_of(parsed);
    if (!outcome) return tl::unexpected(std::move(outcome).error().in(std::to_string(number)));
    outcomes.push_back(*std::move(outcome));
  }
  return outcomes;
}

}  // namespace thaw
