#include "functions/trace_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <queue>

#include "functions/listening_socket.h"
#include "functions/trace_connection.h"
#include "functions/trace_workers.h"
#include "net/http1_message.h"
#include "net/poller.h"

namespace thaw::functions {
namespace {

/// Work that is shorter is done where the connections are: handing it over would take as long.
constexpr Nanos shortest_handed_over = std::chrono::milliseconds(1);
constexpr Nanos check_interval = std::chrono::milliseconds(200);

/// Tokens of the poller below this are not connections.
enum Token : std::uint64_t { token_listener, token_stop, token_workers, first_connection_token };

constexpr std::string_view garbage = "\x7f\x45\x4c\x46 this is no HTTP\r\n\r\n";

}  // namespace

class TraceServer::Loop {
 public:
  Loop(const TraceServerOptions& options, TraceFunctionOptions function, Clock& clock,
       ListeningSocket listening, FileDescriptor stop_event, Poller poller)
      : url(std::move(listening.url)),
        port(listening.port),
        stop_event_(std::move(stop_event)),
        options_(options),
        clock_(clock),
        function_(std::move(function)),
        memory_(options.keeps_memory),
        workers_(clock, memory_, options.most_threads),
        poller_(std::move(poller)),
        listener_(std::move(listening.socket)) {}

  const std::string url;
  const std::uint16_t port;

  bool run();
  void stop() const {
    const std::uint64_t one = 1;
    (void)!::write(stop_event_.get(), &one, sizeof one);
  }

 private:
  /// A call between its request and its answer.
  struct Pending {
    std::uint64_t connection = 0;  ///< Its token.
    Http2StreamId stream = 0;
    TraceTask task;
    bool is_delayed = false;  ///< Waits for its delay; the work is still to begin.
    MonotonicTime began;
  };
  struct Timer {
    MonotonicTime when;
    std::size_t pending;
    bool operator<(const Timer& other) const { return when > other.when; }  // The earliest is on top.
  };

  void admit();
  void on_connection(std::uint64_t token, std::uint32_t events);
  void serve(std::uint64_t token);
  void settle(std::uint64_t token);
  void close(std::uint64_t token);
  TraceConnection* find(std::uint64_t token);
  void begin(std::uint64_t token, Http2StreamId stream, TraceTask task);
  void begin_work(std::size_t id);
  std::uint64_t finish(std::size_t id, const WorkReport& report);
  void fail_on_purpose(const Fault& fault, TraceConnection* connection, Http2StreamId stream,
                       const HttpResponse& good);
  std::size_t keep(Pending pending);
  void fire_timers();
  void close_overdue();
  void drain();
  [[nodiscard]] std::optional<Nanos> next_limit() const;

