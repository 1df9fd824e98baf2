#include "platform/function_spec.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

tl::unexpected<Error> wrong(std::string_view key, std::string_view wanted, const Json& got) {
  return fail(ErrorKind::bad_usage, "{} must be {}, got {}", key, wanted, got.dump());
}

Result<> read(std::string_view key, const Json& json, std::string& text) {
  if (!json.is_string()) return wrong(key, "text", json);
  text = json.get<std::string>();
  return {};
}

Result<> read(std::string_view key, const Json& json, std::vector<std::string>& words) {
  if (json.is_string()) {
    for (const std::string_view word : split_fields(json.get_ref<const std::string&>()))
      words.emplace_back(word);
    return {};
  }
  if (!json.is_array()) return wrong(key, "a list of words", json);
  for (const Json& word : json) {
    words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
  }
  return {};
}

Result<> read(std::string_view key, const Json& json, std::map<std::string, std::string>& variables) {
  if (!json.is_object()) return wrong(key, "a map of names to values", json);
  for (const auto& [name, value] : json.items()) {
    variables[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return {};
}

Result<> read(std::string_view key, const Json& json, bool& value) {
  if (!json.is_boolean()) return wrong(key, "true or false", json);
  value = json.get<bool>();
  return {};
}

Result<> read(std::string_view key, const Json& json, double& value) {
  if (!json.is_number() || json.get<double>() < 0) return wrong(key, "a number from 0 on", json);
  value = json.get<double>();
  return {};
}

template <class Integer>
requires std::is_unsigned_v<Integer> Result<> read(std::string_view key, const Json& json, Integer& value) {
  constexpr auto most = std::numeric_limits<Integer>::max();
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > most) {
    return wrong(key, fmt::format("a whole number from 0 to {}", most), json);
  }
  value = static_cast<Integer>(json.get<std::uint64_t>());
  return {};
}

Result<> read(std::string_view key, const Json& json, Nanos& value) {
  if (!json.is_string()) return wrong(key, "a duration such as \"30s\"", json);
  auto duration = parse_duration(json.get_ref<const std::string&>());
  if (!duration) return tl::unexpected(std::move(duration).error().in(key));
  value = *duration;
  return {};
}

Result<> read(std::string_view key, const Json& json, std::optional<Nanos>& value) {
  value.emplace();
  return read(key, json, *value);
}

Result<> read(std::string_view key, const Json& json, Bytes& value) {
  if (!json.is_string()) return wrong(key, "an amount such as \"128MiB\"", json);
  auto bytes = parse_bytes(json.get_ref<const std::string&>());
  if (!bytes) return tl::unexpected(std::move(bytes).error().in(key));
  value = *bytes;
  return {};
}

Json json_of(const std::string& text) { return text; }
Json json_of(const std::vector<std::string>& words) { return words; }
Json json_of(const std::map<std::string, std::string>& variables) { return variables; }
Json json_of(bool value) { return value; }
Json json_of(double value) { return value; }
Json json_of(std::uint32_t value) { return value; }
Json json_of(std::uint16_t value) { return value; }
Json json_of(Nanos value) { return format_duration(value); }
Json json_of(const std::optional<Nanos>& value) { return value ? Json(format_duration(*value)) : Json(); }
Json json_of(Bytes value) { return format_bytes(value); }

/// A key of a function's description: how it is read, and how it is written.
struct Key {
  std::string_view name;
  Result<> (*read)(const Json& json, FunctionSpec& spec);
  Json (*write)(const FunctionSpec& spec);
};

#define THAW_SPEC_KEY(text, member)                                                                       \
  Key {                                                                                                   \
    text, [](const Json& json, FunctionSpec& spec) -> Result<> { return read(text, json, spec.member); }, \
        [](const FunctionSpec& spec) { return json_of(spec.member); }                                     \
  }
constexpr Key keys[] = {
    THAW_SPEC_KEY("name", name),
    THAW_SPEC_KEY("sandbox", sandbox),
    THAW_SPEC_KEY("command", command),
    THAW_SPEC_KEY("env", environment),
    THAW_SPEC_KEY("image", image),
    THAW_SPEC_KEY("port", port),
    THAW_SPEC_KEY("network", network),
    THAW_SPEC_KEY("memory", memory),
    THAW_SPEC_KEY("limit_memory", limits_memory),
    THAW_SPEC_KEY("cpus", cpus),
    THAW_SPEC_KEY("init", init),
    THAW_SPEC_KEY("execution", execution),
    THAW_SPEC_KEY("timeout", timeout),
    THAW_SPEC_KEY("start_timeout", start_timeout),
    THAW_SPEC_KEY("concurrency", concurrency),
    THAW_SPEC_KEY("min_instances", min_instances),
    THAW_SPEC_KEY("max_instances", max_instances),
    THAW_SPEC_KEY("ttl", ttl),
    THAW_SPEC_KEY("protocol", protocol),
    THAW_SPEC_KEY("work", work),
};
#undef THAW_SPEC_KEY

const Key* find_key(std::string_view name) {
  const auto found =
      std::find_if(std::begin(keys), std::end(keys), [&](const Key& key) { return key.name == name; });
  return found == std::end(keys) ? nullptr : found;
}

Result<> check(const FunctionSpec& spec) {
  THAW_CHECK(check_function_name(spec.name));
  if (spec.memory.count() <= 0) return fail(ErrorKind::bad_usage, "memory must be above 0");
  if (spec.concurrency == 0) return fail(ErrorKind::bad_usage, "concurrency must be at least 1");
  if (spec.timeout <= Nanos::zero()) return fail(ErrorKind::bad_usage, "timeout must be above 0");
  if (spec.start_timeout <= Nanos::zero()) return fail(ErrorKind::bad_usage, "start_timeout must be above 0");
  if (spec.max_instances != 0 && spec.min_instances > spec.max_instances) {
    return fail(ErrorKind::bad_usage, "min_instances is {}, above max_instances, which is {}",
                spec.min_instances, spec.max_instances);
  }
  if (spec.protocol != "http1" && spec.protocol != "h2c" && spec.protocol != "auto") {
    return fail(ErrorKind::bad_usage, "protocol must be auto, http1 or h2c, got \"{}\"", spec.protocol);
  }
  return {};
}

}  // namespace

