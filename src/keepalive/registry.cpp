// The table of policies. It is built from policies.inc, so that a policy is one file and one line.

#include "core/text.h"
#include "keepalive/expression_policy.h"
#include "keepalive/library_policy.h"
#include "keepalive/policy.h"

namespace thaw {

#define POLICY(id, name, summary, reference, aliases, unnamed)           \
  namespace policies {                                                   \
  std::span<const ParameterSpec> id##_parameters();                      \
  Result<std::unique_ptr<KeepAlivePolicy>> make_##id(const Parameters&); \
  }
#include "keepalive/policies.inc"
#undef POLICY

std::span<const PolicyEntry> all_policies() {
#define POLICY(id, name, summary, reference, aliases, unnamed) \
  PolicyEntry{name, summary, reference, aliases, unnamed, policies::id##_parameters(), &policies::make_##id},
  static const PolicyEntry table[] = {
#include "keepalive/policies.inc"
  };
#undef POLICY
  return table;
}

Result<const PolicyEntry*> find_policy(std::string_view name) {
  std::vector<std::string> names;
  for (const PolicyEntry& entry : all_policies()) {
    if (is_called(name, entry.name, entry.aliases)) return &entry;
    names.emplace_back(entry.name);
  }
  for (const PolicyForm& form : policy_forms())
    names.emplace_back(form.usage.substr(0, form.name.size() + 1));
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no policy \"{}\"", name), {},
                 suggest(name, names));
}

std::span<const PolicyForm> policy_forms() {
  static constexpr PolicyForm table[] = {
      {"expr", "the lowest value of a formula goes first", "expr:clock + freq*cost/size",
       &make_expression_policy},
      {"lib", "a shared library decides", "lib:./policy.so[:parameters]", &make_library_policy}};
  return table;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_policy(std::string_view text, std::uint64_t seed) {
  const std::string_view spec = trim(text);
  const auto colon = spec.find(':');
  for (const PolicyForm& form : policy_forms()) {
    if (colon != std::string_view::npos && is_called(spec.substr(0, colon), form.name, {})) {
      return form.make(spec.substr(colon + 1), seed);
    }
  }
  THAW_TRY(const PolicyEntry* entry, find_policy(trim(spec.substr(0, colon))));
  Parameters parameters(fmt::format("policy {}", entry->name), entry->name, entry->parameters, seed);
  if (colon != std::string_view::npos) THAW_CHECK(parameters.set_all(spec.substr(colon + 1), entry->unnamed));
  return entry->make(parameters);
}

}  // namespace thaw
