#include "bench/target.h"

#include <algorithm>

#include "core/text.h"

namespace thaw {
namespace {

std::string last_part(const std::string& name) {
  const std::string part = Path(name).filename().string();
  return part.empty() ? name : part;
}

Result<Argv> find_here(const TargetRequest& request, const ShippedFunctions& shipped) {
  const std::string& name = request.name;
  if (name.find('/') != std::string::npos) {
    if (find_program(name)) return Argv{name};
    std::error_code ignored;
    if (std::filesystem::exists(name, ignored)) {
      return fail_at(ErrorKind::environment, fmt::format("\"{}\" cannot be executed", name), {},
                     fmt::format("make it executable: chmod +x {}", shell_quote(name)));
    }
    return fail_at(ErrorKind::environment, fmt::format("there is no program \"{}\"", name), {},
                   "check the path; it starts at the current folder");
  }
  const bool is_shipped = std::find(shipped.names.begin(), shipped.names.end(), name) != shipped.names.end();
  if (is_shipped && !shipped.program.empty()) return Argv{shipped.program.string(), name};
  if (find_program("./" + name)) return Argv{"./" + name};
  if (const auto found = find_program(name)) return Argv{found->string()};
  return fail_at(ErrorKind::environment, fmt::format("there is no program or function \"{}\"", name), {},
                 fmt::format("{}; a file needs its path, such as ./{}", suggest(name, shipped.names), name));
}

}  // namespace

Result<Target> resolve_target(const TargetRequest& request, const Chain& chain,
                              const ShippedFunctions& shipped) {
  const std::string& name = request.name.empty() ? request.function : request.name;
  if (name.empty()) {
    return fail_at(ErrorKind::bad_usage, "there is nothing to run", {},
                   "name a program or function behind the options");
  }
  Target target{.program = {name},
                .args = request.args,
                .function = request.function,
                .task = request.task,
                .env = request.env};
  // A service may be called "namespace/name"; of a program the file's name is enough.
  if (target.function.empty()) target.function = chain.runs_program() ? last_part(name) : name;
  if (target.task.empty()) target.task = last_part(name);
  if (!chain.runs_program()) return target;
  if (!request.fn_path.empty()) {
    target.program = {(Path(request.fn_path) / (last_part(name) + ".py")).string()};
  } else if (chain.runs_program_here()) {
    TargetRequest named = request;
    named.name = name;
    THAW_TRY(target.program, find_here(named, shipped));
  }
  return target;
}

}  // namespace thaw
