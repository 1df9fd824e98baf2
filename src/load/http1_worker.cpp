#include "load/http1_worker.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "core/text.h"

namespace thaw {

struct Http1Worker::Connection {
  enum class State : std::uint8_t { closed, connecting, idle, busy };

  std::size_t slot = 0;
  FileDescriptor socket;
  State state = State::closed;
  std::int64_t connect_began = 0;
  std::int64_t connect_took = missing_ns;  ///< Until the first invocation has it.
  bool is_reused = false;                  ///< At least one answer came over it.
  Invocation invocation;
  std::string unsent;
  std::size_t sent_bytes = 0;
  std::int64_t deadline = 0;
  ResponseReader reader;
};

namespace {

std::int64_t parse_count(std::string_view text) {
  std::int64_t value = missing_ns;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The number behind `"key":` in a flat JSON object; missing when it is not there.
std::int64_t json_count(std::string_view body, std::string_view quoted_key) {
  const std::size_t at = body.find(quoted_key);
  if (at == std::string_view::npos) return missing_ns;
  std::string_view rest = body.substr(at + quoted_key.size());
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == ':')) rest.remove_prefix(1);
  return parse_count(rest);
}

}  // namespace

Http1Worker::Http1Worker(Target& target, const SenderOptions& options, Clock& clock, InvocationSink& sink,
                         Poller poller)
    : target_(target),
      options_(options),
      clock_(clock),
      sink_(sink),
      poller_(std::move(poller)),
      buffer_(std::size_t{64} << 10) {}

Http1Worker::~Http1Worker() = default;

Result<std::unique_ptr<Http1Worker>> Http1Worker::create(Target& target, const SenderOptions& options,
                                                         Clock& clock, InvocationSink& sink) {
  THAW_TRY(Poller poller, Poller::create());
  return std::unique_ptr<Http1Worker>(new Http1Worker(target, options, clock, sink, std::move(poller)));
}

// --- connections -------------------------------------------------------------------------------------------------------

bool Http1Worker::open_connection() {
  auto socket = begin_connect(target_.endpoint());
  if (!socket) {
    last_connect_error_ = errno;
    return false;
  }
  std::size_t slot = connections_.size();
  if (closed_.empty()) {
    connections_.push_back(std::make_unique<Connection>());
  } else {
    slot = closed_.back();
    closed_.pop_back();
  }
  Connection& connection = *connections_[slot];
  connection.slot = slot;
  connection.socket = *std::move(socket);
  connection.state = Connection::State::connecting;
  connection.connect_began = now_ns();
  connection.deadline = connection.connect_began + options_.connect_timeout.count();
  connection.is_reused = false;
  if (!poller_.add(connection.socket.get(), EPOLLIN | EPOLLOUT | EPOLLET, slot)) {
    close(connection);
    return false;
  }
  ++connecting_;
  ++health_.connections_opened;
  return true;
}

void Http1Worker::close(Connection& connection) {
  if (connection.state == Connection::State::closed) return;
  if (connection.state == Connection::State::connecting && connecting_ > 0) --connecting_;
  if (connection.state == Connection::State::idle) std::erase(idle_, connection.slot);
  connection.socket.reset();
  connection.state = Connection::State::closed;
  closed_.push_back(connection.slot);
}

void Http1Worker::become_idle(Connection& connection) {
  connection.state = Connection::State::idle;
  if (!waiting_.empty()) {
    const Invocation next = waiting_.front();
    waiting_.pop_front();
    send_on(connection, next);
    return;
  }
  idle_.push_back(connection.slot);
}

