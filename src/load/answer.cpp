#include "load/answer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace thaw {
namespace {

/// What stands behind `"key":` in a flat JSON object; empty when it is not there.
std::string_view behind(std::string_view body, std::string_view quoted_key) {
  const std::size_t at = body.find(quoted_key);
  if (at == std::string_view::npos) return {};
  std::string_view rest = body.substr(at + quoted_key.size());
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == ':')) rest.remove_prefix(1);
  return rest;
}

std::int64_t json_count(std::string_view body, std::string_view quoted_key) {
  const std::string_view rest = behind(body, quoted_key);
  std::int64_t value = missing_ns;
  std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return value;
}

std::string_view json_text(std::string_view body, std::string_view quoted_key) {
  std::string_view rest = behind(body, quoted_key);
  if (rest.empty() || rest.front() != '"') return {};
  rest.remove_prefix(1);
  return rest.substr(0, rest.find('"'));
}

/// What `thaw serve` says of invocations that its event log calls drops.
constexpr std::array<std::string_view, 3> drop_reasons = {"no-memory", "queue-full", "queue-timeout"};

}  // namespace

Cause cause_of_status(std::string_view thaw_error) {
  const bool is_drop = std::find(drop_reasons.begin(), drop_reasons.end(), thaw_error) != drop_reasons.end();
  return is_drop ? Cause::platform_dropped : Cause::status;
}

void set_instance(Invocation& invocation, std::string_view name) {
  name = name.substr(0, invocation.instance.size() - 1);
  const auto end = std::copy(name.begin(), name.end(), invocation.instance.begin());
  *end = '\0';
}

void read_answer(const AnswerParts& answer, Invocation& invocation) {
  if (!answer.cold.empty()) {
    invocation.knows_cold = true;
    invocation.is_cold = answer.cold == "1" || answer.cold == "true";
  }
  if (!answer.instance.empty()) set_instance(invocation, answer.instance);
  if (answer.body.empty() || answer.body.front() != '{') return;
  invocation.actual_us = json_count(answer.body, "\"ExecutionTime\"");
  if (invocation.actual_us == missing_ns)
    invocation.actual_us = json_count(answer.body, "\"DurationInMicroSec\"");
  invocation.actual_memory_kib = json_count(answer.body, "\"MemoryUsageInKb\"");
  if (answer.instance.empty()) set_instance(invocation, json_text(answer.body, "\"MachineName\""));
}

}  // namespace thaw
