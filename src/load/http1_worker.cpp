#include "load/http1_worker.h"

#include <algorithm>
#include <cerrno>

#include "load/http1_connection.h"

namespace thaw {

namespace {

/// Answers are handled at least this many at a time, also when an instant has come meanwhile.
constexpr int least_handled_at_once = 16;

}  // namespace

Http1Worker::Http1Worker(LoadTarget& target, const SenderOptions& options, Clock& clock, Poller poller,
                         std::optional<TlsContext> tls)
    : target_(target),
      options_(options),
      clock_(clock),
      poller_(std::move(poller)),
      tls_(std::move(tls)),
      expiry_step_ns_(std::clamp<std::int64_t>(
          std::min(options.connect_timeout, options.function_timeout).count() / 10, 1'000'000, 100'000'000)),
      buffer_(std::size_t{64} << 10) {}

Http1Worker::~Http1Worker() = default;

Result<std::unique_ptr<Http1Worker>> Http1Worker::create(LoadTarget& target, const SenderOptions& options,
                                                         Clock& clock) {
  THAW_TRY(Poller poller, Poller::create());
  std::optional<TlsContext> tls;
  if (target.is_secure()) {
    THAW_TRY(tls, TlsContext::client({.verifies = options.verifies_certificates,
                                      .ca_file = options.trusted_certificates,
                                      .alpn = {"http/1.1"}}));
  }
  return std::unique_ptr<Http1Worker>(
      new Http1Worker(target, options, clock, std::move(poller), std::move(tls)));
}

void Http1Worker::begin(MonotonicTime anchor, InvocationSink& sink) {
  anchor_ = anchor;
  sink_ = &sink;
  // Instants before the anchor are negative.
  next_expiry_ns_ = now_ns();
}

// --- connections -------------------------------------------------------------------------------------------------------

Result<Channel> Http1Worker::begin_channel() const {
  THAW_TRY(FileDescriptor socket, begin_connect(target_.endpoint()));
  if (tls_) return Channel::secure(std::move(socket), *tls_, target_.url().host);
  return Channel(std::move(socket));
}

bool Http1Worker::open_connection() {
  auto channel = begin_channel();
  if (!channel) return false;
  std::size_t slot = connections_.size();
  if (closed_.empty()) {
    connections_.push_back(std::make_unique<Connection>());
  } else {
    slot = closed_.back();
    closed_.pop_back();
  }
  Connection& connection = *connections_[slot];
  connection.slot = slot;
  ++connection.generation;
  connection.channel = *std::move(channel);
  connection.state = Connection::State::connecting;
  connection.connect_began = now_ns();
  connection.deadline = connection.connect_began + options_.connect_timeout.count();
  connection.is_reused = false;
  ++connecting_;
  const std::uint64_t token = (std::uint64_t{connection.generation} << 32) | slot;
  if (!poller_.add(connection.channel.socket(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, token)) {
    close(connection);
    return false;
  }
  ++health_.connections_opened;
  return true;
}

void Http1Worker::open_for_waiting() {
  if (connecting_ >= waiting_.size() || open_connections() >= options_.most_connections) return;
  if (open_connection()) return;
  const bool is_refused = errno == ECONNREFUSED || errno == ENETUNREACH || errno == EHOSTUNREACH;
  if (open_connections() > 0 && !is_refused) return;  // One of them will be free.
  fail_longest_waiting(is_refused ? Cause::connect_refused : Cause::local, now_ns());
}

void Http1Worker::close(Connection& connection) {
  if (connection.state == Connection::State::closed) return;
  if (connection.is_opening()) --connecting_;
  if (connection.state == Connection::State::idle) std::erase(idle_, connection.slot);
  connection.channel.close();
  connection.state = Connection::State::closed;
  closed_.push_back(connection.slot);
}

void Http1Worker::become_idle(Connection& connection) {
  connection.state = Connection::State::idle;
  if (waiting_.empty()) return idle_.push_back(connection.slot);
  const Invocation next = waiting_.front();
  waiting_.pop_front();
  send_on(connection, next);
}

/// Somebody waits for this connection: who waits longest gets the bad news.
void Http1Worker::fail_connecting(Connection& connection, Cause cause) {
  close(connection);
  fail_longest_waiting(cause, now_ns());
  open_for_waiting();
}

void Http1Worker::on_connecting(Connection& connection) {
  if (connection.state == Connection::State::connecting) {
    if (const int code = connect_error(connection.channel.socket()); code != 0) {
      return fail_connecting(connection, code == ETIMEDOUT ? Cause::connect_timeout : Cause::connect_refused);
    }
    connection.state = Connection::State::shaking_hands;
  }
  const Channel::Step step = connection.channel.shake_hands();
  if (step == Channel::Step::later) return;
  if (step != Channel::Step::done) return fail_connecting(connection, Cause::tls);
  --connecting_;
  connection.connect_took = now_ns() - connection.connect_began;
  become_idle(connection);
}

// --- events ------------------------------------------------------------------------------------------------------------

void Http1Worker::on_event(Connection& connection, std::uint32_t events) {
  if (connection.state == Connection::State::closed) return;
  if (connection.is_opening()) {
    const bool is_answered = connection.state == Connection::State::shaking_hands;
    if (is_answered || (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) on_connecting(connection);
    return;
  }
  if ((events & EPOLLOUT) != 0 && !connection.unsent.empty()) write_more(connection);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) == 0) return;
  // Writing may have failed, and the slot may have a new socket already.
  if (connection.state == Connection::State::closed || connection.is_opening()) return;
  on_readable(connection, (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0);
}

void Http1Worker::handle_ready(Nanos limit, std::int64_t due_ns) {
  if (ready_.empty()) ready_ = poller_.wait(limit);
  int handled = 0;
  while (!ready_.empty()) {
    const epoll_event event = ready_.front();
    ready_ = ready_.subspan(1);
    Connection& connection = *connections_[event.data.u64 & UINT32_MAX];
    if (connection.generation == event.data.u64 >> 32) on_event(connection, event.events);
    if (++handled >= least_handled_at_once && !ready_.empty() && now_ns() >= due_ns) return;
  }
}

// --- limits ------------------------------------------------------------------------------------------------------------

void Http1Worker::expire(std::int64_t now) {
  if (now < next_expiry_ns_) return;
  next_expiry_ns_ = now + expiry_step_ns_;
  // By index: failing may open a connection.
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = *connections_[i];
    if (now < connection.deadline) continue;
    if (connection.state == Connection::State::busy) {
      fail_invocation(connection, Cause::function_timeout);
    } else if (connection.is_opening()) {
      fail_connecting(connection, Cause::connect_timeout);
    }
  }
  // Waiting for one of the busy connections has its limit, too.
  while (!waiting_.empty() && now - waiting_.front().dispatched_ns >= options_.function_timeout.count()) {
    fail_longest_waiting(Cause::local, now);
  }
}

void Http1Worker::censor_rest() {
  for (const Invocation& waiting : waiting_) sink_->take(waiting);
  waiting_.clear();
  for (const auto& connection : connections_) {
    if (connection->state == Connection::State::busy) sink_->take(connection->invocation);
    close(*connection);
  }
  in_flight_ = 0;
  ready_ = {};
}

}  // namespace thaw
