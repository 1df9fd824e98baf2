#pragma once
// A client's connection to the gateway, HTTP/1.1: one request after the other, each within its time and its size.

#include <string>

#include "core/files.h"
#include "net/http1_request.h"
#include "platform/call.h"
#include "platform/event_loop.h"
#include "platform/routes.h"

namespace thaw {

class Client;

/// What all connections of a server share.
struct ServerSide {
  const GatewayOptions& options;
  EventLoop& loop;
  Fleet& fleet;
  Routes& routes;
  ServerCounts& counts;
};

class Client final : public EventSource, private Caller {
 public:
  /// Begins to talk. Errors: environment.
  static Result<std::unique_ptr<Client>> accept(const ServerSide& side, FileDescriptor socket);
  ~Client() override;

  /// Ends it when it is too slow or has been silent for too long. Once gone it can be deleted.
  void check_time_limits(Instant now);
  [[nodiscard]] bool is_gone() const { return state_ == State::gone; }
  /// No next request is read.
  void drain();

  void on_events(std::uint32_t events) override;

 private:
  enum class State : std::uint8_t {
    open,
    closing,  ///< The answer goes out, then our side of the connection ends.
    lingering,  ///< What the client still sends is thrown away, so that it gets to read the answer.
    gone,
  };
  Client(const ServerSide& side, FileDescriptor socket)
      : side_(side), socket_(std::move(socket)), reader_(side.options.limits), since_(side.fleet.now()) {}
  void receive();
  void serve();
  void handle_next();
  void on_answer(Call& call) override;
  void send(const HttpRequest& request, HttpResponse& response);
  void refuse(int status, std::string_view reason);
  void flush();
  void watch_for(std::uint32_t events);
  void leave();

  ServerSide side_;
  FileDescriptor socket_;
  RequestReader reader_;
  State state_ = State::open;
  Call* call_ = nullptr;  ///< Its invocation that is under way.
  std::string out_;
  std::size_t sent_ = 0;
  std::uint32_t events_ = EPOLLIN;
  Instant since_;  ///< When what it does now has begun.
  bool is_serving_ = false;
  bool is_draining_ = false;
};

}  // namespace thaw