void Http1Worker::on_connected(Connection& connection) {
  --connecting_;
  connection.state = Connection::State::idle;
  const int code = connect_error(connection.socket.get());
  if (code != 0) {
    last_connect_error_ = code;
    connection.socket.reset();
    connection.state = Connection::State::closed;
    closed_.push_back(connection.slot);
    // Somebody waits for this connection: who waits longest gets the bad news.
    if (!waiting_.empty()) {
      Invocation failed = waiting_.front();
      waiting_.pop_front();
      failed.cause = code == ETIMEDOUT ? Cause::connect_timeout : Cause::connect_refused;
      failed.done_ns = now_ns();
      sink_.take(failed);
      --in_flight_;
    }
    return;
  }
  connection.connect_took = now_ns() - connection.connect_began;
  become_idle(connection);
}

// --- invocations -------------------------------------------------------------------------------------------------------

void Http1Worker::dispatch(const Invocation& planned, std::int64_t now) {
  Invocation invocation = planned;
  invocation.dispatched_ns = now;
  ++in_flight_;
  health_.most_in_flight = std::max(health_.most_in_flight, in_flight_);
  if (!idle_.empty()) {
    Connection& connection = *connections_[idle_.back()];
    idle_.pop_back();
    send_on(connection, invocation);
    return;
  }
  waiting_.push_back(invocation);
  health_.most_waiting = std::max<std::uint64_t>(health_.most_waiting, waiting_.size());
  const std::size_t open = connections_.size() - closed_.size();
  if (connecting_ >= waiting_.size() || open >= options_.most_connections) return;
  if (open_connection() || open > 0) return;
  // Nothing is open and nothing can be opened.
  waiting_.pop_back();
  invocation.cause = last_connect_error_ == ECONNREFUSED ? Cause::connect_refused : Cause::local;
  invocation.done_ns = now_ns();
  sink_.take(invocation);
  --in_flight_;
}

void Http1Worker::send_on(Connection& connection, const Invocation& invocation) {
  connection.state = Connection::State::busy;
  connection.invocation = invocation;
  connection.invocation.connect_ns = std::exchange(connection.connect_took, missing_ns);
  connection.reader.begin(target_.is_head());
  connection.deadline = now_ns() + options_.function_timeout.count();
  const std::string_view request = target_.render(invocation);
  const ssize_t sent =
      ::send(connection.socket.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  if (done == request.size()) {
    connection.unsent.clear();
    connection.invocation.sent_ns = now_ns();
    return;
  }
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
    fail_invocation(connection, Cause::reset);
    return;
  }
  connection.unsent.assign(request.substr(done));
  connection.sent_bytes = 0;
}

void Http1Worker::write_more(Connection& connection) {
  const std::string_view rest = std::string_view(connection.unsent).substr(connection.sent_bytes);
  const ssize_t sent = ::send(connection.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) fail_invocation(connection, Cause::reset);
    return;
  }
  connection.sent_bytes += static_cast<std::size_t>(sent);
  if (connection.sent_bytes < connection.unsent.size()) return;
  connection.unsent.clear();
  connection.invocation.sent_ns = now_ns();
}

void Http1Worker::on_readable(Connection& connection) {
  for (;;) {
    const ssize_t got = ::recv(connection.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (connection.state == Connection::State::busy) return fail_invocation(connection, Cause::reset);
      return close(connection);
    }
    const std::int64_t now = now_ns();
    if (connection.state != Connection::State::busy)
      return close(connection);  // closed by the server, or stray bytes
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
    if (bytes.size() < buffer_.size())
      return;  // nothing more for now; the next edge comes with the next bytes
  }
}

void Http1Worker::read_answer(Connection& connection) {
  Invocation& invocation = connection.invocation;
  const ResponseReader& reader = connection.reader;
  if (const std::string_view cold = reader.header("x-thaw-cold"); !cold.empty()) {
    invocation.knows_cold = true;
    invocation.is_cold = cold == "1" || cold == "true";
  }
  std::string_view instance = reader.header("x-thaw-instance");
  invocation.actual_us = json_count(reader.body(), "\"ExecutionTime\"");
  if (invocation.actual_us == missing_ns)
    invocation.actual_us = json_count(reader.body(), "\"DurationInMicroSec\"");
  invocation.actual_memory_kib = json_count(reader.body(), "\"MemoryUsageInKb\"");
  instance = instance.substr(0, invocation.instance.size() - 1);
  std::copy(instance.begin(), instance.end(), invocation.instance.begin());
}