std::string format_bytes(Bytes bytes) {
  struct Unit {
    std::int64_t size;
    std::string_view name;
  };
  static constexpr Unit units[] = {{1LL << 30, "GiB"}, {1'000'000'000, "GB"}, {1LL << 20, "MiB"},
                                   {1'000'000, "MB"},  {1LL << 10, "KiB"},    {1'000, "kB"}};
  for (const Unit& unit : units) {
    if (bytes.count() != 0 && bytes.count() % unit.size == 0)
      return fmt::format("{}{}", bytes.count() / unit.size, unit.name);
  }
  return fmt::format("{}B", bytes.count());
}

Result<> check_function_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (!name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), is_allowed)) return {};
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" cannot be a function's name", name), {},
                 "use letters, digits, '.', '_' and '-'");
}

Result<FunctionSpec> read_function_spec(const nlohmann::ordered_json& json, std::string_view name,
                                        const FunctionSpec& defaults) {
  if (!json.is_object()) return fail(ErrorKind::bad_usage, "a function is described by an object");
  FunctionSpec spec = defaults;
  spec.name = name;
  for (const auto& [word, value] : json.items()) {
    const Key* const found = find_key(word);
    if (found == nullptr) {
      std::vector<std::string> known;
      for (const Key& one : keys) known.emplace_back(one.name);
      return fail_at(ErrorKind::bad_usage, fmt::format("unknown key \"{}\"", word), {}, suggest(word, known));
    }
    if (word == "command") spec.command.clear();
    THAW_CHECK(found->read(value, spec));
  }
  // A program of this machine is nothing to a container, and the other way round.
  if (spec.sandbox != defaults.sandbox && !json.contains("command")) spec.command.clear();
  if (!name.empty() && spec.name != name) {
    return fail(ErrorKind::bad_usage, "the name is \"{}\" here and \"{}\" there", name, spec.name);
  }
  THAW_CHECK(check(spec));
  return spec;
}

nlohmann::ordered_json to_json(const FunctionSpec& spec) {
  static const FunctionSpec plain;
  Json json = Json::object();
  for (const Key& one : keys) {
    if (Json value = one.write(spec); value != one.write(plain))
      json[std::string(one.name)] = std::move(value);
  }
  json["memory"] = format_bytes(spec.memory);
  return json;
}

}  // namespace thaw
