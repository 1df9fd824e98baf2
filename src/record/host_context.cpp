#include "record/host_context.h"

#include "record/fact_reader.h"

namespace thaw {

nlohmann::ordered_json host_context(const FactSource& source) {
  const FactReader reader(source);
  auto context = nlohmann::ordered_json::object();
  for (const auto facts : {machine_facts(), trust_facts()}) {
    for (const HostFact& fact : facts) {
      context[std::string(fact.group)][std::string(fact.field.name)] = to_json(fact.field.get(reader));
    }
  }
  return context;
}

std::vector<std::string> volatile_facts() {
  std::vector<std::string> keys;
  for (const auto facts : {machine_facts(), trust_facts()}) {
    for (const HostFact& fact : facts) {
      if (fact.is_volatile) keys.push_back(fmt::format("{}.{}", fact.group, fact.field.name));
    }
  }
  return keys;
}

}  // namespace thaw
