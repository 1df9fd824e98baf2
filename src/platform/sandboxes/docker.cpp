// The sandbox "docker": a container whose program serves HTTP, reached at the container's own address. Every container
// carries a label with the id of its gateway, by which those of a killed gateway are found.

#include <poll.h>

#include "core/lasting_child.h"
#include "platform/docker_engine.h"
#include "platform/port_pool.h"
#include "platform/sandbox.h"
#include "record/json_text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* label = "thaw.gateway";

/// What the daemon tells of a running container.
struct ContainerFacts {
  std::string address;
  std::string end;  ///< Empty while it runs.
  pid_t process = -1;
};

std::string how_it_ended(const Json& state) {
  std::string how = fmt::format("exit code {}", state.value("ExitCode", -1));
  if (state.value("OOMKilled", false)) how += " (took more memory than its limit)";
  return how;
}

ContainerFacts facts_in(const Json& json) {
  ContainerFacts facts;
  static const Json nothing = Json::object();
  const auto inside = [](const Json& of, const char* key) -> const Json& {
    const auto found = of.find(key);
    return found != of.end() && found->is_object() ? *found : nothing;
  };
  const Json& network = inside(json, "NetworkSettings");
  facts.address = text_at(network, "IPAddress");
  for (const auto& [name, one] : inside(network, "Networks").items()) {
    if (facts.address.empty() && one.is_object()) facts.address = text_at(one, "IPAddress");
  }
  const Json& state = inside(json, "State");
  if (!state.value("Running", false)) facts.end = how_it_ended(state);
  if (const auto pid = state.find("Pid"); pid != state.end() && pid->is_number())
    facts.process = pid->get<pid_t>();
  return facts;
}

class DockerSandbox final : public Sandbox {
 public:
  DockerSandbox(DockerEngine engine, std::string id, std::optional<ReservedPort> port)
      : engine_(std::move(engine)), id_(std::move(id)), port_(std::move(port)) {}
  ~DockerSandbox() override { remove(); }

  Result<> find(std::uint16_t port) {
    THAW_TRY(const Json json, engine_.inspect(id_));
    const ContainerFacts facts = facts_in(json);
    if (!facts.end.empty()) return fail(ErrorKind::environment, "the container ended at once: {}", facts.end);
    const std::string address = port_ ? "127.0.0.1" : facts.address;
    if (address.empty()) {
      return fail_at(ErrorKind::environment, "the container has no address of its own", {},
                     "with a daemon without a bridge, give the function \"network\": \"host\"");
    }
    THAW_TRY(endpoint_, resolve(address, port_ ? port_->number() : port));
    // Where that is allowed, the end of its first process is heard of at once.
    if (facts.process > 0) end_ = watch_process(facts.process);
    return {};
  }

  [[nodiscard]] const Endpoint& endpoint() const override { return endpoint_; }
  [[nodiscard]] int end_descriptor() const override { return end_.get(); }

  std::optional<std::string> ended() override {
    pollfd watched{end_.get(), POLLIN, 0};
    if (!end_.is_open() || ::poll(&watched, 1, 0) != 1) return std::nullopt;
    const auto json = engine_.inspect(id_);
    if (!json || !json->contains("State")) return "the container is gone";
    return how_it_ended((*json)["State"]);
  }

  void stop(Nanos grace) override {
    if (grace >= std::chrono::seconds(1)) (void)engine_.stop(id_, grace);
    remove();
  }
  Result<> pause() override { return engine_.pause(id_); }
  Result<> resume() override { return engine_.resume(id_); }

 private:
  void remove() {
    if (id_.empty()) return;
    // A daemon that is just being started again gets a moment.
    for (int tries = 0; tries < 20 && !engine_.remove(id_); ++tries) ::poll(nullptr, 0, 500);
    id_.clear();
  }

  DockerEngine engine_;
  std::string id_;
  std::optional<ReservedPort> port_;
  Endpoint endpoint_;
  FileDescriptor end_;
};

class DockerKind final : public SandboxKind {
 public:
  explicit DockerKind(const SandboxSurroundings& surroundings)
      : gateway_(surroundings.gateway_id), engine_(surroundings.docker_socket) {}

  [[nodiscard]] Result<> check(const FunctionSpec& spec) const override {
    if (!spec.image.empty()) return {};
    return fail_at(ErrorKind::bad_usage, fmt::format("function {} has no image", spec.name), {},
                   "give the image's name: \"image\": \"my-function:latest\"");
  }

  Result<std::unique_ptr<Sandbox>> start(const FunctionSpec& spec, std::uint64_t instance) override {
    std::optional<ReservedPort> port;
    if (spec.network == "host") {
      THAW_TRY(ReservedPort reserved, ReservedPort::take());
      port.emplace(std::move(reserved));
    }
    const std::uint16_t number = port ? port->number() : spec.port;
    THAW_TRY(const std::string id, engine_.create(fmt::format("thaw-{}-{}", gateway_, instance),
                                                  configuration(spec, instance, number)));
    auto sandbox = std::make_unique<DockerSandbox>(engine_, id, std::move(port));
    THAW_CHECK(engine_.start(id));
    THAW_CHECK(sandbox->find(number));
    return sandbox;
  }

  Result<> remove_left_behind(const std::function<bool(std::string_view)>& is_alive) override {
    THAW_TRY(const Json containers, engine_.with_label(label));
    for (const Json& container : containers) {
      const auto labels = container.find("Labels");
      if (labels == container.end() || is_alive(text_at(*labels, label))) continue;
      THAW_CHECK(engine_.remove(text_at(container, "Id")));
    }
    return {};
  }

  [[nodiscard]] bool can_pause() const override { return true; }

 private:
  [[nodiscard]] Json configuration(const FunctionSpec& spec, std::uint64_t instance,
                                   std::uint16_t port) const {
    // Programs that listen on loopback unless told otherwise cannot be reached from outside their container.
    Json variables = Json::array({fmt::format("PORT={}", port), "HOST=0.0.0.0", "THAW_FUNCTION=" + spec.name,
                                  fmt::format("THAW_INSTANCE={}", instance)});
    for (const auto& [name, value] : spec.environment) variables.push_back(name + "=" + value);
    Json host = Json::object();
    if (!spec.network.empty()) host["NetworkMode"] = spec.network;
    if (spec.limits_memory) host["Memory"] = host["MemorySwap"] = spec.memory.count();
    if (spec.cpus > 0) host["NanoCpus"] = static_cast<std::int64_t>(spec.cpus * 1e9);
    Json json{
        {"Image", spec.image}, {"Env", variables}, {"Labels", {{label, gateway_}}}, {"HostConfig", host}};
    if (!spec.command.empty()) json["Cmd"] = spec.command;
    return json;
  }

  std::string gateway_;
  DockerEngine engine_;
};

}  // namespace

std::unique_ptr<SandboxKind> make_docker_kind(const SandboxSurroundings& surroundings) {
  return std::make_unique<DockerKind>(surroundings);
}

}  // namespace thaw
