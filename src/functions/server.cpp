#include "functions/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>

#include "functions/connection.h"

namespace thaw::functions {
namespace {

constexpr int backlog = 1024;
constexpr Nanos pause_without_descriptors = std::chrono::milliseconds(10);

/// A socket address of either family.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// Errors: bad_usage. Names are not looked up: a static program cannot do it reliably.
Result<Address> parse_address(const std::string& host, std::uint16_t port) {
  Address address;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  const std::string& numeric = host == "localhost" ? std::string("127.0.0.1") : host;
  if (::inet_pton(AF_INET, numeric.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof(sockaddr_in);
    return address;
  }
  if (::inet_pton(AF_INET6, numeric.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is not a numeric address", host), "--host or HOST",
                 "write 127.0.0.1 for this machine only, or 0.0.0.0 for all addresses");
}

tl::unexpected<Error> cannot_listen(const ServerOptions& options, int error) {
  std::string hint;
  if (error == EADDRINUSE)
    hint = "another program has the port: choose one with --port, or --port 0 for any free one";
  if (error == EACCES) hint = "ports below 1024 need root: choose another with --port";
  return fail_at(ErrorKind::environment, fmt::format("cannot listen: {}", std::strerror(error)),
                 fmt::format("{} port {}", options.host, options.port), std::move(hint));
}

}  // namespace

struct HttpServer::State {
  State(ServerOptions wanted, Clock& its_clock, Handler its_handler)
      : options(std::move(wanted)), clock(its_clock), handler(std::move(its_handler)) {}

  ServerOptions options;
  Clock& clock;
  Handler handler;
  FileDescriptor listener;
  FileDescriptor stop_event;  ///< Once written it stays readable, for every thread that watches it.
  std::uint16_t port = 0;
  std::string url;
  std::mutex mutex;
  std::condition_variable someone_left;
  int connections = 0;
};

Result<HttpServer> HttpServer::listen(const ServerOptions& options, Clock& clock, Handler handler) {
  THAW_TRY(Address address, parse_address(options.host, options.port));
  FileDescriptor listener(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  FileDescriptor stop_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!listener.is_open() || !stop_event.is_open()) return cannot_listen(options, errno);
  const int on = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(listener.get(), address.get(), address.size) != 0 || ::listen(listener.get(), backlog) != 0) {
    return cannot_listen(options, errno);
  }
  ::getsockname(listener.get(), address.get(), &address.size);
  // Both families keep the port at the same place.
  const std::uint16_t port = ntohs(reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port);
  const bool is_v6 = address.storage.ss_family == AF_INET6;
  auto state = std::make_shared<State>(options, clock, std::move(handler));
  state->listener = std::move(listener);
  state->stop_event = std::move(stop_event);
  state->port = port;
  state->url = fmt::format("http://{}{}{}:{}", is_v6 ? "[" : "", options.host, is_v6 ? "]" : "", port);
  return HttpServer(std::move(state));
}

const std::string& HttpServer::url() const { return state_->url; }
std::uint16_t HttpServer::port() const { return state_->port; }

bool HttpServer::run() {
  for (;;) {
    std::array<pollfd, 2> watched = {
        {{state_->listener.get(), POLLIN, 0}, {state_->stop_event.get(), POLLIN, 0}}};
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[1].revents != 0) break;
    if (watched[0].revents != 0) admit();
  }
  state_->listener.reset();
  std::unique_lock lock(state_->mutex);
  return state_->someone_left.wait_for(lock, state_->options.drain_timeout,
                                       [&] { return state_->connections == 0; });
}

void HttpServer::stop() {
  const std::uint64_t one = 1;
  (void)!::write(state_->stop_event.get(), &one, sizeof one);
}

/// Gives a waiting client its thread, or turns it away.
void HttpServer::admit() {
  FileDescriptor socket(::accept4(state_->listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket.is_open()) {
    // Out of descriptors, the listener stays readable: wait for a connection to end instead of spinning.
    if (errno == EMFILE || errno == ENFILE) {
      state_->clock.sleep_until(state_->clock.now() + pause_without_descriptors);
    }
    return;
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto leave = [](State& state) {
    const std::scoped_lock lock(state.mutex);
    --state.connections;
    state.someone_left.notify_all();
  };
  bool is_full = false;
  {
    const std::scoped_lock lock(state_->mutex);
    is_full = state_->connections++ >= state_->options.most_connections;
  }
  Connection connection(std::move(socket),
                        {state_->options, state_->clock, state_->handler, state_->stop_event.get()});
  if (!is_full) {
    try {
      std::thread([state = state_, leave, connection = std::move(connection)]() mutable {
        connection.serve();
        { const Connection ended = std::move(connection); }
        leave(*state);
      }).detach();
      return;
    } catch (const std::system_error&) {
      // No thread to be had (a limit of the container): the connection went down with the attempt.
      leave(*state_);
      return;
    }
  }
  connection.turn_away();
  leave(*state_);
}

}  // namespace thaw::functions
