#include "functions/functions.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace thaw::functions {

#define FUNCTION(id, name, arguments, summary, takes_payload) Result<std::string> run_##id(const Invocation&);
#include "functions/functions.inc"
#undef FUNCTION

std::span<const Function> functions() {
#define FUNCTION(id, name, arguments, summary, takes_payload) \
  Function{name, arguments, summary, takes_payload, &run_##id},
  static constexpr std::array table = {
#include "functions/functions.inc"
  };
#undef FUNCTION
  return table;
}

Result<const Function*> find_function(std::string_view name) {
  const auto all = functions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Function& f) { return f.name == name; });
  if (found != all.end()) return &*found;
  std::vector<std::string> names;
  for (const Function& function : all) names.emplace_back(function.name);
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no function \"{}\"", name), {},
                 suggest(name, names));
}

bool is_function(std::string_view name) { return find_function(name).has_value(); }

std::string time_line(std::string_view name, Seconds time) {
  return fmt::format("@@@ Time {} {:.9f}\n", name, time.count());
}

}  // namespace thaw::functions
