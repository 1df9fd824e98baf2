// The table of engines. It is built from engines.inc, so that an engine is one file and one line.

#include "sim/engine.h"

#include "core/text.h"
#include "sim/engines/slurm_array.h"

namespace thaw {

#define ENGINE(id, summary)                                               \
  namespace engines {                                                     \
  std::unique_ptr<SweepEngine> make_##id(const EngineSettings& settings); \
  }
#include "sim/engines.inc"
#undef ENGINE

std::span<const EngineEntry> sweep_engines() {
#define ENGINE(id, summary) EngineEntry{#id, summary, &engines::make_##id},
  static constexpr EngineEntry table[] = {
#include "sim/engines.inc"
  };
#undef ENGINE
  return table;
}

Result<std::unique_ptr<SweepEngine>> make_engine(std::string_view name, const EngineSettings& settings) {
  std::vector<std::string> names;
  for (const EngineEntry& entry : sweep_engines()) {
    if (to_lower(name) == entry.name) return entry.make(settings);
    names.emplace_back(entry.name);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no engine \"{}\"", name), "--engine",
                 suggest(name, names));
}

std::string_view engine_of(const Path& record) {
  std::error_code error;
  return std::filesystem::exists(slurm_state_file(record), error) ? "slurm" : "local";
}

}  // namespace thaw