  FileDescriptor stop_event_;
  TraceServerOptions options_;
  Clock& clock_;
  TraceFunction function_;
  WorkMemory memory_;
  TraceWorkers workers_;
  Poller poller_;
  FileDescriptor listener_;
  MonotonicTime now_;
  MonotonicTime next_check_;
  std::vector<std::unique_ptr<TraceConnection>> connections_;
  std::vector<std::uint32_t> generations_;  ///< Of the slots, so that a late answer does not meet a stranger.
  std::vector<std::size_t> free_slots_;
  std::size_t open_ = 0;
  std::vector<Pending> pending_;
  std::vector<std::size_t> free_pending_;
  std::size_t running_ = 0;
  std::priority_queue<Timer> timers_;
  std::vector<TraceWorkers::Done> done_;
  HttpRequest request_;
  bool is_draining_ = false;
};

namespace {

std::size_t slot_of(std::uint64_t token) {
  return static_cast<std::uint32_t>(token) - first_connection_token;
}
std::uint32_t generation_of(std::uint64_t token) { return static_cast<std::uint32_t>(token >> 32); }
std::uint64_t token_of(std::size_t slot, std::uint32_t generation) {
  return std::uint64_t{generation} << 32 | (slot + first_connection_token);
}

}  // namespace

bool TraceServer::Loop::run() {
  (void)poller_.add(listener_.get(), EPOLLIN, token_listener);
  (void)poller_.add(stop_event_.get(), EPOLLIN, token_stop);
  (void)poller_.add(workers_.ready_fd(), EPOLLIN, token_workers);
  sleep_precisely();
  now_ = clock_.now();
  std::optional<MonotonicTime> end;
  for (;;) {
    if (end && ((open_ == 0 && running_ == 0) || now_ >= *end)) return running_ == 0;
    const auto events = poller_.wait(next_limit());
    now_ = clock_.now();
    for (const epoll_event& event : events) {
      const std::uint64_t token = event.data.u64;
      if (token == token_listener) {
        admit();
      } else if (token == token_stop) {
        poller_.remove(stop_event_.get());
        end = now_ + options_.drain_timeout;
        drain();
      } else if (token == token_workers) {
        workers_.collect(done_);
        for (const TraceWorkers::Done& done : done_) serve(finish(done.id, done.report));
      } else {
        on_connection(token, event.events);
      }
    }
    fire_timers();
    if (now_ >= next_check_) close_overdue();
  }
}

std::optional<Nanos> TraceServer::Loop::next_limit() const {
  if (open_ == 0 && timers_.empty() && !is_draining_) return std::nullopt;
  Nanos limit = check_interval;
  if (!timers_.empty()) limit = std::min<Nanos>(limit, timers_.top().when - clock_.now());
  return std::max(limit, Nanos(0));
}

void TraceServer::Loop::admit() {
  for (;;) {
    FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.is_open()) {
      // Out of descriptors, the listener stays readable: give connections a moment to end instead of spinning.
      if (errno == EMFILE || errno == ENFILE) clock_.sleep_until(clock_.now() + std::chrono::milliseconds(1));
      return;
    }
    if (open_ >= options_.most_connections) continue;
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (free_slots_.empty()) {
      free_slots_.push_back(connections_.size());
      connections_.emplace_back();
      generations_.push_back(0);
    }
    const std::size_t slot = free_slots_.back();
    const std::uint64_t token = token_of(slot, generations_[slot]);
    auto connection = std::make_unique<TraceConnection>(std::move(socket), options_.limits, now_);
    connection->watched_events = connection->wanted_events();
    if (!poller_.add(connection->socket(), connection->watched_events, token)) continue;
    free_slots_.pop_back();
    connections_[slot] = std::move(connection);
    ++open_;
    on_connection(token, EPOLLIN);  // The request has usually come with the connection.
  }
}

TraceConnection* TraceServer::Loop::find(std::uint64_t token) {
  const std::size_t slot = slot_of(token);
  return generations_[slot] == generation_of(token) ? connections_[slot].get() : nullptr;
}

void TraceServer::Loop::close(std::uint64_t token) {
  const std::size_t slot = slot_of(token);
  poller_.remove(connections_[slot]->socket());
  connections_[slot].reset();
  ++generations_[slot];
  free_slots_.push_back(slot);
  --open_;
}

