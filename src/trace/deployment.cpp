#include "trace/deployment.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace thaw {
namespace {

using Json = nlohmann::json;

Result<Json> parse_document(std::string_view text, std::string_view place, bool is_array) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Json document = Json::parse(text.begin(), text.end(), nullptr, false);
  if (document.is_discarded() || (is_array ? !document.is_array() : !document.is_object())) {
    return fail_at(ErrorKind::bad_input, is_array ? "this is no JSON array" : "this is no JSON object",
                   std::string(place));
  }
  return document;
}

tl::unexpected<Error> malformed(std::string_view entry, std::string_view key, std::string_view wanted,
                                std::string_view place) {
  return fail_at(ErrorKind::bad_input, fmt::format("{} of \"{}\" must be {}", key, entry, wanted),
                 std::string(place));
}

/// Texts of an array under a key; none when the key is absent.
Result<std::vector<std::string>> texts_at(const Json& object, const char* key, std::string_view entry,
                                          std::string_view place) {
  std::vector<std::string> texts;
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return texts;
  if (!found->is_array()) return malformed(entry, key, "an array of texts", place);
  for (const Json& value : *found) {
    if (!value.is_string()) return malformed(entry, key, "an array of texts", place);
    texts.push_back(value.get<std::string>());
  }
  return texts;
}

struct TextField {
  const char* key;
  std::string DirigentFunction::*value;
};
constexpr std::array text_fields = {TextField{"HashFunction", &DirigentFunction::function},
                                    TextField{"Image", &DirigentFunction::image},
                                    TextField{"Protocol", &DirigentFunction::protocol},
                                    TextField{"NodeAffinity", &DirigentFunction::node_affinity}};

struct NumberField {
  const char* key;
  std::int64_t DirigentFunction::*value;
};
constexpr std::array number_fields = {
    NumberField{"Port", &DirigentFunction::port},
    NumberField{"NodePort", &DirigentFunction::node_port},
    NumberField{"ScalingUpperBound", &DirigentFunction::scaling_upper_bound},
    NumberField{"ScalingLowerBound", &DirigentFunction::scaling_lower_bound},
    NumberField{"IterationMultiplier", &DirigentFunction::iteration_multiplier},
    NumberField{"IOPercentage", &DirigentFunction::io_percentage},
    NumberField{"NumArgs", &DirigentFunction::number_of_arguments},
    NumberField{"NumRets", &DirigentFunction::number_of_results}};

Result<DirigentFunction> read_entry(const Json& object, const std::string& entry, std::string_view place) {
  if (!object.is_object()) return malformed(entry, "the entry", "an object", place);
  DirigentFunction function;
  for (const TextField& field : text_fields) {
    const auto found = object.find(field.key);
    if (found == object.end() || found->is_null()) continue;
    if (!found->is_string()) return malformed(entry, field.key, "a text", place);
    function.*field.value = found->get<std::string>();
  }
  for (const NumberField& field : number_fields) {
    const auto found = object.find(field.key);
    if (found == object.end() || found->is_null()) continue;
    if (!found->is_number_integer()) return malformed(entry, field.key, "a whole number", place);
    function.*field.value = found->get<std::int64_t>();
  }
  THAW_TRY(function.environment, texts_at(object, "EnvVars", entry, place));
  THAW_TRY(function.arguments, texts_at(object, "ProgramArgs", entry, place));
  if (function.function.empty()) return malformed(entry, "HashFunction", "given", place);
  return function;
}

}  // namespace

Result<ProxyNames> ProxyNames::parse(std::string_view json, std::string_view place) {
  THAW_TRY(const Json document, parse_document(json, place, false));
  ProxyNames result;
  for (const auto& [key, entry] : document.items()) {
    const auto found = entry.is_object() ? entry.find("proxy-function") : entry.end();
    if (found == entry.end() || !found->is_string()) return malformed(key, "proxy-function", "a name", place);
    result.names_[key] = found->get<std::string>();
  }
  return result;
}

const std::string* ProxyNames::find(const TraceFunction& function) const {
  auto found = names_.find(function.name + function.owner + function.app);
  if (found == names_.end()) found = names_.find(function.name);
  return found == names_.end() ? nullptr : &found->second;
}

Result<std::map<std::string, ProxyDeployment>> parse_deployments(std::string_view json,
                                                                 std::string_view place) {
  THAW_TRY(const Json document, parse_document(json, place, false));
  std::map<std::string, ProxyDeployment> result;
  for (const auto& [name, entry] : document.items()) {
    const auto yaml = entry.is_object() ? entry.find("YamlLocation") : entry.end();
    if (yaml == entry.end() || !yaml->is_string()) return malformed(name, "YamlLocation", "a path", place);
    ProxyDeployment deployment{.yaml = yaml->get<std::string>()};
    THAW_TRY(deployment.predeployment, texts_at(entry, "PredeploymentPath", name, place));
    result[name] = std::move(deployment);
  }
  return result;
}

Result<std::vector<DirigentFunction>> parse_dirigent(std::string_view json, std::string_view place) {
  THAW_TRY(const Json document, parse_document(json, place, true));
  std::vector<DirigentFunction> functions;
  for (const Json& entry : document) {
    THAW_TRY(DirigentFunction function, read_entry(entry, fmt::format("entry {}", functions.size()), place));
    functions.push_back(std::move(function));
  }
  return functions;
}

const DirigentFunction* find_dirigent(const std::vector<DirigentFunction>& entries,
                                      std::string_view function) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const DirigentFunction& entry) { return entry.function == function; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace thaw
