#include "load/http2_worker.h"

#include <utility>

namespace thaw {

struct Http2Worker::Line final : WorkerConnection {
  std::unique_ptr<Http2ClientSession> session;
  std::size_t calls = 0;
  bool is_offered = false;  ///< Stands in available_.
  bool is_dirty = false;    ///< Stands in dirty_.
  std::string output;
  std::size_t sent_bytes = 0;
  std::vector<CallRef> unsent;  ///< Calls whose requests are in the output, or still to come there.
};

struct Http2Worker::Call {
  Invocation invocation;
  Http2StreamId stream = 0;
  std::size_t slot = 0;      ///< Of its connection.
  std::uint64_t number = 0;  ///< Unique; 0 when the place is free.
};

namespace {

constexpr std::uint16_t most_attempts = 3;

}  // namespace

Http2Worker::Http2Worker(LoadTarget& target, const CallSite& site, const SenderOptions& options, Clock& clock,
                         Transport transport)
    : ConnectionWorker(target, site, options, clock, std::move(transport)), texts_(target, options, clock) {}

Http2Worker::~Http2Worker() = default;

Result<std::unique_ptr<Http2Worker>> Http2Worker::create(LoadTarget& target, const CallSite& site,
                                                         const SenderOptions& options, Clock& clock) {
  THAW_TRY(Transport transport, Transport::create(site, options, "h2"));
  return std::unique_ptr<Http2Worker>(new Http2Worker(target, site, options, clock, std::move(transport)));
}

// --- connections -------------------------------------------------------------------------------------------------------

std::unique_ptr<WorkerConnection> Http2Worker::make_connection() const { return std::make_unique<Line>(); }

Http2Worker::Line& Http2Worker::line_at(std::size_t slot) const {
  return static_cast<Line&>(*connections_[slot]);
}

void Http2Worker::on_open(Connection& connection) {
  // Without the protocol's name there is no telling what the server speaks.
  if (connection.channel.is_secure() && connection.channel.protocol() != "h2")
    return fail_connecting(connection, Cause::tls);
  auto& line = static_cast<Line&>(connection);
  line.session = std::make_unique<Http2ClientSession>();
  place_waiting(line);
}

void Http2Worker::on_ready(Connection& connection, std::uint32_t events) {
  auto& line = static_cast<Line&>(connection);
  if ((events & EPOLLOUT) != 0 || line.channel.is_secure()) mark(line);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) read(line);
}

void Http2Worker::on_close(Connection& connection) {
  auto& line = static_cast<Line&>(connection);
  line.session.reset();
  line.calls = 0;
  line.output.clear();
  line.sent_bytes = 0;
  line.unsent.clear();
}

bool Http2Worker::has_room(const Line& line) const {
  return line.is_open() && line.calls < options_.streams_per_connection && line.session->takes_requests() &&
         line.session->free_streams() > 0;
}

void Http2Worker::offer(Line& line) {
  if (line.is_offered || !has_room(line)) return;
  line.is_offered = true;
  available_.push_back(line.slot);
}

void Http2Worker::place_waiting(Line& line) {
  while (!waiting_.empty() && has_room(line)) {
    const Invocation next = waiting_.front();
    waiting_.pop_front();
    send_on(line, next);
  }
  offer(line);
}

// --- requests ----------------------------------------------------------------------------------------------------------

bool Http2Worker::place(const Invocation& invocation) {
  while (!available_.empty()) {
    Line& line = line_at(available_.back());
    if (has_room(line)) {
      send_on(line, invocation);
      return true;
    }
    line.is_offered = false;
    available_.pop_back();
  }
  return false;
}

/// REQUIRES: the connection has room.
void Http2Worker::send_on(Line& line, const Invocation& invocation) {
  if (free_calls_.empty()) {
    free_calls_.push_back(calls_.size());
    calls_.emplace_back();
  }
  const std::size_t id = free_calls_.back();
  free_calls_.pop_back();
  const auto stream = line.session->send(texts_.render(invocation), id);
  Call& call = calls_[id];
  call.invocation = invocation;
  call.invocation.connect_ns = std::exchange(line.connect_took, missing_ns);
  call.slot = line.slot;
  call.number = ++next_number_;
  if (!stream) {
    // Headers that the protocol has no form for.
    Invocation failed = call.invocation;
    call.number = 0;
    free_calls_.push_back(id);
    return end(failed, Cause::local, now_ns());
  }
  call.stream = *stream;
  ++line.calls;
  deadlines_.push_back({id, call.number, now_ns() + options_.function_timeout.count()});
  line.unsent.push_back({id, call.number});
  mark(line);
}

