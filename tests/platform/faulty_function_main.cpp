// faulty-function: a function that misbehaves as its target says. It serves HTTP/1.1 on $PORT, one connection after the other.
//
//   /ok  /echo  /env  /pid  /crash  /hang  /deaf  /garbage  /close  /half  /eat?BYTES  /large?BYTES  /sleep?MS  /bye
//   /last?MS  /last-half?MS: closes without an answer or in the middle of it, and ends with exit code 3 that much later
//   /killed: signal 9
//
// $FAULT, when set, is done before it listens: crash, late?MS, never.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "net/http1_message.h"
#include "net/http1_request.h"

namespace {

using thaw::HttpRequest;

long number_in(const std::string& text) {
  const std::size_t mark = text.find('?');
  return mark == std::string::npos ? 0 : std::atol(text.c_str() + mark + 1);
}

int door = -1;

void end_after(long ms) {
  std::thread([ms] {
    ::usleep(static_cast<useconds_t>(ms * 1000));
    std::_Exit(3);
  }).detach();
}

/// Its arguments and one variable of its environment, a line each.
std::string surroundings() {
  std::ifstream file("/proc/self/cmdline");
  std::string text, word;
  while (std::getline(file, word, '\0')) text += word + "\n";
  const char* const mood = std::getenv("MOOD");
  return text + "MOOD=" + (mood == nullptr ? "" : mood) + "\n";
}

void eat(long bytes) {
  static std::vector<char> eaten;
  eaten.resize(static_cast<std::size_t>(bytes));
  for (std::size_t i = 0; i < eaten.size(); i += 4096) eaten[i] = 1;
}

/// What goes out for a request; `is_last`: the connection ends then.
std::string answer(const HttpRequest& request, bool& is_last) {
  const std::string_view path = request.path();
  thaw::HttpResponse response;
  response.body = "ok\n";
  if (path == "/echo") response.body = request.method + " " + request.target + "\n" + request.body;
  if (path == "/env") response.body = surroundings();
  if (path == "/pid") response.body = std::to_string(::getpid());
  if (path == "/crash") std::_Exit(3);
  if (path == "/killed") ::kill(::getpid(), SIGKILL);
  if (path.rfind("/last", 0) == 0) end_after(number_in(request.target));
  if (path == "/hang") ::pause();
  if (path == "/deaf") ::shutdown(door, SHUT_RDWR);
  if (path == "/sleep") ::usleep(static_cast<useconds_t>(number_in(request.target) * 1000));
  if (path == "/eat") eat(number_in(request.target));
  if (path == "/large") response.body.assign(static_cast<std::size_t>(number_in(request.target)), 'x');
  is_last = path == "/close" || path == "/half" || path == "/garbage" || path == "/bye" || path == "/deaf" ||
            path.rfind("/last", 0) == 0;
  if (path == "/close" || path == "/last") return {};
  if (path == "/garbage") return "this is no HTTP at all\r\n\r\n";
  if (path == "/half" || path == "/last-half")
    return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
  return thaw::http1_response(response, true);
}

void serve(int connection) {
  thaw::RequestReader reader({.head_bytes = 65536, .body_bytes = 64 << 20});
  std::array<char, 65536> buffer;
  bool is_last = false;
  while (!is_last) {
    const ssize_t count = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    reader.feed({buffer.data(), static_cast<std::size_t>(count)});
    while (!is_last && reader.is_complete()) {
      const std::string out = answer(reader.take(), is_last);
      for (std::size_t sent = 0; sent < out.size();) {
        const ssize_t part = ::send(connection, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
        if (part <= 0) break;
        sent += static_cast<std::size_t>(part);
      }
    }
  }
  ::close(connection);
}

void misbehave_at_start(const std::string& fault) {
  if (fault == "crash") std::_Exit(9);
  if (fault.rfind("late", 0) == 0) ::usleep(static_cast<useconds_t>(number_in(fault) * 1000));
  while (fault == "never") ::pause();
}

}  // namespace

int main() {
  const char* const fault = std::getenv("FAULT");
  misbehave_at_start(fault == nullptr ? "" : fault);
  door = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const char* const port = std::getenv("PORT");
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port == nullptr ? "0" : port)));
  if (::bind(door, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(door, 64) != 0)
    return 98;
  while (true) {
    const int connection = ::accept(door, nullptr, nullptr);
    if (connection < 0) ::pause();
    std::thread(serve, connection).detach();
  }
}
