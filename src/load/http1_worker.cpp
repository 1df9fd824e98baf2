#include "load/http1_worker.h"

#include <algorithm>
#include <utility>

#include "load/answer.h"
#include "net/http1_response.h"

namespace thaw {

struct Http1Worker::Line final : WorkerConnection {
  bool is_busy = false;
  bool is_reused = false;  ///< At least one answer came over it.
  std::int64_t deadline = 0;
  Invocation invocation;
  std::string unsent;
  std::size_t sent_bytes = 0;
  ResponseReader reader;
};

Result<std::unique_ptr<Http1Worker>> Http1Worker::create(LoadTarget& target, const CallSite& site,
                                                         const SenderOptions& options, Clock& clock) {
  THAW_TRY(Transport transport, Transport::create(site, options, "http/1.1"));
  SenderOptions one_at_a_time = options;
  one_at_a_time.streams_per_connection = 1;
  return std::unique_ptr<Http1Worker>(
      new Http1Worker(target, site, one_at_a_time, clock, std::move(transport)));
}

// --- connections -------------------------------------------------------------------------------------------------------

std::unique_ptr<WorkerConnection> Http1Worker::make_connection() const { return std::make_unique<Line>(); }

Http1Worker::Line& Http1Worker::line_at(std::size_t slot) const {
  return static_cast<Line&>(*connections_[slot]);
}

void Http1Worker::on_open(Connection& connection) { become_idle(static_cast<Line&>(connection)); }

void Http1Worker::on_close(Connection& connection) {
  auto& line = static_cast<Line&>(connection);
  if (!line.is_busy) std::erase(idle_, line.slot);
  line.is_busy = line.is_reused = false;
}

void Http1Worker::become_idle(Line& line) {
  line.is_busy = false;
  if (waiting_.empty()) return idle_.push_back(line.slot);
  const Invocation next = waiting_.front();
  waiting_.pop_front();
  send_on(line, next);
}

void Http1Worker::on_ready(Connection& connection, std::uint32_t events) {
  auto& line = static_cast<Line&>(connection);
  if ((events & EPOLLOUT) != 0 && !line.unsent.empty()) write_more(line);
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP | EPOLLRDHUP)) == 0) return;
  // Writing may have failed, and the slot may have a new socket already.
  if (line.is_open()) read(line, (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0);
}

// --- requests ----------------------------------------------------------------------------------------------------------

bool Http1Worker::place(const Invocation& invocation) {
  if (idle_.empty()) return false;
  Line& line = line_at(idle_.back());
  idle_.pop_back();
  send_on(line, invocation);
  return true;
}

void Http1Worker::send_on(Line& line, const Invocation& invocation) {
  line.is_busy = true;
  line.invocation = invocation;
  line.invocation.connect_ns = std::exchange(line.connect_took, missing_ns);
  line.reader.begin(target_.is_head());
  const std::string_view request = target_.render(invocation);
  std::size_t put = 0;
  const Channel::Step step = line.channel.write(request, put);
  const std::int64_t now = now_ns();
  line.deadline = now + options_.function_timeout.count();
  line.unsent.clear();
  if (step == Channel::Step::done && put == request.size()) {
    line.invocation.sent_ns = now;
    return;
  }
  if (step == Channel::Step::closed || step == Channel::Step::failed)
    return fail_invocation(line, Cause::reset);
  line.unsent.assign(request.substr(put));
  line.sent_bytes = 0;
  // TLS takes a piece at a time, so there may be room for the next one now.
  if (step == Channel::Step::done) write_more(line);
}

void Http1Worker::write_more(Line& line) {
  while (line.sent_bytes < line.unsent.size()) {
    std::size_t put = 0;
    const std::string_view rest = std::string_view(line.unsent).substr(line.sent_bytes);
    const Channel::Step step = line.channel.write(rest, put);
    if (step == Channel::Step::later) return;
    if (step != Channel::Step::done) return fail_invocation(line, Cause::reset);
    line.sent_bytes += put;
  }
  line.unsent.clear();
  line.invocation.sent_ns = now_ns();
}

// --- answers -----------------------------------------------------------------------------------------------------------

void Http1Worker::read(Line& line, bool has_end) {
  for (;;) {
    std::size_t got = 0;
    const Channel::Step step = line.channel.read(buffer_, got);
    if (step == Channel::Step::later) return;
    // Closed by the server while idle, or bytes that nobody asked for.
    if (!line.is_busy) return close(line);
    if (step == Channel::Step::failed) return fail_invocation(line, Cause::reset);
    const std::int64_t now = now_ns();
    if (step == Channel::Step::closed) {
      line.reader.end_of_stream();
      if (line.reader.is_complete()) return complete(line, now);
      return fail_invocation(line, Cause::reset);
    }
    if (line.invocation.first_byte_ns == missing_ns) line.invocation.first_byte_ns = now;
    const std::string_view bytes(buffer_.data(), got);
    const std::size_t used = line.reader.feed(bytes);
    if (line.reader.has_failed() || used < bytes.size()) return fail_invocation(line, Cause::bad_answer);
    if (line.reader.is_complete()) return complete(line, now);
    // A short read means that nothing more is there; the next edge comes with the next bytes. An end that is known already
    // has no edge of its own.
    if (got < buffer_.size() && !has_end && !line.channel.is_secure()) return;
  }
}

void Http1Worker::complete(Line& line, std::int64_t now) {
  Invocation done = line.invocation;
  const ResponseReader& reader = line.reader;
  // An answer may come before the request has been sent to its end.
  if (done.sent_ns == missing_ns) done.sent_ns = done.first_byte_ns;
  done.status = static_cast<std::uint16_t>(reader.status());
  read_answer({reader.header("x-thaw-cold"), reader.header("x-thaw-instance"), reader.body()}, done);
  const bool is_good = done.status >= 200 && done.status < 300;
  const Cause cause = is_good ? Cause::none : cause_of_status(reader.header("x-thaw-error"));
  const std::string body(options_.bodies != nullptr && is_good ? reader.body() : std::string_view());
  line.is_reused = true;
  if (reader.keeps_alive() && line.unsent.empty()) {
    become_idle(line);
  } else {
    close(line);
    open_for_waiting();
  }
  if (!body.empty()) options_.bodies->on_body(body);
  end(done, cause, now);
}

void Http1Worker::fail_invocation(Line& line, Cause cause) {
  Invocation failed = line.invocation;
  const bool can_go_again =
      cause == Cause::reset && line.is_reused && failed.first_byte_ns == missing_ns && failed.attempt < 3;
  close(line);
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

// --- limits ------------------------------------------------------------------------------------------------------------

void Http1Worker::expire_calls(std::int64_t now) {
  // By index: failing may open a connection.
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Line& line = line_at(i);
    if (line.is_busy && now >= line.deadline) fail_invocation(line, Cause::function_timeout);
  }
}

void Http1Worker::censor_calls() {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (line_at(i).is_busy) censor(line_at(i).invocation);
  }
}

}  // namespace thaw