void Http2Worker::mark(Line& line) {
  if (line.is_dirty) return;
  line.is_dirty = true;
  dirty_.push_back(line.slot);
}

void Http2Worker::flush() {
  // By index: a connection that fails may open another.
  for (std::size_t i = 0; i < dirty_.size(); ++i) {
    Line& line = line_at(dirty_[i]);
    line.is_dirty = false;
    if (line.is_open()) write(line);
  }
  dirty_.clear();
}

void Http2Worker::write(Line& line) {
  for (;;) {
    if (line.sent_bytes == line.output.size()) {
      line.output.clear();
      line.sent_bytes = 0;
      if (!line.session->append_output(line.output)) break;
    }
    std::size_t put = 0;
    const std::string_view rest = std::string_view(line.output).substr(line.sent_bytes);
    switch (line.channel.write(rest, put)) {
      case Channel::Step::done:
        line.sent_bytes += put;
        break;
      case Channel::Step::later:
        return;
      case Channel::Step::closed:
      case Channel::Step::failed:
        return fail_line(line, Cause::reset);
    }
  }
  stamp_sent(line);
  // What told the server that it broke the protocol has been written.
  if (line.session->has_failed()) fail_line(line, Cause::bad_answer);
}

void Http2Worker::stamp_sent(Line& line) {
  if (line.unsent.empty()) return;
  const std::int64_t now = now_ns();
  for (const CallRef& sent : line.unsent) {
    if (calls_[sent.call].number == sent.number) calls_[sent.call].invocation.sent_ns = now;
  }
  line.unsent.clear();
}

// --- answers -----------------------------------------------------------------------------------------------------------

void Http2Worker::read(Line& line) {
  for (;;) {
    std::size_t got = 0;
    const Channel::Step step = line.channel.read(buffer_, got);
    if (step == Channel::Step::later) break;
    if (step != Channel::Step::done) return fail_line(line, Cause::reset);
    if (!line.session->feed({buffer_.data(), got}, now_ns())) {
      return fail_line(line, Cause::bad_answer);
    }
    take_answers(line, Cause::reset);
  }
  mark(line);  // For acknowledgements and windows.
  if (!line.session->takes_requests() && line.calls == 0) {
    close(line);
    open_for_waiting();
    return;
  }
  place_waiting(line);
}

void Http2Worker::take_answers(Line& line, Cause cause_of_broken) {
  while (const Http2Answer* answer = line.session->next_answer()) take_answer(*answer, cause_of_broken);
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
  if (options_.bodies != nullptr && done.cause == Cause::none) options_.bodies->on_body(answer.body);
  end(done, done.cause, now);
}

void Http2Worker::fail_line(Line& line, Cause cause) {
  line.session->end();
  take_answers(line, cause);
  close(line);
  while (!waiting_.empty() && place(waiting_.front())) waiting_.pop_front();
  open_for_waiting();
}

void Http2Worker::release(std::size_t id) {
  Call& call = calls_[id];
  call.number = 0;
  free_calls_.push_back(id);
  Line& line = line_at(call.slot);
  --line.calls;
  offer(line);
}

// --- limits ------------------------------------------------------------------------------------------------------------

void Http2Worker::expire_calls(std::int64_t now) {
  while (!deadlines_.empty() && (deadlines_.front().when <= now ||
                                 calls_[deadlines_.front().call].number != deadlines_.front().number)) {
    const CallRef late = deadlines_.front();
    deadlines_.pop_front();
    Call& call = calls_[late.call];
    if (call.number != late.number) continue;
    Line& line = line_at(call.slot);
    line.session->cancel(call.stream);
    mark(line);
    Invocation failed = call.invocation;
    release(late.call);
    end(failed, Cause::function_timeout, now);
  }
}

void Http2Worker::censor_calls() {
  for (Call& call : calls_) {
    if (std::exchange(call.number, 0) != 0) censor(call.invocation);
  }
  calls_.clear();
  free_calls_.clear();
  deadlines_.clear();
  available_.clear();
}

}  // namespace thaw
