#pragma once
// A server behind TLS for tests: answers HTTP/2 or HTTP/1.1, whichever was agreed on.

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "net/certificate.h"
#include "net/endpoint.h"
#include "net/http1_message.h"
#include "net/http1_request.h"
#include "net/http2_server.h"
#include "net/tls_stream.h"

namespace thaw::tests {

class TlsServer {
 public:
  TlsServer(const TestCertificate& certificate, std::vector<std::string> protocols)
      : context_(
            TlsContext::server(certificate.certificate(), certificate.key(), std::move(protocols)).value()) {
    listener_ = listen_at(resolve("127.0.0.1", 0).value(), 16).value();
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() {
    is_stopped_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] std::string url(std::string_view scheme = "https") const {
    return fmt::format("{}://127.0.0.1:{}/", scheme, local_port(listener_.get()));
  }

 private:
  /// Waits until the socket is ready; false when the server is to end.
  bool wait(int socket, TlsStream::Step step) const {
    pollfd ready = {socket, static_cast<short>(step == TlsStream::Step::wants_write ? POLLOUT : POLLIN), 0};
    while (!is_stopped_) {
      if (::poll(&ready, 1, 20) > 0) return true;
    }
    return false;
  }

  void serve() {
    while (!is_stopped_) {
      if (!wait(listener_.get(), TlsStream::Step::wants_read)) return;
      const FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (socket.is_open()) converse(socket.get());
    }
  }

  /// One connection at a time.
  void converse(int socket) const {
    TlsStream stream = TlsStream::accept(context_, socket).value();
    TlsStream::Step step = stream.shake_hands();
    while (step == TlsStream::Step::wants_read || step == TlsStream::Step::wants_write) {
      if (!wait(socket, step)) return;
      step = stream.shake_hands();
    }
    if (step != TlsStream::Step::done) return;
    const bool is_http2 = stream.protocol() == "h2";
    Http2ServerSession session;
    RequestReader reader;
    HttpRequest request;
    std::array<char, 4096> buffer{};
    for (;;) {
      std::size_t got = 0;
      step = stream.read(buffer, got);
      if (step == TlsStream::Step::wants_read && wait(socket, step)) continue;
      if (step != TlsStream::Step::done) return;
      std::string out;
      const std::string_view bytes(buffer.data(), got);
      if (is_http2) {
        if (!session.feed(bytes)) return;
        while (const auto asked = session.take(request)) session.respond(*asked, {.body = "ok"});
        session.append_output(out);
      } else {
        reader.feed(bytes);
        while (reader.is_complete()) {
          reader.take(request);
          append_http1_response(out, {.body = "ok"}, true);
        }
      }
      std::size_t put = 0;
      if (!out.empty() && stream.write(out, put) != TlsStream::Step::done) return;
    }
  }

  TlsContext context_;
  FileDescriptor listener_;
  std::atomic<bool> is_stopped_ = false;
  std::thread thread_;
};

}  // namespace thaw::tests
