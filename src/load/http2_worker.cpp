#include "load/http2_worker.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace thaw {

struct Http2Worker::Connection {
  enum class State : std::uint8_t { closed, connecting, shaking_hands, open };

  std::size_t slot = 0;
  std::uint32_t generation = 0;  ///< Tells events of an earlier socket in this slot apart.
  State state = State::closed;
  Channel channel;
  std::unique_ptr<Http2ClientSession> session;
  std::size_t calls = 0;
  bool is_offered = false;  ///< Stands in available_.
  bool is_dirty = false;    ///< Stands in dirty_.
  std::int64_t connect_began = 0;
  std::int64_t connect_took = missing_ns;  ///< Until the first invocation has it.
  std::int64_t deadline = 0;               ///< Of connecting.
  std::string output;
  std::size_t sent_bytes = 0;
  std::vector<CallRef> unsent;  ///< Calls whose requests are in the output, or still to come there.
};

struct Http2Worker::Call {
  Invocation invocation;
  Http2StreamId stream = 0;
  std::size_t connection = 0;
  std::uint64_t number = 0;  ///< Unique; 0 when the place is free.
};

namespace {

/// Answers are handled at least this many events at a time, also when an instant has come meanwhile.
constexpr int least_handled_at_once = 16;
constexpr std::uint16_t most_attempts = 3;
}  // namespace

Http2Worker::Http2Worker(LoadTarget& target, const SenderOptions& options, Clock& clock, Poller poller,
                         std::optional<TlsContext> tls)
    : target_(target),
      options_(options),
      clock_(clock),
      poller_(std::move(poller)),
      tls_(std::move(tls)),
      texts_(target, options, clock),
      expiry_step_ns_(std::clamp<std::int64_t>(
          std::min(options.connect_timeout, options.function_timeout).count() / 10, 1'000'000, 100'000'000)),
      buffer_(std::size_t{64} << 10) {}

Http2Worker::~Http2Worker() = default;

Result<std::unique_ptr<Http2Worker>> Http2Worker::create(LoadTarget& target, const SenderOptions& options,
                                                         Clock& clock) {
  THAW_TRY(Poller poller, Poller::create());
  std::optional<TlsContext> tls;
  if (target.is_secure()) {
    THAW_TRY(tls, TlsContext::client({.verifies = options.verifies_certificates,
                                      .ca_file = options.trusted_certificates,
                                      .alpn = {"h2"}}));
  }
  return std::unique_ptr<Http2Worker>(
      new Http2Worker(target, options, clock, std::move(poller), std::move(tls)));
}

void Http2Worker::begin(MonotonicTime anchor, InvocationSink& sink) {
  anchor_ = anchor;
  sink_ = &sink;
  // Instants before the anchor are negative.
  next_expiry_ns_ = now_ns();
}

// --- connections -------------------------------------------------------------------------------------------------------

Result<Channel> Http2Worker::begin_channel() {
  THAW_TRY(FileDescriptor socket, begin_connect(target_.endpoint()));
  if (tls_) return Channel::secure(std::move(socket), *tls_, target_.url().host);
  return Channel(std::move(socket));
}

