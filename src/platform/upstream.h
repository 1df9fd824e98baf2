#pragma once
// A connection to an instance that carries one call at a time and is used again.

#include <memory>
#include <string>
#include <string_view>

#include "core/files.h"
#include "net/endpoint.h"
#include "net/http1_response.h"
#include "net/http2_client.h"
#include "platform/call.h"
#include "platform/event_loop.h"

namespace thaw {

class Upstream;

/// Words of X-Thaw-Error.
inline constexpr std::string_view bad_answer = "bad-answer";
inline constexpr std::string_view answer_too_large = "answer-too-large";
inline constexpr std::string_view late_answer = "timeout";

/// Whoever uses a connection; it may bury the connection in any of these.
class UpstreamOwner {
 public:
  virtual ~UpstreamOwner() = default;
  virtual void on_connected(Upstream& upstream) = 0;
  /// The response of its call is complete.
  virtual void on_answered(Upstream& upstream) = 0;
  /// It is of no use any more; `reason` is the word of X-Thaw-Error, `why` a sentence for the client.
  virtual void on_broken(Upstream& upstream, std::string_view reason, std::string_view why) = 0;
};

class Upstream final : public EventSource {
 public:
  /// Begins to connect. Errors: environment (refused at once, no descriptors left).
  static Result<std::unique_ptr<Upstream>> connect(EventLoop& loop, UpstreamOwner& owner,
                                                   const Endpoint& endpoint, std::size_t answer_bytes,
                                                   bool is_http2);
  ~Upstream() override;

  /// Sends the call's request. REQUIRES: connected, no call on it.
  void send(Call& call, std::string_view authority);
  /// The call on it; null between two.
  [[nodiscard]] Call* call() const { return call_; }
  /// Takes the call off it. The connection can take another if it is_usable.
  void release() { call_ = nullptr; }
  [[nodiscard]] bool is_connected() const { return is_connected_; }
  [[nodiscard]] bool is_usable() const { return is_usable_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] bool is_http2() const { return http2_ != nullptr; }
  /// Whether the other side closed, reset or refused it, for which the end of its program may be the cause.
  [[nodiscard]] bool was_cut() const { return was_cut_; }
  /// Whether a part of the response has arrived.
  [[nodiscard]] bool has_answer() const { return reader_.has_begun(); }

  /// Ends the connection; nobody is told.
  void disconnect();

  void on_events(std::uint32_t events) override;

 private:
  Upstream(EventLoop& loop, UpstreamOwner& owner, FileDescriptor socket, std::size_t answer_bytes)
      : loop_(loop),
        owner_(owner),
        socket_(std::move(socket)),
        answer_bytes_(answer_bytes),
        reader_(answer_bytes) {}
  void finish_connecting();
  void flush();
  void receive();
  void take(std::string_view bytes);
  void complete();
  void send_http2(const HttpRequest& request, std::string_view authority);
  void take_http2(std::string_view bytes);
  void fail(std::string_view why, std::string_view reason = bad_answer);
  void fail_as_cut(std::string_view why);
  void refuse_answer();
  void watch_for(std::uint32_t events);

  EventLoop& loop_;
  UpstreamOwner& owner_;
  FileDescriptor socket_;
  std::size_t answer_bytes_;
  ResponseReader reader_;
  std::unique_ptr<Http2ClientSession> http2_;  ///< Null for HTTP/1.1.
  HttpHeaders forwarded_;
  Call* call_ = nullptr;
  std::string out_;
  std::size_t sent_ = 0;
  std::uint64_t calls_ = 0;
  std::uint32_t events_ = 0;
  bool is_connected_ = false;
  bool is_usable_ = true;
  bool was_cut_ = false;
};

}  // namespace thaw
