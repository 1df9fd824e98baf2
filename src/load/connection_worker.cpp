#include "load/connection_worker.h"

#include <algorithm>
#include <cerrno>

namespace thaw {
namespace {

/// Connections are opened at most so many at a time.
constexpr int most_opened_at_once = 8;
/// Answers are handled at least this many at a time, also when an instant has come meanwhile.
constexpr std::size_t least_handled_at_once = 4;

}  // namespace

Result<ConnectionWorker::Transport> ConnectionWorker::Transport::create(const CallSite& site,
                                                                        const SenderOptions& options,
                                                                        const std::string& protocol) {
  THAW_TRY(Poller poller, Poller::create());
  std::optional<TlsContext> tls;
  if (site.is_secure()) {
    THAW_TRY(tls, TlsContext::client({.verifies = options.verifies_certificates,
                                      .ca_file = options.trusted_certificates,
                                      .alpn = {protocol}}));
  }
  return Transport{std::move(poller), std::move(tls)};
}

ConnectionWorker::ConnectionWorker(LoadTarget& target, const CallSite& site, const SenderOptions& options,
                                   Clock& clock, Transport transport)
    : target_(target),
      site_(site),
      options_(options),
      buffer_(std::size_t{64} << 10),
      clock_(clock),
      transport_(std::move(transport)),
      expiry_step_ns_(std::clamp<std::int64_t>(
          std::min(options.connect_timeout, options.function_timeout).count() / 10, 1'000'000, 100'000'000)) {
}

void ConnectionWorker::begin(MonotonicTime anchor, InvocationSink& sink) {
  anchor_ = anchor;
  sink_ = &sink;
  // Instants before the anchor are negative.
  next_expiry_ns_ = now_ns();
}

// --- connections -------------------------------------------------------------------------------------------------------

Result<Channel> ConnectionWorker::begin_channel() const {
  THAW_TRY(FileDescriptor socket, begin_connect(site_.endpoint));
  if (transport_.tls) return Channel::secure(std::move(socket), *transport_.tls, site_.url.host);
  return Channel(std::move(socket));
}

WorkerConnection& ConnectionWorker::take_slot() {
  if (closed_.empty()) {
    closed_.push_back(connections_.size());
    connections_.push_back(make_connection());
    connections_.back()->slot = closed_.back();
  }
  Connection& connection = *connections_[closed_.back()];
  closed_.pop_back();
  return connection;
}

bool ConnectionWorker::open_connection() {
  auto channel = begin_channel();
  if (!channel) return false;
  Connection& connection = take_slot();
  ++connection.generation;
  connection.channel = *std::move(channel);
  connection.state = Connection::State::connecting;
  connection.connect_began = now_ns();
  connection.connect_took = missing_ns;
  connection.connect_deadline = connection.connect_began + options_.connect_timeout.count();
  ++connecting_;
  const std::uint64_t token = (std::uint64_t{connection.generation} << 32) | connection.slot;
  constexpr std::uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  if (!transport_.poller.add(connection.channel.socket(), events, token)) {
    close(connection);
    return false;
  }
  ++health_.connections_opened;
  return true;
}

bool ConnectionWorker::needs_connection() const {
  const std::size_t room_to_come = connecting_ * options_.streams_per_connection;
  return room_to_come < waiting_.size() && open_connections() < options_.most_connections;
}

/// Opens one if it is needed; false when none can be had for now.
bool ConnectionWorker::open_for_waiting() {
  if (!needs_connection() || open_connection()) return true;
  const bool is_refused = errno == ECONNREFUSED || errno == ENETUNREACH || errno == EHOSTUNREACH;
  if (open_connections() > 0 && !is_refused) return false;  // One of them will be free.
  fail_longest_waiting(is_refused ? Cause::connect_refused : Cause::local, now_ns());
  return true;
}

/// Opening takes longer than sending. A burst that opened a connection for each of its invocations would be late with all of them,
/// while the first answers free the first connections: so some are opened, and the answers looked at between. Whether to go on.
bool ConnectionWorker::open_some(std::int64_t due_ns) {
  for (int opened = 0; needs_connection(); ++opened) {
    if (opened == most_opened_at_once || (opened > 0 && now_ns() >= due_ns)) return true;
    if (!open_for_waiting()) return false;
  }
  return false;
}

void ConnectionWorker::close(Connection& connection) {
  if (connection.state == Connection::State::closed) return;
  if (connection.is_opening()) --connecting_;
  connection.channel.close();
  connection.state = Connection::State::closed;
  on_close(connection);
  closed_.push_back(connection.slot);
}

/// Somebody waits for this connection: who waits longest gets the bad news.
void ConnectionWorker::fail_connecting(Connection& connection, Cause cause) {
  close(connection);
  fail_longest_waiting(cause, now_ns());
  open_for_waiting();
}

void ConnectionWorker::on_connecting(Connection& connection) {
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
  connection.state = Connection::State::open;
  connection.connect_took = now_ns() - connection.connect_began;
  on_open(connection);
}

// --- invocations -------------------------------------------------------------------------------------------------------

void ConnectionWorker::submit(const Invocation& invocation) {
  ++in_flight_;
  health_.most_in_flight = std::max(health_.most_in_flight, in_flight_);
  if (place(invocation)) return;
  waiting_.push_back(invocation);
  health_.most_waiting = std::max<std::uint64_t>(health_.most_waiting, waiting_.size());
}

void ConnectionWorker::end(Invocation& invocation, Cause cause, std::int64_t now) {
  invocation.cause = cause;
  invocation.done_ns = now;
  --in_flight_;
  sink_->take(invocation);
}

void ConnectionWorker::fail_longest_waiting(Cause cause, std::int64_t now) {
  if (waiting_.empty()) return;
  Invocation failed = waiting_.front();
  waiting_.pop_front();
  end(failed, cause, now);
}

// --- events and limits -------------------------------------------------------------------------------------------------

void ConnectionWorker::on_event(Connection& connection, std::uint32_t events) {
  if (connection.is_opening()) {
    const bool is_answered = connection.state == Connection::State::shaking_hands;
    if (!is_answered && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
    const std::uint32_t generation = connection.generation;
    on_connecting(connection);
    if (connection.generation != generation) return;
  }
  // The handshake may have brought the first bytes along, and there is no second edge for them.
  if (connection.is_open()) on_ready(connection, events);
}

std::size_t ConnectionWorker::handle_ready(Nanos limit, std::int64_t due_ns) {
  flush();
  const bool is_opening = open_some(due_ns);
  if (ready_.empty()) ready_ = transport_.poller.wait(is_opening ? Nanos::zero() : limit);
  std::size_t handled = 0;
  while (!ready_.empty()) {
    const epoll_event event = ready_.front();
    ready_ = ready_.subspan(1);
    Connection& connection = *connections_[event.data.u64 & UINT32_MAX];
    if (connection.generation == event.data.u64 >> 32) on_event(connection, event.events);
    if (++handled >= least_handled_at_once && !ready_.empty() && now_ns() >= due_ns) break;
  }
  flush();
  return handled;
}

void ConnectionWorker::expire(std::int64_t now) {
  flush();
  if (now < next_expiry_ns_) return;
  next_expiry_ns_ = now + expiry_step_ns_;
  expire_calls(now);
  // By index: failing may open a connection.
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = *connections_[i];
    if (connection.is_opening() && now >= connection.connect_deadline)
      fail_connecting(connection, Cause::connect_timeout);
  }
  // Waiting has its limit, too.
  while (!waiting_.empty() && now - waiting_.front().dispatched_ns >= options_.function_timeout.count()) {
    fail_longest_waiting(Cause::local, now);
  }
  flush();
}

void ConnectionWorker::censor_rest() {
  for (const Invocation& waiting : waiting_) censor(waiting);
  waiting_.clear();
  censor_calls();
  for (const auto& connection : connections_) close(*connection);
  in_flight_ = 0;
  ready_ = {};
}

}  // namespace thaw