bool Http2Worker::open_connection() {
  auto channel = begin_channel();
  if (!channel) return false;
  if (closed_.empty()) {
    closed_.push_back(connections_.size());
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->slot = closed_.back();
  }
  Connection& connection = *connections_[closed_.back()];
  closed_.pop_back();
  ++connection.generation;
  connection.channel = *std::move(channel);
  connection.state = Connection::State::connecting;
  connection.connect_began = now_ns();
  connection.deadline = connection.connect_began + options_.connect_timeout.count();
  ++connecting_;
  const std::uint64_t token = (std::uint64_t{connection.generation} << 32) | connection.slot;
  if (!poller_.add(connection.channel.socket(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, token)) {
    close(connection);
    return false;
  }
  ++health_.connections_opened;
  return true;
}

void Http2Worker::open_for_waiting() {
  const std::size_t room_to_come = connecting_ * options_.streams_per_connection;
  if (room_to_come >= waiting_.size() || open_connections() >= options_.most_connections) return;
  if (open_connection()) return;
  const bool is_refused = errno == ECONNREFUSED || errno == ENETUNREACH || errno == EHOSTUNREACH;
  if (open_connections() > 0 && !is_refused) return;  // One of them will be free.
  fail_longest_waiting(is_refused ? Cause::connect_refused : Cause::local, now_ns());
}

void Http2Worker::close(Connection& connection) {
  if (connection.state == Connection::State::closed) return;
  if (connection.state != Connection::State::open) --connecting_;
  connection.channel.close();
  connection.session.reset();
  connection.state = Connection::State::closed;
  connection.calls = 0;
  connection.connect_took = missing_ns;
  connection.output.clear();
  connection.sent_bytes = 0;
  connection.unsent.clear();
  closed_.push_back(connection.slot);
}

void Http2Worker::on_connecting(Connection& connection) {
  if (connection.state == Connection::State::connecting) {
    if (const int code = connect_error(connection.channel.socket()); code != 0) {
      return fail_connecting(connection, code == ETIMEDOUT ? Cause::connect_timeout : Cause::connect_refused);
    }
    connection.state = Connection::State::shaking_hands;
  }
  switch (connection.channel.shake_hands()) {
    case Channel::Step::done:
      break;
    case Channel::Step::later:
      return;
    case Channel::Step::closed:
    case Channel::Step::failed:
      return fail_connecting(connection, Cause::tls);
  }
  // Without the protocol's name there is no telling what the server speaks.
  if (connection.channel.is_secure() && connection.channel.protocol() != "h2") {
    return fail_connecting(connection, Cause::tls);
  }
  become_open(connection);
}

/// Somebody waits for this connection: who waits longest gets the bad news.
void Http2Worker::fail_connecting(Connection& connection, Cause cause) {
  close(connection);
  fail_longest_waiting(cause, now_ns());
  open_for_waiting();
}

void Http2Worker::become_open(Connection& connection) {
  --connecting_;
  connection.state = Connection::State::open;
  connection.connect_took = now_ns() - connection.connect_began;
  connection.session = std::make_unique<Http2ClientSession>();
  place_waiting(connection);
}

bool Http2Worker::has_room(const Connection& connection) const {
  return connection.state == Connection::State::open && connection.calls < options_.streams_per_connection &&
         connection.session->takes_requests() && connection.session->free_streams() > 0;
}

void Http2Worker::offer(Connection& connection) {
  if (connection.is_offered || !has_room(connection)) return;
  connection.is_offered = true;
  available_.push_back(connection.slot);
}

void Http2Worker::place_waiting(Connection& connection) {
  while (!waiting_.empty() && has_room(connection)) {
    const Invocation next = waiting_.front();
    waiting_.pop_front();
    send_on(connection, next);
  }
  offer(connection);
}

// --- sending -----------------------------------------------------------------------------------------------------------

void Http2Worker::submit(const Invocation& invocation) {
  ++in_flight_;
  health_.most_in_flight = std::max(health_.most_in_flight, in_flight_);
  if (place(invocation)) return;
  waiting_.push_back(invocation);
  health_.most_waiting = std::max<std::uint64_t>(health_.most_waiting, waiting_.size());
  open_for_waiting();
}

bool Http2Worker::place(const Invocation& invocation) {
  while (!available_.empty()) {
    Connection& connection = *connections_[available_.back()];
    if (has_room(connection)) {
      send_on(connection, invocation);
      return true;
    }
    connection.is_offered = false;
    available_.pop_back();
  }
  return false;
}

/// REQUIRES: the connection has room.
void Http2Worker::send_on(Connection& connection, const Invocation& invocation) {
  if (free_calls_.empty()) {
    free_calls_.push_back(calls_.size());
    calls_.emplace_back();
  }
  const std::size_t id = free_calls_.back();
  free_calls_.pop_back();
  const auto stream = connection.session->send(texts_.render(invocation), id);
  Call& call = calls_[id];
  call.invocation = invocation;
  call.invocation.connect_ns = std::exchange(connection.connect_took, missing_ns);
  call.connection = connection.slot;
  call.number = ++next_number_;
  if (!stream) {
    // Headers that the protocol has no form for.
    Invocation failed = call.invocation;
    call.number = 0;
    free_calls_.push_back(id);
    return end(failed, Cause::local, now_ns());
  }
  call.stream = *stream;
  ++connection.calls;
  deadlines_.push_back({id, call.number, now_ns() + options_.function_timeout.count()});
  connection.unsent.push_back({id, call.number});
  mark(connection);
}

void Http2Worker::mark(Connection& connection) {
  if (connection.is_dirty) return;
  connection.is_dirty = true;
  dirty_.push_back(connection.slot);
}

void Http2Worker::flush_all() {
  // By index: a connection that fails may open another.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    Connection& connection = *connections_[dirty_[i]];
    connection.is_dirty = false;
    if (connection.state == Connection::State::open) flush(connection);
  }
  dirty_.clear();
}

