// The sandbox "process": a child that serves HTTP on the port in its environment.

#include <fcntl.h>
#include <sys/socket.h>

#include "core/lasting_child.h"
#include "platform/control_group.h"
#include "platform/port_pool.h"
#include "platform/sandbox.h"

namespace thaw {
namespace {

class ProcessSandbox final : public Sandbox {
 public:
  ProcessSandbox(ReservedPort port, std::optional<ControlGroup> group, Endpoint endpoint, LastingChild child)
      : port_(std::move(port)), group_(std::move(group)), endpoint_(endpoint), child_(std::move(child)) {}

  [[nodiscard]] const Endpoint& endpoint() const override { return endpoint_; }
  [[nodiscard]] int end_descriptor() const override { return child_.descriptor(); }
  std::optional<std::string> ended() override {
    auto end = child_.ended();
    if (end && group_ && group_->was_memory_exceeded()) *end += " (took more memory than its limit)";
    return end;
  }
  void stop(Nanos grace) override { child_.stop(grace); }
  [[nodiscard]] pid_t process() const override { return child_.pid(); }

 private:
  // The child ends first, then its group and its port are free.
  ReservedPort port_;
  std::optional<ControlGroup> group_;
  Endpoint endpoint_;
  LastingChild child_;
};

std::string with_port(std::string word, const std::string& port) {
  constexpr std::string_view placeholder = "{port}";
  for (std::size_t at = 0; (at = word.find(placeholder, at)) != std::string::npos; at += port.size()) {
    word.replace(at, placeholder.size(), port);
  }
  return word;
}

class ProcessKind final : public SandboxKind {
 public:
  explicit ProcessKind(const SandboxSurroundings& surroundings) : surroundings_(surroundings) {}

  [[nodiscard]] Result<> check(const FunctionSpec& spec) const override {
    if (!spec.command.empty()) return {};
    return fail_at(ErrorKind::bad_usage, fmt::format("function {} has no command", spec.name), {},
                   "give the program that serves HTTP on $PORT: \"command\": [\"thaw-fn\"]");
  }

  Result<std::unique_ptr<Sandbox>> start(const FunctionSpec& spec, std::uint64_t instance) override {
    THAW_TRY(ReservedPort port, ReservedPort::take());
    THAW_TRY(const Endpoint endpoint, resolve("127.0.0.1", port.number()));
    const FileDescriptor output = open_log(spec);
    const std::string port_text = fmt::format("{}", port.number());
    Launch launch;
    for (const std::string& word : spec.command) launch.command.argv.push_back(with_port(word, port_text));
    for (const auto& [name, value] : spec.environment) launch.command.env.emplace_back(name, value);
    launch.command.env.emplace_back("PORT", port_text);
    launch.command.env.emplace_back("THAW_FUNCTION", spec.name);
    launch.command.env.emplace_back("THAW_INSTANCE", fmt::format("{}", instance));
    launch.stdout_fd = launch.stderr_fd = output.get();
    THAW_TRY(LastingChild child, LastingChild::start(launch));
    auto group = group_of(spec, instance, child.pid());
    return std::make_unique<ProcessSandbox>(std::move(port), std::move(group), endpoint, std::move(child));
  }

  Result<> remove_left_behind(const std::function<bool(std::string_view)>& is_alive) override {
    remove_left_behind_groups(is_alive);
    return {};
  }

 private:
  [[nodiscard]] FileDescriptor open_log(const FunctionSpec& spec) const {
    if (surroundings_.logs.empty()) return {};
    const Path path = surroundings_.logs / (spec.name + ".log");
    return FileDescriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  }

  [[nodiscard]] std::optional<ControlGroup> group_of(const FunctionSpec& spec, std::uint64_t instance,
                                                     pid_t process) const {
    GroupLimits limits{.cpus = spec.cpus};
    if (spec.limits_memory) limits.memory = spec.memory;
    if (limits.is_empty()) return std::nullopt;
    auto group = ControlGroup::create(surroundings_.gateway_id, instance, limits);
    const Result<> added = group ? group->add(process) : tl::unexpected(group.error());
    if (added) return std::move(*group);
    surroundings_.warn(fmt::format("function {} runs without its limits: {} {}", spec.name,
                                   added.error().where, added.error().what));
    return std::nullopt;
  }

  SandboxSurroundings surroundings_;
};

}  // namespace

std::unique_ptr<SandboxKind> make_process_kind(const SandboxSurroundings& surroundings) {
  return std::make_unique<ProcessKind>(surroundings);
}

}  // namespace thaw
