#include "core/text.h"
#include "platform/sandbox.h"

namespace thaw {

#define SANDBOX(id, summary) \
  std::unique_ptr<SandboxKind> make_##id##_kind(const SandboxSurroundings& surroundings);
#include "platform/sandboxes.inc"
#undef SANDBOX

std::span<const SandboxEntry> sandbox_kinds() {
#define SANDBOX(id, summary) SandboxEntry{#id, summary, &make_##id##_kind},
  static constexpr SandboxEntry table[] = {
#include "platform/sandboxes.inc"
  };
#undef SANDBOX
  return table;
}

Result<const SandboxEntry*> find_sandbox_kind(std::string_view name) {
  std::vector<std::string> names;
  for (const SandboxEntry& entry : sandbox_kinds()) {
    if (entry.name == name) return &entry;
    names.emplace_back(entry.name);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown sandbox \"{}\"", name), {}, suggest(name, names));
}

}  // namespace thaw
