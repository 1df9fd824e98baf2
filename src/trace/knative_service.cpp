#include "trace/knative_service.h"

#include <yaml-cpp/yaml.h>

#include <string>

#include "core/text.h"

namespace thaw {
namespace {

/// Node ["a"]["b"]…; undefined where a level is missing or no map.
YAML::Node at_path(const YAML::Node& root, std::initializer_list<const char*> path) {
  YAML::Node node;
  node.reset(root);
  for (const char* key : path) {
    const YAML::Node& map = node;  // a constant one is not extended by a look-up
    if (!map.IsMap() || !map[key].IsDefined()) return YAML::Node(YAML::NodeType::Undefined);
    node.reset(map[key]);
  }
  return node;
}

/// Reads a whole number where there is one; an absent one leaves `target`.
Result<> read_count(const YAML::Node& node, std::string_view name, std::string_view place,
                    std::int64_t& target) {
  if (!node.IsDefined() || node.IsNull()) return {};
  const auto value = node.IsScalar() ? parse_integer(node.Scalar()) : std::nullopt;
  if (!value) {
    return fail_at(ErrorKind::bad_input, fmt::format("{} is no whole number", name), std::string(place));
  }
  target = *value;
  return {};
}

/// The element of a list whose "name" is this; undefined when there is none.
YAML::Node named(const YAML::Node& list, std::string_view name) {
  if (list.IsDefined() && list.IsSequence()) {
    for (const YAML::Node& entry : list) {
      if (entry.IsMap() && entry["name"].IsDefined() && entry["name"].Scalar() == name) return entry;
    }
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

Result<> read_container(const YAML::Node& container, std::string_view place, DirigentFunction& function) {
  if (const YAML::Node image = container["image"]; image.IsDefined()) function.image = image.Scalar();
  const auto field = [](const YAML::Node& entry, const char* key) {
    return entry.IsDefined() ? entry[key] : YAML::Node(YAML::NodeType::Undefined);
  };
  const YAML::Node environment = container["env"];
  THAW_CHECK(read_count(field(named(container["ports"], "h2c"), "containerPort"), "containerPort", place,
                        function.port));
  THAW_CHECK(read_count(field(named(environment, "ITERATIONS_MULTIPLIER"), "value"), "ITERATIONS_MULTIPLIER",
                        place, function.iteration_multiplier));
  return read_count(field(named(environment, "IO_PERCENTAGE"), "value"), "IO_PERCENTAGE", place,
                    function.io_percentage);
}

Result<DirigentFunction> read_service(const YAML::Node& root, std::string_view place) {
  const YAML::Node annotations = at_path(root, {"spec", "template", "metadata", "annotations"});
  const YAML::Node containers = at_path(root, {"spec", "template", "spec", "containers"});
  if (!containers.IsDefined() || !containers.IsSequence() || containers.size() == 0 ||
      !containers[0].IsMap()) {
    return fail_at(ErrorKind::bad_input, "there is no container at spec.template.spec.containers",
                   std::string(place), "this should be the description of a Knative service");
  }
  DirigentFunction function;
  function.protocol = "tcp";
  if (annotations.IsDefined() && annotations.IsMap()) {
    THAW_CHECK(read_count(annotations["autoscaling.knative.dev/max-scale"], "max-scale", place,
                          function.scaling_upper_bound));
    THAW_CHECK(read_count(annotations["autoscaling.knative.dev/min-scale"], "min-scale", place,
                          function.scaling_lower_bound));
  }
  THAW_CHECK(read_container(containers[0], place, function));
  return function;
}

}  // namespace

Result<DirigentFunction> parse_knative_service(std::string_view yaml, std::string_view place) {
  try {
    return read_service(YAML::Load(std::string(yaml)), place);
  } catch (const YAML::Exception& error) {
    return fail_at(ErrorKind::bad_input, fmt::format("this is no YAML: {}", error.msg),
                   fmt::format("{}:{}:{}", place, error.mark.line + 1, error.mark.column + 1));
  }
}

}  // namespace thaw
