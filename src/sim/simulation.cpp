#include "sim/simulation.h"

#include <array>
#include <utility>

#include "core/text.h"
#include "keepalive/policy.h"
#include "keepalive/victim_pickers.h"
#include "sim/clean_simulation.h"
#include "sim/cluster_simulation.h"
#include "sim/course/course_simulation.h"
#include "sim/faascache/faascache_simulation.h"
#include "sim/faascache/policy.h"

namespace thaw {
namespace {

constexpr std::array<std::pair<std::string_view, Model>, 3> models = {
    {{"clean", Model::clean}, {"faascache", Model::faascache}, {"course", Model::course}}};

template <class Concrete>
Result<std::unique_ptr<Simulation>> boxed(Result<Concrete> simulation) {
  if (!simulation) return tl::unexpected(std::move(simulation).error());
  return std::make_unique<Concrete>(*std::move(simulation));
}

}  // namespace

Result<std::unique_ptr<Simulation>> make_simulation(const SimulationPoint& point,
                                                    std::span<const TraceFunction> functions,
                                                    SimulationObserver* observer,
                                                    const std::optional<ClusterOptions>& cluster) {
  if (cluster) {
    if (point.model != Model::clean) {
      return fail_at(ErrorKind::bad_usage, "several servers and limited cores are for the model clean",
                     "--servers", "use --model clean, or leave out --servers, --route and --cores");
    }
    return boxed(ClusterSimulation::create(point, *cluster, functions, observer));
  }
  switch (point.model) {
    case Model::clean:
      return CleanSimulation::make(point, functions, observer);
    case Model::faascache:
      return boxed(FaascacheSimulation::create(point, functions, observer));
    case Model::course:
      return boxed(CourseSimulation::create(point, functions, observer));
  }
  return fail(ErrorKind::internal, "no such model");
}

Result<SimulationOutcome> simulate(const SimulationPoint& point, std::span<const TraceFunction> functions,
                                   InvocationSource& source, SimulationObserver* observer) {
  THAW_TRY(auto simulation, make_simulation(point, functions, observer));
  InvocationBlock block;
  for (;;) {
    THAW_CHECK(source.next(block));
    if (block.size() == 0) return simulation->finish();
    THAW_CHECK(simulation->take(block));
  }
}

Result<Model> parse_model(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [known, model] : models) {
    if (to_lower(name) == known) return model;
    names.emplace_back(known);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no model \"{}\"", name), "--model",
                 suggest(name, names));
}

std::string_view name_of(Model model) {
  for (const auto& [name, known] : models) {
    if (known == model) return name;
  }
  return "";
}

std::vector<std::string> policy_names(Model model) {
  std::vector<std::string> names;
  switch (model) {
    case Model::clean:
      for (const PolicyEntry& entry : all_policies()) names.emplace_back(entry.name);
      break;
    case Model::faascache:
      for (const faascache::PolicyName& policy : faascache::policies()) names.emplace_back(policy.name);
      break;
    case Model::course:
      for (const VictimPickerEntry& entry : victim_pickers()) names.emplace_back(entry.name);
      break;
  }
  return names;
}

/// canonical_policy of one model, which knows nothing of the others.
static Result<std::string> canonical_within(Model model, std::string_view spec) {
  if (model == Model::faascache) {
    THAW_TRY(const faascache::PolicyChoice choice, faascache::parse_policy(spec));
    return faascache::describe(choice);
  }
  if (model == Model::course) {
    THAW_TRY(const VictimPickerEntry* picker, find_victim_picker(spec));
    return std::string(picker->name);
  }
  if (spec.starts_with("expr:") || spec.starts_with("lib:")) return std::string(spec);
  const auto colon = spec.find(':');
  THAW_TRY(const PolicyEntry* entry, find_policy(trim(spec.substr(0, colon))));
  std::string canonical(entry->name);
  if (colon != std::string_view::npos) canonical += spec.substr(colon);
  return canonical;
}

Result<std::string> canonical_policy(Model model, std::string_view text) {
  const std::string_view spec = trim(text);
  Result<std::string> canonical = canonical_within(model, spec);
  if (canonical) return canonical;
  for (const auto& [name, other] : models) {
    if (other != model && canonical_within(other, spec)) {
      return tl::unexpected(
          std::move(canonical).error().with_hint(fmt::format("the model {0} has it: --model {0}", name)));
    }
  }
  return canonical;
}

}  // namespace thaw
