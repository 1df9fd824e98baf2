#include "functions/server.h"

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
#include "functions/listening_socket.h"

namespace thaw::functions {
namespace {

constexpr Nanos pause_without_descriptors = std::chrono::milliseconds(10);

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
  THAW_TRY(ListeningSocket listening, listen_at(options.host, options.port));
  FileDescriptor stop_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event.is_open()) return fail(ErrorKind::environment, "cannot serve: {}", std::strerror(errno));
  auto state = std::make_shared<State>(options, clock, std::move(handler));
  state->listener = std::move(listening.socket);
  state->stop_event = std::move(stop_event);
  state->port = listening.port;
  state->url = std::move(listening.url);
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
