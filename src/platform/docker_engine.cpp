#include "platform/docker_engine.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/files.h"
#include "net/http1_response.h"
#include "record/json_text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view version = "/v1.41";
constexpr std::size_t most_answer_bytes = 16 << 20;
constexpr timeval patience{.tv_sec = 60, .tv_usec = 0};

Result<FileDescriptor> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail_at(ErrorKind::bad_usage, "the path of the daemon's socket is too long", path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  return fail_at(ErrorKind::environment,
                 fmt::format("the Docker daemon cannot be reached: {}", std::strerror(errno)), path,
                 "start it with dockerd, or name its socket with --docker");
}

Result<> receive(int socket, ResponseReader& reader) {
  std::array<char, 16 << 10> buffer;
  while (!reader.is_complete()) {
    const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return fail(ErrorKind::environment, "the Docker daemon does not answer: {}", std::strerror(errno));
    if (count == 0) {
      reader.end_of_stream();
    } else {
      reader.feed({buffer.data(), static_cast<std::size_t>(count)});
    }
    if (reader.has_failed()) return fail(ErrorKind::environment, "the Docker daemon broke off its answer");
  }
  return {};
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text)
    fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
  return encoded;
}

}  // namespace

Result<Json> DockerEngine::call(std::string_view method, const std::string& path, const Json& body) const {
  THAW_TRY(const FileDescriptor socket, connect_to(socket_path_));
  const std::string text = body.is_null() ? std::string() : body.dump();
  const std::string request = fmt::format(
      "{} {}{} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\nConnection: "
      "close\r\n\r\n{}",
      method, version, path, text.size(), text);
  THAW_CHECK(write_all(socket.get(), request, "a request to the Docker daemon"));
  ResponseReader reader(most_answer_bytes);
  reader.begin();
  THAW_CHECK(receive(socket.get(), reader));
  const int status = reader.status();
  if (status == 304) return Json();
  const auto json = reader.body().empty() ? Result<Json>(Json()) : parse_json_text(reader.body(), "docker");
  if (status >= 200 && status < 300) return json;
  const std::string words = json && json->is_object() ? text_at(*json, "message") : std::string();
  return fail(status == 404 ? ErrorKind::bad_input : ErrorKind::environment, "Docker: {}",
              words.empty() ? fmt::format("status {}", status) : words);
}

Result<std::string> DockerEngine::create(const std::string& name, const Json& configuration) const {
  THAW_TRY(const Json answer, call("POST", "/containers/create?name=" + name, configuration));
  return text_at(answer, "Id");
}

Result<> DockerEngine::start(const std::string& id) const {
  THAW_CHECK(call("POST", fmt::format("/containers/{}/start", id)));
  return {};
}

Result<> DockerEngine::pause(const std::string& id) const {
  THAW_CHECK(call("POST", fmt::format("/containers/{}/pause", id)));
  return {};
}

Result<> DockerEngine::resume(const std::string& id) const {
  THAW_CHECK(call("POST", fmt::format("/containers/{}/unpause", id)));
  return {};
}

Result<> DockerEngine::stop(const std::string& id, Nanos grace) const {
  // The daemon counts in whole seconds.
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(grace).count();
  THAW_CHECK(call("POST", fmt::format("/containers/{}/stop?t={}", id, seconds)));
  return {};
}

Result<> DockerEngine::remove(const std::string& id) const {
  const auto removed = call("DELETE", fmt::format("/containers/{}?force=1&v=1", id));
  if (removed || removed.error().kind == ErrorKind::bad_input) return {};
  // Somebody else is just removing it.
  if (removed.error().what.find("already in progress") != std::string::npos) return {};
  return tl::unexpected(removed.error());
}

Result<Json> DockerEngine::inspect(const std::string& id) const {
  return call("GET", fmt::format("/containers/{}/json", id));
}

Result<Json> DockerEngine::with_label(std::string_view label) const {
  const Json filters{{"label", Json::array({label})}};
  return call("GET", "/containers/json?all=1&filters=" + percent_encoded(filters.dump()));
}

}  // namespace thaw