void Http1Worker::complete(Connection& connection, std::int64_t now) {
  Invocation& invocation = connection.invocation;
  invocation.done_ns = now;
  invocation.status = static_cast<std::uint16_t>(connection.reader.status());
  if (invocation.status < 200 || invocation.status >= 300) invocation.cause = Cause::status;
  if (options_.reads_answers) read_answer(connection);
  sink_.take(invocation);
  --in_flight_;
  connection.is_reused = true;
  if (!connection.reader.keeps_alive()) {
    connection.state = Connection::State::connecting;  // not idle: close has nothing to take from the list
    ++connecting_;
    close(connection);
  } else if (!is_closed_loop_) {
    become_idle(connection);
    return;
  }
  if (is_closed_loop_) answered_.push_back(connection.slot);
  if (!is_closed_loop_ && !waiting_.empty() && connecting_ < waiting_.size()) open_connection();
}

void Http1Worker::fail_invocation(Connection& connection, Cause cause) {
  Invocation failed = connection.invocation;
  const bool can_go_again = cause == Cause::reset && connection.is_reused &&
                            failed.first_byte_ns == missing_ns && failed.attempt < 3;
  close(connection);
  if (can_go_again) {
    // The server closed an idle connection just as it was used: nothing was executed, so it is sent again.
    ++failed.attempt;
    failed.sent_ns = missing_ns;
    waiting_.push_front(failed);
    if (!open_connection()) {
      waiting_.pop_front();
    } else {
      return;
    }
  }
  failed.cause = cause;
  failed.done_ns = now_ns();
  sink_.take(failed);
  --in_flight_;
  if (is_closed_loop_) answered_.push_back(connection.slot);
}

void Http1Worker::on_event(Connection& connection, std::uint32_t events) {
  if (connection.state == Connection::State::closed) return;
  if (connection.state == Connection::State::connecting) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) on_connected(connection);
    return;
  }
  if ((events & EPOLLOUT) != 0 && !connection.unsent.empty()) write_more(connection);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0 &&
      connection.state != Connection::State::closed) {
    on_readable(connection);
  }
}

void Http1Worker::handle_ready(std::optional<Nanos> limit) {
  for (const epoll_event& event : poller_.wait(limit)) {
    on_event(*connections_[event.data.u64], event.events);
  }
}

void Http1Worker::expire(std::int64_t now) {
  if (now < next_expiry_check_) return;
  // Limits are seconds; a look ten times a second at all connections is nothing.
  next_expiry_check_ = now + 100'000'000;
  for (const auto& connection : connections_) {
    if (now < connection->deadline) continue;
    if (connection->state == Connection::State::busy) {
      fail_invocation(*connection, Cause::function_timeout);
    } else if (connection->state == Connection::State::connecting) {
      close(*connection);
    }
  }
  while (!waiting_.empty()) {
    const std::int64_t waited = now - waiting_.front().dispatched_ns;
    if (waited < options_.connect_timeout.count()) break;
    Invocation late = waiting_.front();
    waiting_.pop_front();
    late.cause = Cause::connect_timeout;
    late.done_ns = now;
    sink_.take(late);
    --in_flight_;
  }
}

// --- open loop ---------------------------------------------------------------------------------------------------------

