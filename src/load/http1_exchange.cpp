// The HTTP/1.1 worker's requests and answers; its connections are in http1_worker.cpp.

#include <algorithm>
#include <utility>

#include "load/answer.h"
#include "load/http1_connection.h"

namespace thaw {

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
  std::size_t put = 0;
  const Channel::Step step = connection.channel.write(request, put);
  const std::int64_t now = now_ns();
  connection.deadline = now + options_.function_timeout.count();
  connection.unsent.clear();
  if (step == Channel::Step::done && put == request.size()) {
    connection.invocation.sent_ns = now;
    return;
  }
  if (step == Channel::Step::closed || step == Channel::Step::failed)
    return fail_invocation(connection, Cause::reset);
  connection.unsent.assign(request.substr(put));
  connection.sent_bytes = 0;
  // TLS takes a piece at a time, so there may be room for the next one now.
  if (step == Channel::Step::done) write_more(connection);
}

void Http1Worker::write_more(Connection& connection) {
  while (connection.sent_bytes < connection.unsent.size()) {
    std::size_t put = 0;
    const std::string_view rest = std::string_view(connection.unsent).substr(connection.sent_bytes);
    const Channel::Step step = connection.channel.write(rest, put);
    if (step == Channel::Step::later) return;
    if (step != Channel::Step::done) return fail_invocation(connection, Cause::reset);
    connection.sent_bytes += put;
  }
  connection.unsent.clear();
  connection.invocation.sent_ns = now_ns();
}

void Http1Worker::on_readable(Connection& connection, bool has_end) {
  for (;;) {
    std::size_t got = 0;
    const Channel::Step step = connection.channel.read(buffer_, got);
    if (step == Channel::Step::later) return;
    // Closed by the server while idle, or bytes that nobody asked for.
    if (connection.state != Connection::State::busy) return close(connection);
    if (step == Channel::Step::failed) return fail_invocation(connection, Cause::reset);
    const std::int64_t now = now_ns();
    if (step == Channel::Step::closed) {
      connection.reader.end_of_stream();
      if (connection.reader.is_complete()) return complete(connection, now);
      return fail_invocation(connection, Cause::reset);
    }
    if (connection.invocation.first_byte_ns == missing_ns) connection.invocation.first_byte_ns = now;
    const std::string_view bytes(buffer_.data(), got);
    const std::size_t used = connection.reader.feed(bytes);
    if (connection.reader.has_failed() || used < bytes.size())
      return fail_invocation(connection, Cause::bad_answer);
    if (connection.reader.is_complete()) return complete(connection, now);
    // A short read means that nothing more is there; the next edge comes with the next bytes. An end that is known already
    // has no edge of its own.
    if (got < buffer_.size() && !has_end && !connection.channel.is_secure()) return;
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

}  // namespace thaw