void Http2Worker::flush(Connection& connection) {
  for (;;) {
    if (connection.sent_bytes == connection.output.size()) {
      connection.output.clear();
      connection.sent_bytes = 0;
      if (!connection.session->append_output(connection.output)) break;
    }
    std::size_t put = 0;
    const std::string_view rest = std::string_view(connection.output).substr(connection.sent_bytes);
    switch (connection.channel.write(rest, put)) {
      case Channel::Step::done:
        connection.sent_bytes += put;
        break;
      case Channel::Step::later:
        return;
      case Channel::Step::closed:
      case Channel::Step::failed:
        return fail_connection(connection, Cause::reset);
    }
  }
  stamp_sent(connection);
  // What told the server that it broke the protocol has been written.
  if (connection.session->has_failed()) fail_connection(connection, Cause::bad_answer);
}

void Http2Worker::stamp_sent(Connection& connection) {
  if (connection.unsent.empty()) return;
  const std::int64_t now = now_ns();
  for (const CallRef& sent : connection.unsent) {
    if (calls_[sent.call].number == sent.number) calls_[sent.call].invocation.sent_ns = now;
  }
  connection.unsent.clear();
}

// --- answers -----------------------------------------------------------------------------------------------------------

void Http2Worker::on_event(Connection& connection, std::uint32_t events) {
  if (connection.state == Connection::State::closed) return;
  if (connection.state != Connection::State::open) {
    on_connecting(connection);
    // The handshake may have brought the first bytes along, and there is no second edge for them.
    if (connection.state != Connection::State::open) return;
  }
  if ((events & EPOLLOUT) != 0 || connection.channel.is_secure()) mark(connection);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) read(connection);
}

void Http2Worker::read(Connection& connection) {
  for (;;) {
    std::size_t got = 0;
    const Channel::Step step = connection.channel.read(buffer_, got);
    if (step == Channel::Step::later) break;
    if (step != Channel::Step::done) return fail_connection(connection, Cause::reset);
    if (!connection.session->feed({buffer_.data(), got}, now_ns())) {
      return fail_connection(connection, Cause::bad_answer);
    }
    take_answers(connection, Cause::reset);
  }
  mark(connection);  // For acknowledgements and windows.
  if (!connection.session->takes_requests() && connection.calls == 0) {
    close(connection);
    return open_for_waiting();
  }
  place_waiting(connection);
}

void Http2Worker::take_answers(Connection& connection, Cause cause_of_broken) {
  while (const Http2Answer* answer = connection.session->next_answer()) take_answer(*answer, cause_of_broken);
}

