#include "functions/trace_call.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"

namespace thaw::functions {
namespace {

using nlohmann::json;

constexpr double longest_ms = 24 * 3600 * 1000.0;
constexpr double most_mib = 1 << 20;

/// A number in [0, most]. Errors: bad_usage.
Result<double> amount(std::string_view name, std::string_view text, double most) {
  const auto value = parse_number(trim(text));
  if (value && *value >= 0 && *value <= most) return *value;
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("a number from 0 to {:.0f} is needed, got \"{}\"", most, text),
                 std::string(name));
}

Result<> set_runtime(TraceRequest& request, std::string_view name, std::string_view text) {
  THAW_TRY(const double ms, amount(name, text, longest_ms));
  request.call.runtime = Nanos(std::llround(ms * 1e6));
  return {};
}

Result<> set_memory(TraceRequest& request, std::string_view name, std::string_view text) {
  THAW_TRY(const double mib, amount(name, text, most_mib));
  request.call.memory = Bytes(std::llround(mib * (1 << 20)));
  return {};
}

Result<> set_io(TraceRequest& request, std::string_view name, std::string_view text) {
  THAW_TRY(const double percent, amount(name, text, 100));
  request.call.io_share = percent / 100;
  return {};
}

Result<> set_multiplier(TraceRequest& request, std::string_view name, std::string_view text) {
  THAW_TRY(const double rounds, amount(name, text, 1e9));
  request.call.multiplier = static_cast<std::uint64_t>(rounds);
  return {};
}

Result<> set_mode(TraceRequest& request, std::string_view, std::string_view text) {
  THAW_TRY(request.call.mode, parse_mode(text));
  return {};
}

Result<> set_function(TraceRequest& request, std::string_view, std::string_view text) {
  request.function = text;
  return {};
}

Result<> set_fault(TraceRequest& request, std::string_view, std::string_view text) {
  request.fault = text;
  return {};
}

Result<> set_encoding(TraceRequest& request, std::string_view, std::string_view text) {
  request.wants_base64 = is_same_word(text, "base64");
  return {};
}

/// A name in lower case, and what it sets.
struct Meaning {
  std::string_view name;
  Result<> (*set)(TraceRequest&, std::string_view name, std::string_view text);
};

/// In the query and in JSON.
constexpr std::array meanings = {
    Meaning{"cpu", set_runtime},
    Meaning{"runtime_ms", set_runtime},
    Meaning{"runtimeinmillisec", set_runtime},
    Meaning{"memory", set_memory},
    Meaning{"memory_mib", set_memory},
    Meaning{"memoryinmebibytes", set_memory},
    Meaning{"io", set_io},
    Meaning{"io_percentage", set_io},
    Meaning{"multiplier", set_multiplier},
    Meaning{"mode", set_mode},
    Meaning{"function", set_function},
    Meaning{"encoding", set_encoding},
};

constexpr std::array header_meanings = {
    Meaning{"requested_cpu", set_runtime},  Meaning{"requested_memory", set_memory},
    Meaning{"io_percentage", set_io},       Meaning{"multiplier", set_multiplier},
    Meaning{"function", set_function},      Meaning{"x-thaw-mode", set_mode},
    Meaning{"x-thaw-runtime", set_runtime}, Meaning{"x-thaw-memory", set_memory},
    Meaning{"x-thaw-fault", set_fault},
};

template <std::size_t N>
const Meaning* find(const std::array<Meaning, N>& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Meaning& each) { return is_same_word(name, each.name); });
  return found == table.end() ? nullptr : &*found;
}

Result<> apply_json(TraceRequest& request, const json& object) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_object() && name == "value") THAW_CHECK(apply_json(request, value));
    const Meaning* const meaning = find(meanings, name);
    if (meaning == nullptr || value.is_null()) continue;
    // Text that holds a number counts as the number: some callers quote everything.
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    THAW_CHECK(meaning->set(request, name, text));
  }
  return {};
}

Result<> apply_json_text(TraceRequest& request, std::string_view text) {
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return fail(ErrorKind::bad_usage, "the JSON is no object: {}", text.substr(0, 60));
  return apply_json(request, parsed);
}

Result<> apply_query(TraceRequest& request, std::string_view query) {
  if (query.starts_with('{') || query.starts_with("%7B") || query.starts_with("%7b")) {
    const auto text = decode_query_text(query);
    return apply_json_text(request, text.value_or(""));
  }
  for (const std::string_view part : split(query, '&')) {
    const std::size_t sign = std::min(part.find('='), part.size());
    const Meaning* const meaning = find(meanings, part.substr(0, sign));
    if (meaning == nullptr) continue;
    const auto value = decode_query_text(part.substr(std::min(sign + 1, part.size())));
    if (!value) return fail(ErrorKind::bad_usage, "a %-escape of the query is malformed: {}", part);
    THAW_CHECK(meaning->set(request, meaning->name, *value));
  }
  return {};
}

}  // namespace

Result<TraceCall::Mode> parse_mode(std::string_view text) {
  if (text == "cpu") return TraceCall::Mode::cpu;
  if (text == "wall") return TraceCall::Mode::wall;
  if (text == "sleep") return TraceCall::Mode::sleep;
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no mode \"{}\"", text), "mode",
                 "cpu, wall or sleep");
}

Result<TraceRequest> read_trace_request(const HttpRequest& request, const TraceCall& defaults) {
  TraceRequest read{.call = defaults};
  for (const auto& [name, value] : request.headers) {
    if (const Meaning* const meaning = find(header_meanings, name))
      THAW_CHECK(meaning->set(read, name, value));
  }
  // Bodies that are no JSON are payload: loaders send random bytes to move them.
  const auto type = request.header("content-type");
  const bool is_declared_json = type && is_same_word(type->substr(0, type->find(';')), "application/json");
  const std::string_view body = trim(request.body);
  if (body.starts_with('{') || (is_declared_json && !body.empty())) THAW_CHECK(apply_json_text(read, body));
  if (const std::string_view query = request.query(); !query.empty()) THAW_CHECK(apply_query(read, query));
  return read;
}

}  // namespace thaw::functions
