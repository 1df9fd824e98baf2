#include "load/http1_worker.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "load/answer.h"

namespace thaw {

struct Http1Worker::Connection {
  enum class State : std::uint8_t { closed, connecting, idle, busy };

  std::size_t slot = 0;
  std::uint32_t generation = 0;  ///< Tells events of an earlier socket in this slot apart.
  FileDescriptor socket;
  State state = State::closed;
  bool is_reused = false;  ///< At least one answer came over it.
  std::int64_t connect_began = 0;
  std::int64_t connect_took = missing_ns;  ///< Until the first invocation has it.
  std::int64_t deadline = 0;
  Invocation invocation;
  std::string unsent;
  std::size_t sent_bytes = 0;
  ResponseReader reader;
};

namespace {

/// Answers are handled at least this many at a time, also when an instant has come meanwhile.
constexpr int least_handled_at_once = 16;

bool would_block(int code) { return code == EAGAIN || code == EWOULDBLOCK; }

}  // namespace

Http1Worker::Http1Worker(LoadTarget& target, const SenderOptions& options, Clock& clock, Poller poller)
    : target_(target),
      options_(options),
      clock_(clock),
      poller_(std::move(poller)),
      expiry_step_ns_(std::clamp<std::int64_t>(
          std::min(options.connect_timeout, options.function_timeout).count() / 10, 1'000'000, 100'000'000)),
      buffer_(std::size_t{64} << 10) {}

Http1Worker::~Http1Worker() = default;

Result<std::unique_ptr<Http1Worker>> Http1Worker::create(LoadTarget& target, const SenderOptions& options,
                                                         Clock& clock) {
  THAW_TRY(Poller poller, Poller::create());
  return std::unique_ptr<Http1Worker>(new Http1Worker(target, options, clock, std::move(poller)));
}

void Http1Worker::begin(MonotonicTime anchor, InvocationSink& sink) {
  anchor_ = anchor;
  sink_ = &sink;
  // Instants before the anchor are negative.
  next_expiry_ns_ = now_ns();
}

// --- connections -------------------------------------------------------------------------------------------------------

bool Http1Worker::open_connection() {
  auto socket = begin_connect(target_.endpoint());
  if (!socket) return false;
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
  connection.socket = *std::move(socket);
  connection.state = Connection::State::connecting;
  connection.connect_began = now_ns();
  connection.deadline = connection.connect_began + options_.connect_timeout.count();
  connection.is_reused = false;
  ++connecting_;
  const std::uint64_t token = (std::uint64_t{connection.generation} << 32) | slot;
  if (!poller_.add(connection.socket.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, token)) {
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
  if (connection.state == Connection::State::connecting) --connecting_;
  if (connection.state == Connection::State::idle) std::erase(idle_, connection.slot);
  connection.socket.reset();
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

void Http1Worker::on_connected(Connection& connection) {
  if (const int code = connect_error(connection.socket.get()); code != 0) {
    close(connection);
    // Somebody waits for this connection: who waits longest gets the bad news.
    fail_longest_waiting(code == ETIMEDOUT ? Cause::connect_timeout : Cause::connect_refused, now_ns());
    return open_for_waiting();
  }
  --connecting_;
  connection.connect_took = now_ns() - connection.connect_began;
  become_idle(connection);
}

// --- invocations -------------------------------------------------------------------------------------------------------

void Http1Worker::end(Invocation& invocation, Cause cause, std::int64_t now) {
  invocation.cause = cause;
  invocation.done_ns = now;
  --in_flight_;
  sink_->take(invocation);
}

void Http1Worker::fail_longest_waiting(Cause cause, std::int64_t now) {
  if (waiting_.empty()) return;
  Invocation failed = waiting_.front();
  waiting_.pop_front();
  end(failed, cause, now);
}

void Http1Worker::submit(const Invocation& invocation) {
  ++in_flight_;
  health_.most_in_flight = std::max(health_.most_in_flight, in_flight_);
  if (!idle_.empty()) {
    Connection& connection = *connections_[idle_.back()];
    idle_.pop_back();
    return send_on(connection, invocation);
  }
  waiting_.push_back(invocation);
  health_.most_waiting = std::max<std::uint64_t>(health_.most_waiting, waiting_.size());
  open_for_waiting();
}

void Http1Worker::send_on(Connection& connection, const Invocation& invocation) {
  connection.state = Connection::State::busy;
  connection.invocation = invocation;
  connection.invocation.connect_ns = std::exchange(connection.connect_took, missing_ns);
  connection.reader.begin(target_.is_head());
  const std::string_view request = target_.render(invocation);
  const ssize_t sent =
      ::send(connection.socket.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const int code = errno;
  const std::int64_t now = now_ns();
  connection.deadline = now + options_.function_timeout.count();
  if (sent == static_cast<ssize_t>(request.size())) {
    connection.unsent.clear();
    connection.invocation.sent_ns = now;
    return;
  }
  if (sent < 0 && !would_block(code)) return fail_invocation(connection, Cause::reset);
  connection.unsent.assign(request.substr(sent > 0 ? static_cast<std::size_t>(sent) : 0));
  connection.sent_bytes = 0;
}

void Http1Worker::write_more(Connection& connection) {
  const std::string_view rest = std::string_view(connection.unsent).substr(connection.sent_bytes);
  const ssize_t sent = ::send(connection.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (!would_block(errno)) fail_invocation(connection, Cause::reset);
    return;
  }
  connection.sent_bytes += static_cast<std::size_t>(sent);
  if (connection.sent_bytes < connection.unsent.size()) return;
  connection.unsent.clear();
  connection.invocation.sent_ns = now_ns();
}

void Http1Worker::on_readable(Connection& connection, bool has_end) {
  for (;;) {
    const ssize_t got = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && would_block(errno)) return;
    // Closed by the server while idle, or bytes that nobody asked for.
    if (connection.state != Connection::State::busy) return close(connection);
    if (got < 0) return fail_invocation(connection, Cause::reset);
    const std::int64_t now = now_ns();
    if (got == 0) {
      connection.reader.end_of_stream();
      if (connection.reader.is_complete()) return complete(connection, now);
      return fail_invocation(connection, Cause::reset);
    }
    if (connection.invocation.first_byte_ns == missing_ns) connection.invocation.first_byte_ns = now;
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
    const std::size_t used = connection.reader.feed(bytes);
    if (connection.reader.has_failed() || used < bytes.size())
      return fail_invocation(connection, Cause::bad_answer);
    if (connection.reader.is_complete()) return complete(connection, now);
    // A short read means that nothing more is there; the next edge comes with the next bytes. An end that is known already
    // has no edge of its own.
    if (bytes.size() < buffer_.size() && !has_end) return;
  }
}

void Http1Worker::complete(Connection& connection, std::int64_t now) {
  Invocation done = connection.invocation;
  const ResponseReader& reader = connection.reader;
  // An answer may come before the request has been sent to its end.
  if (done.sent_ns == missing_ns) done.sent_ns = done.first_byte_ns;
  done.status = static_cast<std::uint16_t>(reader.status());
  if (options_.reads_answers)
    read_answer({reader.header("x-thaw-cold"), reader.header("x-thaw-instance"), reader.body()}, done);
  const bool is_good = done.status >= 200 && done.status < 300;
  connection.is_reused = true;
  if (reader.keeps_alive() && connection.unsent.empty()) {
    become_idle(connection);
  } else {
    close(connection);
    open_for_waiting();
  }
  end(done, is_good ? Cause::none : Cause::status, now);
}

void Http1Worker::fail_invocation(Connection& connection, Cause cause) {
  Invocation failed = connection.invocation;
  const bool can_go_again = cause == Cause::reset && connection.is_reused &&
                            failed.first_byte_ns == missing_ns && failed.attempt < 3;
  close(connection);
  if (can_go_again && open_connection()) {
    // The server closed an idle connection just as it was used.
    ++failed.attempt;
    failed.sent_ns = missing_ns;
    waiting_.push_front(failed);
    return;
  }
  end(failed, cause, now_ns());
  open_for_waiting();
}

void Http1Worker::on_event(Connection& connection, std::uint32_t events) {
  if (connection.state == Connection::State::closed) return;
  if (connection.state == Connection::State::connecting) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) on_connected(connection);
    return;
  }
  if ((events & EPOLLOUT) != 0 && !connection.unsent.empty()) write_more(connection);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) == 0) return;
  if (connection.state == Connection::State::closed) return;
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
    } else if (connection.state == Connection::State::connecting) {
      close(connection);
      fail_longest_waiting(Cause::connect_timeout, now);
      open_for_waiting();
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