void Http2Worker::take_answer(const Http2Answer& answer, Cause cause_of_broken) {
  const auto id = static_cast<std::size_t>(answer.tag);
  Invocation done = calls_[id].invocation;
  release(id);
  done.first_byte_ns = answer.began_at;
  if (!answer.is_complete && answer.was_not_processed && done.attempt < most_attempts) {
    ++done.attempt;
    done.sent_ns = done.first_byte_ns = missing_ns;
    waiting_.push_front(done);
    return;
  }
  // An answer may come before the request has been sent to its end.
  if (done.sent_ns == missing_ns) done.sent_ns = done.first_byte_ns;
  const std::int64_t now = now_ns();
  if (!answer.is_complete) return end(done, cause_of_broken, now);
  texts_.read(answer, done);
  end(done, done.cause, now);
}

void Http2Worker::fail_connection(Connection& connection, Cause cause) {
  connection.session->end();
  take_answers(connection, cause);
  close(connection);
  while (!waiting_.empty() && place(waiting_.front())) waiting_.pop_front();
  open_for_waiting();
}

void Http2Worker::release(std::size_t id) {
  Call& call = calls_[id];
  call.number = 0;
  free_calls_.push_back(id);
  Connection& connection = *connections_[call.connection];
  --connection.calls;
  offer(connection);
}

void Http2Worker::end(Invocation& invocation, Cause cause, std::int64_t now) {
  invocation.cause = cause;
  invocation.done_ns = now;
  --in_flight_;
  sink_->take(invocation);
}

void Http2Worker::fail_longest_waiting(Cause cause, std::int64_t now) {
  if (waiting_.empty()) return;
  Invocation failed = waiting_.front();
  waiting_.pop_front();
  end(failed, cause, now);
}

void Http2Worker::handle_ready(Nanos limit, std::int64_t due_ns) {
  flush_all();
  if (ready_.empty()) ready_ = poller_.wait(limit);
  int handled = 0;
  while (!ready_.empty()) {
    const epoll_event event = ready_.front();
    ready_ = ready_.subspan(1);
    Connection& connection = *connections_[event.data.u64 & UINT32_MAX];
    if (connection.generation == event.data.u64 >> 32) on_event(connection, event.events);
    if (++handled >= least_handled_at_once && !ready_.empty() && now_ns() >= due_ns) break;
  }
  flush_all();
}

// --- limits ------------------------------------------------------------------------------------------------------------

void Http2Worker::expire(std::int64_t now) {
  flush_all();
  if (now < next_expiry_ns_) return;
  next_expiry_ns_ = now + expiry_step_ns_;
  while (!deadlines_.empty() && (deadlines_.front().when <= now ||
                                 calls_[deadlines_.front().call].number != deadlines_.front().number)) {
    const CallRef late = deadlines_.front();
    deadlines_.pop_front();
    Call& call = calls_[late.call];
    if (call.number != late.number) continue;
    Connection& connection = *connections_[call.connection];
    connection.session->cancel(call.stream);
    mark(connection);
    Invocation failed = call.invocation;
    release(late.call);
    end(failed, Cause::function_timeout, now);
  }
  // By index: failing may open a connection.
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Connection& connection = *connections_[i];
    const bool is_connecting = connection.state == Connection::State::connecting ||
                               connection.state == Connection::State::shaking_hands;
    if (is_connecting && now >= connection.deadline) fail_connecting(connection, Cause::connect_timeout);
  }
  // Waiting for a stream has its limit, too.
  while (!waiting_.empty() && now - waiting_.front().dispatched_ns >= options_.function_timeout.count()) {
    fail_longest_waiting(Cause::local, now);
  }
  flush_all();
}

void Http2Worker::censor_rest() {
  for (const Invocation& waiting : waiting_) sink_->take(waiting);
  waiting_.clear();
  for (Call& call : calls_) {
    if (std::exchange(call.number, 0) != 0) sink_->take(call.invocation);
  }
  for (const auto& connection : connections_) close(*connection);
  calls_.clear();
  free_calls_.clear();
  deadlines_.clear();
  available_.clear();
  in_flight_ = 0;
  ready_ = {};
}

}  // namespace thaw
