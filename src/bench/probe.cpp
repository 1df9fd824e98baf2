#include "bench/probe.h"

#include <algorithm>

#include "core/text.h"

namespace thaw {

#define PROBE(id, name, summary)                                         \
  namespace probe_kinds {                                                \
  std::span<const ProbeOptionSpec> id##_options();                       \
  Result<std::unique_ptr<Probe>> make_##id(const ProbeOptions&, Clock&); \
  }
#include "bench/probes.inc"
#undef PROBE

std::span<const ProbeEntry> probes() {
#define PROBE(id, name, summary) \
  ProbeEntry{name, summary, probe_kinds::id##_options(), &probe_kinds::make_##id},
  static const ProbeEntry table[] = {
#include "bench/probes.inc"
  };
#undef PROBE
  return table;
}

namespace {

template <class Entry>
Result<const Entry*> find_named(std::span<const Entry> entries, std::string_view name,
                                std::string_view what) {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  if (found != entries.end()) return &*found;
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.emplace_back(entry.name);
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown {} '{}'", what, name), {}, suggest(name, names));
}

}  // namespace

Result<std::unique_ptr<Probe>> make_probe(std::string_view name, const ProbeOptions& options, Clock& clock) {
  THAW_TRY(const ProbeEntry* entry, find_named(probes(), name, "probe"));
  ProbeOptions given;
  for (const auto& option : options) {
    THAW_CHECK(find_named(entry->options, option.first, "option of the probe " + std::string(name)));
    if (!option.second.empty()) given.push_back(option);
  }
  return entry->make(given, clock);
}

}  // namespace thaw