void TraceServer::Loop::on_connection(std::uint64_t token, std::uint32_t events) {
  TraceConnection* const connection = find(token);
  if (connection == nullptr) return;
  const bool is_readable = (events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;
  if (is_readable && !connection->receive(now_)) {
    // Half a goodbye: answers may still be wanted, but without one running there is nothing to send.
    if (!connection->is_busy()) (void)connection->flush(now_);
    close(token);
    return;
  }
  serve(token);
}

/// Takes every complete request, then writes.
void TraceServer::Loop::serve(std::uint64_t token) {
  while (TraceConnection* const connection = find(token)) {
    const auto stream = connection->take(request_);
    if (!stream) break;
    begin(token, *stream, function_.accept(request_));
  }
  settle(token);
}

/// Writes what there is, and watches for what is wanted next.
void TraceServer::Loop::settle(std::uint64_t token) {
  TraceConnection* const connection = find(token);
  if (connection == nullptr) return;
  if (!connection->flush(now_)) return close(token);
  const std::uint32_t wanted = connection->wanted_events();
  if (wanted == connection->watched_events) return;
  connection->watched_events = wanted;
  poller_.change(connection->socket(), wanted, token);
}

std::size_t TraceServer::Loop::keep(Pending pending) {
  if (free_pending_.empty()) {
    free_pending_.push_back(pending_.size());
    pending_.emplace_back();
  }
  const std::size_t id = free_pending_.back();
  free_pending_.pop_back();
  pending_[id] = std::move(pending);
  ++running_;
  return id;
}

void TraceServer::Loop::begin(std::uint64_t token, Http2StreamId stream, TraceTask task) {
  if (task.response) return find(token)->answer(stream, *task.response, false);
  const Nanos delay = task.fault.delay;
  const std::size_t id = keep({token, stream, std::move(task), delay > Nanos(0), now_});
  if (delay > Nanos(0)) {
    timers_.push({now_ + delay, id});
  } else {
    begin_work(id);
  }
}

void TraceServer::Loop::begin_work(std::size_t id) {
  Pending& pending = pending_[id];
  pending.is_delayed = false;
  pending.began = now_;
  const TraceCall& call = pending.task.call;
  const FaultKind fault = pending.task.fault.kind;
  if (fault == FaultKind::hang) return;  // Until the process ends.
  const bool works = fault == FaultKind::none || fault == FaultKind::truncate;
  if (!works) {
    finish(id, {});
    return;
  }
  if (call.mode == TraceCall::Mode::sleep && call.memory.count() == 0) {
    timers_.push({now_ + call.runtime, id});
  } else if (call.runtime < shortest_handed_over && call.memory < 1_MiB) {
    finish(id, perform(call, clock_, memory_));
    now_ = clock_.now();
  } else if (!workers_.begin(id, call)) {
    finish(id, {.memory = call.memory, .could_have_memory = false});
  }
}

/// Answers. Returns the token of the connection, whose next request may have been waiting for this answer: serve() it,
/// unless that is what is being done.
std::uint64_t TraceServer::Loop::finish(std::size_t id, const WorkReport& report) {
  const Pending pending = std::move(pending_[id]);
  free_pending_.push_back(id);
  --running_;
  TraceConnection* const connection = find(pending.connection);
  const FaultKind fault = pending.task.fault.kind;
  const bool ends_process = fault == FaultKind::crash || fault == FaultKind::exit;
  if (connection == nullptr && !ends_process) return pending.connection;  // The client has left.
  const HttpResponse response = function_.answer(pending.task, report);
  if (fault != FaultKind::none && fault != FaultKind::status) {
    fail_on_purpose(pending.task.fault, connection, pending.stream, response);
  } else {
    connection->answer(pending.stream, response, false);
  }
  return pending.connection;
}

void TraceServer::Loop::fail_on_purpose(const Fault& fault, TraceConnection* connection, Http2StreamId stream,
                                        const HttpResponse& good) {
  switch (fault.kind) {
    case FaultKind::crash: {
      const rlimit none{};
      ::setrlimit(RLIMIT_CORE, &none);  // It is no surprise that anybody would want to look into.
      std::abort();
    }
    case FaultKind::exit:
      ::_exit(static_cast<int>(fault.number));
    case FaultKind::garbage:
      return connection->break_off(stream, garbage);
    case FaultKind::truncate: {
      const std::string whole = http1_response(good, false);
      return connection->break_off(stream,
                                   std::string_view(whole).substr(0, whole.size() - good.body.size() / 2));
    }
    default:
      return connection->break_off(stream, {});
  }
}

void TraceServer::Loop::fire_timers() {
  while (!timers_.empty() && timers_.top().when <= now_) {
    const std::size_t id = timers_.top().pending;
    timers_.pop();
    const std::uint64_t token = pending_[id].connection;
    if (pending_[id].is_delayed) {
      begin_work(id);
    } else {
      finish(id, {.wall = clock_.now() - pending_[id].began});
    }
    serve(token);
  }
}

void TraceServer::Loop::close_overdue() {
  next_check_ = now_ + check_interval;
  for (std::size_t slot = 0; slot < connections_.size(); ++slot) {
    if (connections_[slot] != nullptr &&
        connections_[slot]->is_overdue(now_, options_.read_timeout, options_.idle_timeout)) {
      close(token_of(slot, generations_[slot]));
    }
  }
}

void TraceServer::Loop::drain() {
  is_draining_ = true;
  poller_.remove(listener_.get());
  listener_.reset();
  for (std::size_t slot = 0; slot < connections_.size(); ++slot) {
    if (connections_[slot] == nullptr) continue;
    connections_[slot]->drain();
    settle(token_of(slot, generations_[slot]));
  }
}

Result<TraceServer> TraceServer::listen(const TraceServerOptions& options, TraceFunctionOptions function,
                                        Clock& clock) {
  THAW_TRY(ListeningSocket listening, listen_at(options.host, options.port));
  FileDescriptor stop_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event.is_open()) return fail(ErrorKind::environment, "cannot serve: {}", std::strerror(errno));
  THAW_TRY(Poller poller, Poller::create());
  return TraceServer(std::make_unique<Loop>(options, std::move(function), clock, std::move(listening),
                                            std::move(stop_event), std::move(poller)));
}

TraceServer::TraceServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
TraceServer::TraceServer(TraceServer&&) noexcept = default;
TraceServer::~TraceServer() = default;

const std::string& TraceServer::url() const { return loop_->url; }
std::uint16_t TraceServer::port() const { return loop_->port; }
bool TraceServer::run() { return loop_->run(); }
void TraceServer::stop() { loop_->stop(); }

}  // namespace thaw::functions
