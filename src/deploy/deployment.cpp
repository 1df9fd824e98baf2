#include "deploy/deployment.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "core/text.h"
#include "platform/blocking_work.h"

namespace thaw {
namespace {

/// The guard takes 16 KiB of commands and leaves out what is beyond: room for what ends the deployment stays free.
constexpr std::size_t most_guarded_text = 12 << 10;
constexpr std::size_t most_label_letters = 63;  ///< Of a DNS label (RFC 1035).

bool is_label_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// What most platforms take for a name: small letters, digits and dashes. Where that is not the name itself, or `taken` has it
/// already, a number is added.
std::string label_of(const std::string& name, std::size_t index, std::set<std::string>& taken) {
  std::string label;
  for (const char c : to_lower(name)) {
    if (is_label_letter(c)) {
      label += c;
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
  }
  if (label == name && label.size() <= most_label_letters && taken.insert(label).second) return label;
  for (std::size_t number = index;; ++number) {
    const std::string suffix = fmt::format("-{}", number);
    std::string numbered = label.substr(0, most_label_letters - suffix.size());
    while (!numbered.empty() && numbered.back() == '-') numbered.pop_back();
    numbered = (numbered.empty() ? "f" : numbered) + suffix;
    if (taken.insert(numbered).second) return numbered;
  }
}

std::size_t text_size(const std::vector<Command>& commands) {
  std::size_t size = 0;
  for (const Command& command : commands) {
    for (const std::string& word : command.argv) size += word.size() + 1;
  }
  return size;
}

/// Whole milliseconds, not less than one: platforms know no fractions.
std::string milliseconds(Nanos time) {
  return std::to_string(std::max<std::int64_t>(1, (time.count() + 500'000) / 1'000'000));
}

/// The last line that says something: what failed stands at the end.
std::string last_line(const ToolOutput& output) {
  for (const std::string& text : {output.err, output.out}) {
    const auto lines = split_lines(text);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
      if (!trim(*line).empty()) return std::string(trim(*line));
    }
  }
  return fmt::format("{} ({})", outcome_name(output.report.outcome), output.report.exit_code);
}

SubstitutionLookup lookup_in(const PlatformValues& values) {
  return [&values](std::string_view name) -> std::optional<Substitution> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return Substitution{found->second.empty() ? Argv{} : Argv{found->second}};
  };
}

}  // namespace

Result<Deployment> Deployment::create(PlatformSpec spec, std::string_view settings, std::string run,
                                      Nanos command_timeout) {
  for (const auto& [program, source] : spec.programs) {
    if (!find_program(program)) {
      return fail_at(ErrorKind::environment,
                     fmt::format("the platform {} needs the program {}", spec.name, program), spec.place,
                     source.empty() ? "" : fmt::format("it comes from {}", source));
    }
  }
  PlatformValues given;
  for (const std::string_view setting : split(settings, ',')) {
    if (trim(setting).empty()) continue;
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) {
      return fail(ErrorKind::bad_usage, "a setting of the platform {} is NAME=VALUE, got \"{}\"", spec.name,
                  setting);
    }
    given[placeholder_of(trim(setting.substr(0, equals)))] = setting.substr(equals + 1);
  }
  PlatformValues parameters;
  std::vector<std::string> names;
  for (const auto& [name, fallback] : spec.parameters) {
    names.push_back(to_lower(name));
    const auto value = given.find(name);
    if (value == given.end() && !fallback) {
      return fail_at(ErrorKind::bad_usage, fmt::format("the platform {} needs {}", spec.name, to_lower(name)),
                     {}, fmt::format("for example --target {}:{}=…", spec.name, to_lower(name)));
    }
    parameters[name] = value == given.end() ? *fallback : value->second;
    if (value != given.end()) given.erase(value);
  }
  if (!given.empty()) {
    const std::string unknown = to_lower(given.begin()->first);
    return fail_at(ErrorKind::bad_usage, fmt::format("the platform {} has no \"{}\"", spec.name, unknown), {},
                   names.empty() ? "it takes nothing" : suggest(unknown, names));
  }
  parameters["RUN"] = std::move(run);
  return Deployment(std::move(spec), std::move(parameters), command_timeout);
}

Deployment::~Deployment() = default;
Deployment::Deployment(Deployment&&) noexcept = default;

PlatformValues Deployment::values_of(const FunctionSpec& function, std::size_t index,
                                     std::string label) const {
  const std::int64_t bytes = function.memory.count();
  PlatformValues values = parameters_;
  values["NAME"] = function.name;
  values["LABEL"] = std::move(label);
  values["INDEX"] = std::to_string(index);
  // Rounded up: a function that gets less than it needs does not run.
  values["MEMORY_MB"] = std::to_string(std::max<std::int64_t>(1, (bytes + 999'999) / 1'000'000));
  values["MEMORY_MIB"] = std::to_string(std::max<std::int64_t>(1, (bytes + (1 << 20) - 1) >> 20));
  values["EXECUTION_MS"] = milliseconds(function.execution);
  values["INIT_MS"] = milliseconds(function.init);
  values["JSON"] = to_json(function).dump();
  return values;
}

Result<std::vector<Command>> Deployment::expand_all(const std::vector<CommandTemplate>& commands,
                                                    const PlatformValues& values) const {
  std::vector<Command> expanded;
  for (const CommandTemplate& command : commands) {
    THAW_TRY(Argv argv, expand(command, lookup_in(values)));
    expanded.push_back({std::move(argv), {}});
  }
  return expanded;
}

Result<std::string> Deployment::run(const Command& command, const std::string& what) const {
  THAW_TRY(const ToolOutput output, run_tool(command, {}, command_timeout_));
  if (output.succeeded()) return std::string(trim(output.out));
  const bool has_ended = output.report.outcome == Outcome::exited;
  return fail_at(has_ended ? ErrorKind::run_failed : ErrorKind::environment,
                 fmt::format("{}: {} failed: {}", what, command.argv.front(), last_line(output)),
                 spec_.place);
}

Result<std::string> Deployment::deploy_one(Placed& function, std::mutex& mutex) {
  const std::string& name = function.values["NAME"];
  THAW_TRY(const std::vector<Command> commands, expand_all(spec_.deploy, function.values));
  {
    const std::lock_guard lock(mutex);
    function.is_begun = true;
    guard();
  }
  function.values["OUTPUT"];
  for (const Command& command : commands) {
    const auto ran = run(command, name);
    // What was cut short may have done its work all the same.
    if (ran || ran.error().kind != ErrorKind::run_failed) {
      const std::lock_guard lock(mutex);
      function.is_there = true;
    }
    THAW_CHECK(ran);
    if (!ran->empty()) function.values["OUTPUT"] = *ran;
  }
  for (const PlatformValue& value : spec_.resolve) {
    THAW_TRY(const std::vector<Command> lookup, expand_all({value.command}, function.values));
    THAW_TRY(std::string text, run(lookup.front(), name));
    if (text.empty()) {
      return fail_at(ErrorKind::run_failed, fmt::format("{}: no {} was found", name, value.name),
                     value.command.place);
    }
    function.values[value.name] = std::move(text);
  }
  return expand_plain(spec_.url, lookup_in(function.values));
}

Result<std::vector<std::string>> Deployment::deploy(std::span<const FunctionSpec> functions,
                                                    const DeploymentObserver& observer,
                                                    std::span<const PlatformValues> own) {
  THAW_TRY(const std::vector<Command> preparation, expand_all(spec_.prepare, parameters_));
  THAW_TRY(finish_, expand_all(spec_.finish, parameters_));
  std::set<std::string> labels;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    Placed placed{values_of(functions[i], i, label_of(functions[i].name, i, labels)), {}};
    if (!own.empty()) {
      for (const auto& [name, value] : own[i]) placed.values[name] = value;
    }
    THAW_TRY(placed.removal, expand_all(spec_.remove, placed.values));
    functions_.push_back(std::move(placed));
  }
  std::vector<std::string> urls(functions.size());
  std::mutex mutex;
  std::size_t done = 0;
  Result<> outcome;
  for (const Command& command : preparation) {
    is_prepared_ = true;
    guard();
    if (const auto ran = run(command, "preparation"); !ran) {
      outcome = tl::unexpected(ran.error());
      break;
    }
  }
  BlockingWork workers(spec_.parallel);
  for (std::size_t i = 0; i < functions.size(); ++i) {
    workers.ask([&, i] {
      {
        const std::lock_guard lock(mutex);
        if (!outcome) return;
      }
      auto url = deploy_one(functions_[i], mutex);
      const std::lock_guard lock(mutex);
      if (!url) {
        if (outcome) outcome = tl::unexpected(std::move(url).error());
        return;
      }
      urls[i] = *std::move(url);
      observer.on_deployed(++done, functions.size());
    });
  }
  workers.finish();
  if (outcome) return urls;
  remove(observer);
  return tl::unexpected(std::move(outcome).error());
}

void Deployment::remove(const DeploymentObserver& observer) {
  // An interrupt that ended the load must not keep its functions there.
  const int interrupt = interrupt_signal().exchange(0);
  std::mutex mutex;
  const auto run_all = [&](const std::vector<Command>& commands, const std::string& what) {
    for (const Command& command : commands) {
      const auto removed = run(command, what);
      const std::lock_guard lock(mutex);
      if (!removed) observer.on_warning(fmt::format("not removed: {}", removed.error().what));
    }
  };
  BlockingWork workers(spec_.parallel);
  for (Placed& function : functions_) {
    if (std::exchange(function.is_there, false))
      workers.ask([&] { run_all(function.removal, function.values["NAME"]); });
  }
  workers.finish();
  if (std::exchange(is_prepared_, false)) run_all(finish_, "clean-up");
  if (!functions_.empty()) set_guard_cleanup({});
  int none = 0;
  interrupt_signal().compare_exchange_strong(none, interrupt);
}

void Deployment::guard() const {
  std::vector<Command> commands;
  std::size_t size = 0;
  for (const Placed& function : functions_) {
    if (!function.is_begun) continue;
    size += text_size(function.removal);
    if (size > most_guarded_text) break;
    commands.insert(commands.end(), function.removal.begin(), function.removal.end());
  }
  commands.insert(commands.end(), finish_.begin(), finish_.end());
  set_guard_cleanup(commands);
}

std::vector<std::vector<std::string>> Deployment::headers() const {
  std::vector<std::vector<std::string>> headers;
  for (const Placed& function : functions_) {
    std::vector<std::string>& of_function = headers.emplace_back();
    for (const std::string& header : spec_.headers)
      of_function.push_back(expand_plain(header, lookup_in(function.values)));
  }
  return headers;
}

nlohmann::ordered_json Deployment::describe() const {
  nlohmann::ordered_json parameters = nlohmann::ordered_json::object();
  for (const auto& [name, value] : parameters_) parameters[to_lower(name)] = value;
  return {{"kind", spec_.name}, {"parameters", std::move(parameters)}, {"functions", functions_.size()}};
}

}  // namespace thaw
