#pragma once
// A client's connection to the gateway. HTTP/1.1: one request after the other; HTTP/2, when it begins with that: many at
// once. Each within its time and its size.

#include <memory>
#include <string>
#include <vector>

#include "core/files.h"
#include "net/http1_request.h"
#include "net/http2_server.h"
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
    closing,    ///< The answer goes out, then our side of the connection ends.
    lingering,  ///< What the client still sends is thrown away, so that it gets to read the answer.
    gone,
  };
  Client(const ServerSide& side, FileDescriptor socket)
      : side_(side), socket_(std::move(socket)), reader_(side.options.limits), since_(side.fleet.now()) {}
  void receive();
  void take(std::string_view bytes);
  void take_first(std::string_view bytes);
  void serve();
  void handle_next();
  /// Answers the call's request, or has it invoked; true when the answer comes later.
  bool handle(Call& call);
  // client_http2.cpp
  void begin_http2();
  void take_http2(std::string_view bytes);
  void check_http2_time_limits(Instant now);
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
  Call* call_ = nullptr;     ///< HTTP/1.1: its invocation that is under way.
  std::string first_bytes_;  ///< Until they tell which version is spoken.
  bool is_decided_ = false;
  std::unique_ptr<Http2ServerSession> http2_;
  std::vector<Call*> streams_;  ///< HTTP/2: its invocations that are under way.
  Instant partial_since_{};     ///< HTTP/2: a request is there in part since then; 0: none.
  std::string out_;
  std::size_t sent_ = 0;
  std::uint32_t events_ = EPOLLIN;
  Instant since_;  ///< When what it does now has begun.
  bool is_serving_ = false;
  bool is_draining_ = false;
};

}  // namespace thaw