Result<bool> Http1Worker::release_due(InvocationPlan& plan, const Invocation*& next, std::int64_t now) {
  int released = 0;
  // Answers wait while a long backlog is sent: look at them now and then.
  while (next != nullptr && next->intended_ns <= now && released++ < 64) {
    const std::int64_t late = now - next->intended_ns;
    if (options_.late != LatePolicy::catch_up && late > options_.late_limit.count()) {
      if (options_.late == LatePolicy::abort) {
        health_.was_aborted = true;
        return false;
      }
      Invocation dropped = *next;
      dropped.cause = Cause::dropped;
      sink_.take(dropped);
    } else {
      dispatch(*next, now);
      now = now_ns();
    }
    THAW_TRY(next, plan.next());
  }
  return true;
}

Result<> Http1Worker::run_open(InvocationPlan& plan, MonotonicTime anchor, Nanos drain,
                               const std::function<bool()>& is_stopped) {
  sleep_precisely();
  anchor_ = anchor;
  is_closed_loop_ = false;
  THAW_TRY(const Invocation* next, plan.next());
  std::int64_t last = 0;
  std::uint32_t rounds = 0;
  for (;;) {
    std::int64_t now = now_ns();
    if (next != nullptr) last = next->intended_ns;
    THAW_TRY(const bool goes_on, release_due(plan, next, now));
    now = now_ns();
    expire(now);
    const bool is_over = next == nullptr && (in_flight_ == 0 || now > last + drain.count());
    if (!goes_on || is_over || ((++rounds & 63U) == 0 && is_stopped())) break;
    std::int64_t limit = 50'000'000;
    if (next != nullptr) limit = std::min(limit, next->intended_ns - now);
    if (limit <= options_.spin.count()) limit = 0;
    if (limit > 0 && next != nullptr && limit == next->intended_ns - now) limit -= options_.spin.count();
    handle_ready(Nanos{std::max<std::int64_t>(limit, 0)});
  }
  censor_rest();
  return {};
}

void Http1Worker::censor_rest() {
  for (const Invocation& waiting : waiting_) sink_.take(waiting);
  waiting_.clear();
  for (const auto& connection : connections_) {
    if (connection->state == Connection::State::busy) sink_.take(connection->invocation);
    close(*connection);
  }
  in_flight_ = 0;
}

// --- closed loop -------------------------------------------------------------------------------------------------------

Result<> Http1Worker::run_closed(std::size_t connections, Nanos duration, Nanos think, MonotonicTime anchor,
                                 const std::function<void(Invocation&)>& make,
                                 const std::function<bool()>& is_stopped) {
  sleep_precisely();
  anchor_ = anchor;
  is_closed_loop_ = true;
  options_.most_connections = connections;
  struct Thinking {
    std::int64_t until;
  };
  std::deque<Thinking> thinking;
  const auto begin_one = [&](std::int64_t intended) {
    Invocation invocation;
    make(invocation);
    invocation.intended_ns = intended;
    dispatch(invocation, now_ns());
  };
  for (std::size_t i = 0; i < connections; ++i) begin_one(now_ns());
  std::uint32_t rounds = 0;
  while (now_ns() < duration.count()) {
    std::int64_t limit = std::min<std::int64_t>(50'000'000, duration.count() - now_ns());
    if (!thinking.empty()) limit = std::clamp<std::int64_t>(thinking.front().until - now_ns(), 0, limit);
    handle_ready(Nanos{std::max<std::int64_t>(limit, 0)});
    for (std::size_t i = 0; i < answered_.size(); ++i) {
      Connection& connection = *connections_[answered_[i]];
      if (connection.state == Connection::State::busy) {
        connection.state = Connection::State::idle;
        idle_.push_back(connection.slot);
      }
      if (think > Nanos::zero()) {
        thinking.push_back({now_ns() + think.count()});
      } else {
        begin_one(now_ns());
      }
    }
    answered_.clear();
    while (!thinking.empty() && thinking.front().until <= now_ns()) {
      begin_one(thinking.front().until);
      thinking.pop_front();
    }
    expire(now_ns());
    if ((++rounds & 63U) == 0 && is_stopped()) break;
  }
  censor_rest();
  return {};
}

}  // namespace thaw
