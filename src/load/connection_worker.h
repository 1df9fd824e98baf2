#pragma once
// What the workers of all protocols share: connections until they are open, the invocations that wait for one, the limits of
// both, and the events of the sockets. What an open connection carries is the protocol's matter.

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "load/protocol_worker.h"
#include "load/target.h"
#include "net/channel.h"
#include "net/poller.h"

namespace thaw {

/// One connection of a worker. Its place is used again after it was closed.
struct WorkerConnection {
  enum class State : std::uint8_t { closed, connecting, shaking_hands, open };

  virtual ~WorkerConnection() = default;
  [[nodiscard]] bool is_open() const { return state == State::open; }
  [[nodiscard]] bool is_opening() const {
    return state == State::connecting || state == State::shaking_hands;
  }

  std::size_t slot = 0;
  std::uint32_t generation = 0;  ///< Tells events of an earlier socket in this slot apart.
  State state = State::closed;
  Channel channel;
  std::int64_t connect_began = 0;
  std::int64_t connect_took = missing_ns;  ///< Until the first invocation has it.
  std::int64_t connect_deadline = 0;
};

/// A worker without a protocol, for the functions of one site.
class ConnectionWorker : public ProtocolWorker {
 public:
  void begin(MonotonicTime anchor, InvocationSink& sink) final;
  void submit(const Invocation& invocation) final;
  std::size_t handle_ready(Nanos limit, std::int64_t due_ns) final;
  void expire(std::int64_t now_ns) final;
  void censor_rest() final;
  [[nodiscard]] std::uint64_t in_flight() const final { return in_flight_; }
  [[nodiscard]] SenderHealth health() const final { return health_; }
  /// Readable when handle_ready would find something.
  [[nodiscard]] int descriptor() const { return transport_.poller.descriptor(); }

 protected:
  using Connection = WorkerConnection;
  /// What sockets need beside themselves.
  struct Transport {
    Poller poller;
    std::optional<TlsContext> tls;
    /// `protocol` is what TLS is asked for. Errors: environment, bad_input (the file of trusted certificates).
    static Result<Transport> create(const CallSite& site, const SenderOptions& options,
                                    const std::string& protocol);
  };

  /// `streams_per_connection` says how many calls an open connection will carry.
  ConnectionWorker(LoadTarget& target, const CallSite& site, const SenderOptions& options, Clock& clock,
                   Transport transport);

  // What the protocol does.

  [[nodiscard]] virtual std::unique_ptr<Connection> make_connection() const = 0;
  /// The handshake is over: waiting invocations may have it, or fail_connecting() when the protocol is not spoken.
  virtual void on_open(Connection& connection) = 0;
  /// An open connection can be read or written (EPOLLIN, …).
  virtual void on_ready(Connection& connection, std::uint32_t events) = 0;
  /// A connection is being closed: it is no longer to be found by place(), and what it held is over.
  virtual void on_close(Connection& connection) = 0;
  /// Takes an invocation up on an open connection; false when none has room.
  virtual bool place(const Invocation& invocation) = 0;
  /// Writes what was put off.
  virtual void flush() {}
  /// Fails calls that have outlived their limit.
  virtual void expire_calls(std::int64_t now) = 0;
  /// Hands the calls that have not ended to the sink.
  virtual void censor_calls() = 0;

  // What it does it with.

  [[nodiscard]] std::int64_t now_ns() const { return (clock_.now() - anchor_).count(); }
  bool open_connection();
  bool open_for_waiting();
  void close(Connection& connection);
  void fail_connecting(Connection& connection, Cause cause);
  void end(Invocation& invocation, Cause cause, std::int64_t now);
  void censor(const Invocation& invocation) { sink_->take(invocation); }

  LoadTarget& target_;
  const CallSite& site_;  ///< Where this worker connects to.
  SenderOptions options_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Invocation> waiting_;  ///< For a connection, or a stream of one.
  std::vector<char> buffer_;        ///< What was just read.

 private:
  [[nodiscard]] bool needs_connection() const;
  bool open_some(std::int64_t due_ns);
  [[nodiscard]] std::size_t open_connections() const { return connections_.size() - closed_.size(); }
  [[nodiscard]] Result<Channel> begin_channel() const;
  Connection& take_slot();
  void on_event(Connection& connection, std::uint32_t events);
  void on_connecting(Connection& connection);
  void fail_longest_waiting(Cause cause, std::int64_t now);

  Clock& clock_;
  Transport transport_;
  InvocationSink* sink_ = nullptr;
  MonotonicTime anchor_;
  SenderHealth health_;
  std::uint64_t in_flight_ = 0;
  std::vector<std::size_t> closed_;  ///< Slots without a socket.
  std::size_t connecting_ = 0;
  std::int64_t expiry_step_ns_ = 0;
  std::int64_t next_expiry_ns_ = 0;
  std::span<const epoll_event> ready_;  ///< Left over from the last call.
};

}  // namespace thaw
