#include "load/loopback_http.h"

#include <poll.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/text.h"

namespace thaw {
namespace {

/// How often a server looks whether it is to stop, and how long it waits for a slow client.
constexpr int look_ms = 50;
constexpr int patience_ms = 2000;
constexpr std::size_t most_request_bytes = 16 << 10;

bool becomes(int fd, short events, int limit_ms) {
  pollfd wanted = {fd, events, 0};
  return ::poll(&wanted, 1, limit_ms) > 0;
}

int whole_ms(Nanos limit) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count());
}

bool send_all(int fd, std::string_view text, int limit_ms) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if ((errno != EAGAIN && errno != EWOULDBLOCK) || !becomes(fd, POLLOUT, limit_ms)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<> exchange(const Url& url, const Endpoint& endpoint, const LittleRequest& request,
                  ResponseReader& answer) {
  const int limit_ms = whole_ms(request.limit);
  const auto failed = [&](std::string_view why) {
    return fail_at(ErrorKind::environment, std::string(why), url.authority());
  };
  THAW_TRY(const FileDescriptor socket, begin_connect(endpoint));
  if (!becomes(socket.get(), POLLOUT, limit_ms)) return failed("no connection");
  if (const int code = connect_error(socket.get()); code != 0) return failed(std::strerror(code));
  std::string text = fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: thaw\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n",
      request.method, url.target, url.authority(), request.content_type, request.body.size());
  text += request.body;
  if (!send_all(socket.get(), text, limit_ms)) return failed("the connection ended");
  answer.begin();
  char bytes[4096];
  while (!answer.is_complete() && !answer.has_failed()) {
    if (!becomes(socket.get(), POLLIN, limit_ms)) return failed("no answer");
    const ssize_t got = ::recv(socket.get(), bytes, sizeof bytes, 0);
    if (got <= 0) {
      answer.end_of_stream();
    } else {
      answer.feed({bytes, static_cast<std::size_t>(got)});
    }
  }
  if (answer.has_failed()) return failed("the answer is no HTTP");
  return {};
}

Result<> post_json(const Url& url, const Endpoint& endpoint, std::string_view body, Nanos limit) {
  ResponseReader answer;
  auto sent = exchange(url, endpoint, {"POST", "application/json", body, limit}, answer);
  if (sent && answer.status() / 100 == 2) return {};
  const std::string why = sent ? fmt::format("status {}", answer.status()) : std::move(sent).error().what;
  return fail_at(ErrorKind::environment, fmt::format("spans cannot be sent: {}", why), url.authority());
}

PageServer::PageServer(FileDescriptor listener, Page page)
    : listener_(std::move(listener)), page_(std::move(page)), thread_([this] { serve(); }) {}

PageServer::~PageServer() {
  is_stopped_ = true;
  thread_.join();
}

Result<std::unique_ptr<PageServer>> PageServer::start(const std::string& at, Page page) {
  const std::size_t colon = at.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_integer(std::string_view(at).substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) {
    return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no address to listen at", at), "--metrics",
                   "write :9095 or 127.0.0.1:9095");
  }
  const std::string host = colon == 0 ? "127.0.0.1" : at.substr(0, colon);
  THAW_TRY(const Endpoint endpoint, resolve(host, static_cast<std::uint16_t>(*port)));
  THAW_TRY(FileDescriptor listener, listen_at(endpoint, 16));
  return std::unique_ptr<PageServer>(new PageServer(std::move(listener), std::move(page)));
}

void PageServer::serve() {
  while (!is_stopped_) {
    if (!becomes(listener_.get(), POLLIN, look_ms)) continue;
    const FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client.is_open()) answer(client.get());
  }
}

void PageServer::answer(int client) const {
  std::string request;
  char bytes[2048];
  while (request.find("\r\n\r\n") == std::string::npos) {
    if (request.size() > most_request_bytes || !becomes(client, POLLIN, patience_ms)) return;
    const ssize_t got = ::recv(client, bytes, sizeof bytes, 0);
    if (got <= 0) return;
    request.append(bytes, static_cast<std::size_t>(got));
  }
  const bool is_ours =
      request.starts_with("GET " + page_.path + " ") || request.starts_with("GET " + page_.path + "?");
  const std::string body = is_ours ? page_.render() : "there is only " + page_.path + "\n";
  const std::string head = fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
      is_ours ? "200 OK" : "404 Not Found", is_ours ? page_.content_type : "text/plain", body.size());
  (void)send_all(client, head + body, patience_ms);
}

}  // namespace thaw
