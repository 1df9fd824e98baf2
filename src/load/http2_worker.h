#pragma once
// HTTP/2 and gRPC, in clear text or over TLS: many requests at once on each connection, several connections. What a server
// says it has not looked at is sent again, on another connection if need be; nothing else is.

#include "load/connection_worker.h"
#include "load/http2_texts.h"
#include "net/http2_client.h"

namespace thaw {

/// Requests are written together, when the pacer has released all that are due; then they count as sent.
class Http2Worker final : public ConnectionWorker {
 public:
  /// All outlive the worker. Errors: environment, bad_input (the file of trusted certificates).
  static Result<std::unique_ptr<Http2Worker>> create(LoadTarget& target, const CallSite& site,
                                                     const SenderOptions& options, Clock& clock);
  ~Http2Worker() override;

 private:
  struct Line;  ///< A connection, its session, and what is to be written to it.
  struct Call;
  /// A call as it was at some time: stale when the call's number has changed since.
  struct CallRef {
    std::size_t call = 0;
    std::uint64_t number = 0;
    std::int64_t when = 0;
  };

  Http2Worker(LoadTarget& target, const CallSite& site, const SenderOptions& options, Clock& clock,
              Transport transport);
  [[nodiscard]] std::unique_ptr<Connection> make_connection() const override;
  void on_open(Connection& connection) override;
  void on_ready(Connection& connection, std::uint32_t events) override;
  void on_close(Connection& connection) override;
  bool place(const Invocation& invocation) override;
  void flush() override;
  void expire_calls(std::int64_t now) override;
  void censor_calls() override;

  [[nodiscard]] Line& line_at(std::size_t slot) const;
  [[nodiscard]] bool has_room(const Line& line) const;
  void offer(Line& line);
  void place_waiting(Line& line);

  void send_on(Line& line, const Invocation& invocation);
  void mark(Line& line);
  void write(Line& line);
  void stamp_sent(Line& line);

  void read(Line& line);
  void take_answers(Line& line, Cause cause_of_broken);
  void take_answer(const Http2Answer& answer, Cause cause_of_broken);
  void fail_line(Line& line, Cause cause);
  void release(std::size_t call);

  Http2Texts texts_;
  std::vector<std::size_t> available_;  ///< Connections that may have room.
  std::vector<std::size_t> dirty_;      ///< Connections with something to write.
  std::vector<Call> calls_;
  std::vector<std::size_t> free_calls_;
  std::deque<CallRef> deadlines_;  ///< Of the calls, in order.
  std::uint64_t next_number_ = 0;
};

}  // namespace thaw
