#pragma once
// HTTP/2 and gRPC, in clear text or over TLS: many requests at once on each connection, several connections. What a server
// says it has not looked at is sent again, on another connection if need be; nothing else is.

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "load/http2_texts.h"
#include "load/protocol_worker.h"
#include "load/target.h"
#include "net/channel.h"
#include "net/http2_client.h"
#include "net/poller.h"

namespace thaw {

/// Requests are written together, when the pacer has released all that are due; then they count as sent.
class Http2Worker final : public ProtocolWorker {
 public:
  /// All outlive the worker. Errors: environment, bad_input (the file of trusted certificates).
  static Result<std::unique_ptr<Http2Worker>> create(LoadTarget& target, const SenderOptions& options,
                                                     Clock& clock);
  ~Http2Worker() override;

  void begin(MonotonicTime anchor, InvocationSink& sink) override;
  void submit(const Invocation& invocation) override;
  void handle_ready(Nanos limit, std::int64_t due_ns) override;
  void expire(std::int64_t now_ns) override;
  void censor_rest() override;
  [[nodiscard]] std::uint64_t in_flight() const override { return in_flight_; }
  [[nodiscard]] const SenderHealth& health() const override { return health_; }

 private:
  struct Connection;
  struct Call;
  /// A call as it was at some time: stale when the call's number has changed since.
  struct CallRef {
    std::size_t call = 0;
    std::uint64_t number = 0;
    std::int64_t when = 0;
  };

  Http2Worker(LoadTarget& target, const SenderOptions& options, Clock& clock, Poller poller,
              std::optional<TlsContext> tls);

  [[nodiscard]] std::int64_t now_ns() const { return (clock_.now() - anchor_).count(); }
  [[nodiscard]] std::size_t open_connections() const { return connections_.size() - closed_.size(); }
  [[nodiscard]] bool has_room(const Connection& connection) const;

  Result<Channel> begin_channel();
  bool open_connection();
  void open_for_waiting();
  void close(Connection& connection);
  void on_event(Connection& connection, std::uint32_t events);
  void on_connecting(Connection& connection);
  void fail_connecting(Connection& connection, Cause cause);
  void become_open(Connection& connection);
  void offer(Connection& connection);
  void place_waiting(Connection& connection);

  bool place(const Invocation& invocation);
  void send_on(Connection& connection, const Invocation& invocation);
  void flush(Connection& connection);
  void flush_all();
  void mark(Connection& connection);
  void stamp_sent(Connection& connection);

  void read(Connection& connection);
  void take_answers(Connection& connection, Cause cause_of_broken);
  void take_answer(const Http2Answer& answer, Cause cause_of_broken);
  void fail_connection(Connection& connection, Cause cause);

  void release(std::size_t call);
  void end(Invocation& invocation, Cause cause, std::int64_t now);
  void fail_longest_waiting(Cause cause, std::int64_t now);

  LoadTarget& target_;
  SenderOptions options_;
  Clock& clock_;
  Poller poller_;
  std::optional<TlsContext> tls_;
  Http2Texts texts_;
  InvocationSink* sink_ = nullptr;
  MonotonicTime anchor_;
  SenderHealth health_;
  std::uint64_t in_flight_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::size_t> closed_;     ///< Slots without a socket.
  std::vector<std::size_t> available_;  ///< Connections that may have room.
  std::vector<std::size_t> dirty_;      ///< Connections with something to write.
  std::vector<Call> calls_;
  std::vector<std::size_t> free_calls_;
  std::deque<CallRef> deadlines_;   ///< Of the calls, in order.
  std::deque<Invocation> waiting_;  ///< For a connection or a stream.
  std::size_t connecting_ = 0;
  std::uint64_t next_number_ = 0;
  std::int64_t expiry_step_ns_ = 0;
  std::int64_t next_expiry_ns_ = 0;
  std::span<const epoll_event> ready_;  ///< Left over from the last call.
  std::vector<char> buffer_;
};

}  // namespace thaw
