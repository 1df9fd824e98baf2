#pragma once
// The sender: one thread, one epoll set, any number of HTTP/1.1 connections. It takes up planned invocations at their
// intended instants, whatever the answers do (open loop), or one on each connection after the other (closed loop).

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/clock.h"
#include "load/invocation.h"
#include "load/target.h"
#include "net/http1_response.h"
#include "net/poller.h"

namespace thaw {

/// What is done with an invocation whose instant has passed.
enum class LatePolicy : std::uint8_t {
  catch_up,  ///< Sent at once.
  drop,      ///< Counted, not sent, beyond the limit.
  abort,     ///< Ends the run beyond the limit.
};

struct SenderOptions {
  std::size_t most_connections = 1024;  ///< Open loop: beyond it invocations wait for a connection.
  Nanos connect_timeout = std::chrono::seconds(15);
  Nanos function_timeout = std::chrono::seconds(90);
  LatePolicy late = LatePolicy::catch_up;
  Nanos late_limit = std::chrono::milliseconds(100);
  /// So long before an instant the thread stops sleeping and spins.
  Nanos spin{};
  /// Answers are looked through for who answered and whether it was cold.
  bool reads_answers = true;
};

/// The plan, one invocation after the other, by intended instant.
class InvocationPlan {
 public:
  virtual ~InvocationPlan() = default;
  /// The next one, or nullptr at the end. Valid until the next call. Errors: of the plan's source.
  virtual Result<const Invocation*> next() = 0;
};

/// How the sender itself fared.
struct SenderHealth {
  std::uint64_t connections_opened = 0;
  std::uint64_t most_in_flight = 0;
  std::uint64_t most_waiting = 0;  ///< For a connection.
  bool was_aborted = false;        ///< By LatePolicy::abort.
};

class Http1Worker {
 public:
  /// All outlive the worker. Errors: environment.
  static Result<std::unique_ptr<Http1Worker>> create(Target& target, const SenderOptions& options,
                                                     Clock& clock, InvocationSink& sink);
  ~Http1Worker();

  /// Sends a plan whose instants count from `anchor`, waits for the answers until all are there, or until `drain` after
  /// the last instant. What is in flight then is censored: handed to the sink without an end.
  /// `is_stopped` is asked now and then. Errors: the plan's.
  Result<> run_open(InvocationPlan& plan, MonotonicTime anchor, Nanos drain,
                    const std::function<bool()>& is_stopped);

  /// Keeps `connections` busy until `duration` has passed: the next invocation of a connection follows `think` after the
  /// answer. `make` fills function, runtime and memory of each. Errors: environment (cannot connect at all).
  Result<> run_closed(std::size_t connections, Nanos duration, Nanos think, MonotonicTime anchor,
                      const std::function<void(Invocation&)>& make, const std::function<bool()>& is_stopped);

  [[nodiscard]] const SenderHealth& health() const { return health_; }

 private:
  struct Connection;

  Http1Worker(Target& target, const SenderOptions& options, Clock& clock, InvocationSink& sink,
              Poller poller);

  [[nodiscard]] std::int64_t now_ns() const { return (clock_.now() - anchor_).count(); }
  void dispatch(const Invocation& planned, std::int64_t now);
  bool open_connection();
  void send_on(Connection& connection, const Invocation& invocation);
  void write_more(Connection& connection);
  void on_event(Connection& connection, std::uint32_t events);
  void on_connected(Connection& connection);
  void on_readable(Connection& connection);
  void complete(Connection& connection, std::int64_t now);
  void fail_invocation(Connection& connection, Cause cause);
  void close(Connection& connection);
  void become_idle(Connection& connection);
  void handle_ready(std::optional<Nanos> limit);
  void expire(std::int64_t now);
  void read_answer(Connection& connection);
  Result<bool> release_due(InvocationPlan& plan, const Invocation*& next, std::int64_t now);
  void censor_rest();

  Target& target_;
  SenderOptions options_;
  Clock& clock_;
  InvocationSink& sink_;
  Poller poller_;
  MonotonicTime anchor_;
  SenderHealth health_;
  std::uint64_t in_flight_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::size_t> idle_;    ///< Ready for an invocation; the one used last is used first.
  std::vector<std::size_t> closed_;  ///< Slots without a socket.
  std::deque<Invocation> waiting_;   ///< For a connection.
  std::size_t connecting_ = 0;
  std::int64_t next_expiry_check_ = 0;
  int last_connect_error_ = 0;
  bool is_closed_loop_ = false;
  std::vector<std::size_t> answered_;  ///< Closed loop: connections whose answer has come.
  std::vector<char> buffer_;
};

}  // namespace thaw
