#pragma once
// The little HTTP that a generator needs beside its load: posting to a collector, fetching answers, and answering a scraper.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "core/units.h"
#include "net/endpoint.h"
#include "net/http1_response.h"

namespace thaw {

struct LittleRequest {
  std::string_view method, content_type, body;
  Nanos limit{};  ///< For the connection, and for each piece of the answer.
};
/// Sends a request on a connection of its own and waits for the answer, whatever its status.
/// Errors: environment (no connection, no answer in time, no HTTP).
Result<> exchange(const Url& url, const Endpoint& endpoint, const LittleRequest& request,
                  ResponseReader& answer);

/// Posts JSON on a connection of its own and waits for the answer. Errors: environment (no connection, no answer in time,
/// a status other than 2xx).
Result<> post_json(const Url& url, const Endpoint& endpoint, std::string_view body, Nanos limit);

/// Answers every GET with the same page, in a thread of its own, one client after the other.
class PageServer {
 public:
  struct Page {
    std::string path;  ///< "/metrics"; anything else is 404.
    std::string content_type;
    std::function<std::string()> render;
  };
  /// `at` is "HOST:PORT" or ":PORT", which means the loopback address only; port 0 takes any free one.
  /// Errors: bad_usage, environment (port in use).
  static Result<std::unique_ptr<PageServer>> start(const std::string& at, Page page);
  ~PageServer();
  [[nodiscard]] std::uint16_t port() const { return local_port(listener_.get()); }

 private:
  PageServer(FileDescriptor listener, Page page);
  void serve();
  void answer(int client) const;

  FileDescriptor listener_;
  Page page_;
  std::atomic<bool> is_stopped_{false};
  std::thread thread_;
};

}  // namespace thaw
