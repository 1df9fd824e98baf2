#pragma once
// HTTP/1.1, in clear text or over TLS: one request at a time on each connection, connections kept and used again, the one used last
// first. A request on a connection that the server had just closed is sent again, since nothing was executed.

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "load/protocol_worker.h"
#include "load/target.h"
#include "net/channel.h"
#include "net/poller.h"

namespace thaw {

class Http1Worker final : public ProtocolWorker {
 public:
  /// All outlive the worker. Errors: environment.
  static Result<std::unique_ptr<Http1Worker>> create(LoadTarget& target, const SenderOptions& options,
                                                     Clock& clock);
  ~Http1Worker() override;

  void begin(MonotonicTime anchor, InvocationSink& sink) override;
  void submit(const Invocation& invocation) override;
  void handle_ready(Nanos limit, std::int64_t due_ns) override;
  void expire(std::int64_t now_ns) override;
  void censor_rest() override;
  [[nodiscard]] std::uint64_t in_flight() const override { return in_flight_; }
  [[nodiscard]] const SenderHealth& health() const override { return health_; }

 private:
  struct Connection;

  Http1Worker(LoadTarget& target, const SenderOptions& options, Clock& clock, Poller poller,
              std::optional<TlsContext> tls);

  [[nodiscard]] std::int64_t now_ns() const { return (clock_.now() - anchor_).count(); }
  [[nodiscard]] std::size_t open_connections() const { return connections_.size() - closed_.size(); }
  [[nodiscard]] Result<Channel> begin_channel() const;
  bool open_connection();
  void open_for_waiting();
  void close(Connection& connection);
  void on_connecting(Connection& connection);
  void fail_connecting(Connection& connection, Cause cause);
  void become_idle(Connection& connection);
  void send_on(Connection& connection, const Invocation& invocation);
  void write_more(Connection& connection);
  void on_event(Connection& connection, std::uint32_t events);
  void on_readable(Connection& connection, bool has_end);
  void complete(Connection& connection, std::int64_t now);
  void fail_invocation(Connection& connection, Cause cause);
  void end(Invocation& invocation, Cause cause, std::int64_t now);
  void fail_longest_waiting(Cause cause, std::int64_t now);

  LoadTarget& target_;
  SenderOptions options_;
  Clock& clock_;
  Poller poller_;
  std::optional<TlsContext> tls_;
  InvocationSink* sink_ = nullptr;
  MonotonicTime anchor_;
  SenderHealth health_;
  std::uint64_t in_flight_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::size_t> idle_;    ///< Ready for an invocation; the one used last is used first.
  std::vector<std::size_t> closed_;  ///< Slots without a socket.
  std::deque<Invocation> waiting_;   ///< For a connection.
  std::size_t connecting_ = 0;
  std::int64_t expiry_step_ns_ = 0;
  std::int64_t next_expiry_ns_ = 0;
  std::span<const epoll_event> ready_;  ///< Left over from the last call.
  std::vector<char> buffer_;
};

}  // namespace thaw
