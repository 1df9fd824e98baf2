#pragma once
// HTTP/1.1, in clear text or over TLS: one request at a time on each connection, connections kept and used again, the one used last
// first. A request on a connection that the server had just closed is sent again, since nothing was executed.

#include "load/connection_worker.h"

namespace thaw {

class Http1Worker final : public ConnectionWorker {
 public:
  /// All outlive the worker. Errors: environment, bad_input (the file of trusted certificates).
  static Result<std::unique_ptr<Http1Worker>> create(LoadTarget& target, const CallSite& site,
                                                     const SenderOptions& options, Clock& clock);

 private:
  struct Line;  ///< A connection and what is on its way over it.

  using ConnectionWorker::ConnectionWorker;
  [[nodiscard]] std::unique_ptr<Connection> make_connection() const override;
  void on_open(Connection& connection) override;
  void on_ready(Connection& connection, std::uint32_t events) override;
  void on_close(Connection& connection) override;
  bool place(const Invocation& invocation) override;
  void expire_calls(std::int64_t now) override;
  void censor_calls() override;

  [[nodiscard]] Line& line_at(std::size_t slot) const;
  void become_idle(Line& line);
  void send_on(Line& line, const Invocation& invocation);
  void write_more(Line& line);
  void read(Line& line, bool has_end);
  void complete(Line& line, std::int64_t now);
  void fail_invocation(Line& line, Cause cause);

  std::vector<std::size_t> idle_;  ///< Ready for an invocation; the one used last is used first.
};

}  // namespace thaw
