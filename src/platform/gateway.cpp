#include "platform/gateway.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <thread>

#include "core/text.h"
#include "platform/client.h"

namespace thaw {
namespace {

constexpr int backlog = 1024;
constexpr Nanos between_checks = std::chrono::milliseconds(250);
constexpr std::string_view busy_answer =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n";

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:8080", "[::1]:0", ":8080".
Result<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) {
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no address with a port", text), "--listen",
                   "write 127.0.0.1:8080, or 127.0.0.1:0 for any free port");
  }
  Address address{text.substr(0, colon), static_cast<std::uint16_t>(*port)};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host.empty()) address.host = "0.0.0.0";
  return address;
}

Result<FileDescriptor> open_door(const GatewayOptions& options) {
  THAW_TRY(const Address address, parse_address(options.listen));
  THAW_TRY(const Endpoint endpoint, resolve(address.host, address.port));
  if (!endpoint.is_loopback() && options.token.empty()) {
    return fail_at(
        ErrorKind::bad_usage,
        fmt::format("{} can be reached from other machines, and whoever reaches it runs programs here",
                    options.listen),
        "--listen", "ask for a token with --token-file or THAW_SERVE_TOKEN, or listen at 127.0.0.1");
  }
  auto door = listen_at(endpoint, backlog);
  if (!door) return tl::unexpected(std::move(door).error().in(options.listen));
  return door;
}

}  // namespace

/// The door and everything behind it.
class Gateway::Server final : public EventSource {
 public:
  Server(GatewayOptions options, Clock& clock) : options_(std::move(options)), clock_(clock) {}
  ~Server() override { stop(); }

  Result<> start(std::span<const FunctionSpec> functions) {
    THAW_TRY(door_, open_door(options_));
    THAW_TRY(loop_, EventLoop::create());
    THAW_TRY(fleet_, Fleet::create(options_, *loop_, clock_));
    for (const FunctionSpec& spec : functions) THAW_CHECK(fleet_->put(spec));
    routes_.emplace(options_, *fleet_, counts_);
    THAW_TRY(const Address address, parse_address(options_.listen));
    url_ = Url{"http", address.host, local_port(door_.get())}.authority();
    url_.insert(0, "http://");
    THAW_CHECK(loop_->watch(door_.get(), EPOLLIN, *this));
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void stop() {
    if (!thread_.joinable()) return;
    loop_->post([this] { begin_to_end(); });
    thread_.join();
  }

  /// Does something on the gateway's thread and waits for what it gives.
  template <class Task>
  auto on_thread(Task task) {
    if (!thread_.joinable()) return task();
    std::promise<decltype(task())> result;
    loop_->post([&] { result.set_value(task()); });
    return result.get_future().get();
  }

  void on_events(std::uint32_t /*events*/) override {
    // Not all at once: those who are there already get their turn too.
    for (int left = 64; left > 0; --left) {
      FileDescriptor socket(::accept4(door_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!socket.is_open()) return rest_after(errno);
      admit(std::move(socket));
    }
  }

  GatewayOptions options_;
  Clock& clock_;
  std::string url_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Fleet> fleet_;

 private:
  /// Without a descriptor for it, a client that waits at the door would be announced again and again.
  void rest_after(int code) {
    if (code != EMFILE && code != ENFILE && code != ENOBUFS && code != ENOMEM) return;
    is_resting_ = true;
    loop_->change(door_.get(), 0, *this);
  }

  void admit(FileDescriptor socket) {
    ++counts_.accepted;
    if (clients_.size() >= options_.most_connections) {
      ++counts_.turned_away;
      (void)::send(socket.get(), busy_answer.data(), busy_answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      return;
    }
    auto client = Client::accept({options_, *loop_, *fleet_, *routes_, counts_}, std::move(socket));
    if (client) clients_.push_back(std::move(*client));
  }

  void run() {
    while (!is_over()) {
      loop_->run_once(std::min(fleet_->idle_for(), between_checks));
      fleet_->run_due();
      if (const Instant now = fleet_->now(); now >= next_check_) check_clients(now);
    }
    fleet_->end();
    clients_.clear();
  }

  void check_clients(Instant now) {
    next_check_ = now + between_checks;
    for (const auto& client : clients_) {
      if (is_ending_) client->drain();
      client->check_time_limits(now);
    }
    std::erase_if(clients_, [](const auto& client) { return client->is_gone(); });
    if (std::exchange(is_resting_, false) && door_.is_open()) loop_->change(door_.get(), EPOLLIN, *this);
  }

  void begin_to_end() {
    is_ending_ = true;
    end_by_ = fleet_->now() + options_.drain_timeout;
    fleet_->drain();
    loop_->forget(door_.get(), *this);
    door_.reset();
    next_check_ = Instant{};
  }

  bool is_over() {
    if (!is_ending_) return false;
    const bool is_quiet =
        fleet_->active_calls() == 0 &&
        std::all_of(clients_.begin(), clients_.end(), [](const auto& one) { return one->is_gone(); });
    return is_quiet || fleet_->now() >= end_by_;
  }

  FileDescriptor door_;
  ServerCounts counts_;
  std::optional<Routes> routes_;
  std::vector<std::unique_ptr<Client>> clients_;
  Instant next_check_{};
  Instant end_by_{};
  bool is_ending_ = false;
  bool is_resting_ = false;
  std::thread thread_;
};

Gateway::Gateway(std::unique_ptr<Server> server) : server_(std::move(server)) {}
Gateway::~Gateway() { stop(); }

Result<std::unique_ptr<Gateway>> Gateway::start(GatewayOptions options,
                                                std::span<const FunctionSpec> functions, Clock& clock) {
  auto server = std::make_unique<Server>(std::move(options), clock);
  THAW_CHECK(server->start(functions));
  return std::unique_ptr<Gateway>(new Gateway(std::move(server)));
}

const std::string& Gateway::url() const { return server_->url_; }
const GatewayOptions& Gateway::options() const { return server_->options_; }
Result<> Gateway::put(const FunctionSpec& spec) {
  return server_->on_thread([&] { return server_->fleet_->put(spec); });
}

nlohmann::ordered_json Gateway::functions() const {
  return server_->on_thread([&] {
    auto all = nlohmann::ordered_json::array();
    for (const auto& function : server_->fleet_->functions()) {
      if (!function->is_removed) all.push_back(describe(*function));
    }
    return all;
  });
}

void Gateway::stop() { server_->stop(); }

}  // namespace thaw
