#pragma once
// Requests to a Redfish service over HTTPS: certificates are checked unless the user says otherwise, every request
// ends within a time limit, and what was asked for with a session is closed with it.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bench/probes/credentials.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/units.h"

namespace thaw::redfish {

/// Where the service is and how it is trusted.
struct Server {
  std::string host;
  std::string port = "443";
  Path ca_file;  ///< Certificates to trust besides the system's.
  std::string
      fingerprint;  ///< SHA-256 of the server's certificate in hexadecimal: trust that one and no other.
  bool is_insecure = false;  ///< Trust any certificate.
  bool uses_session = true;  ///< Log in and out; otherwise send user and password with every request (Basic).
  Nanos timeout = std::chrono::seconds(10);  ///< For each of: looking up, connecting, TLS, one request.
};

/// Reads "https://host", "host:8443", "[::1]:443" into host and port. Errors: bad_usage, also for plain http and for
/// a user or password in the text (which the message does not repeat).
Result<> parse_server(std::string_view url, Server& server);

struct Answer {
  std::string body;
  std::optional<WallTime> date;  ///< The service's clock, in whole seconds.
};

/// A connection that is made when needed. Used by one thread at a time.
class Client {
 public:
  Client(Server server, Credentials credentials);
  ~Client();  ///< Logs out.
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The resource at the path. Logs in first, and once more when the session has expired.
  /// Errors: environment: unreachable, too slow, not trusted, refused, or any status but 200.
  Result<Answer> get(const std::string& path);

 private:
  class Connection;
  struct Request;
  struct Response;

  Result<Response> send(const Request& request);
  Result<> log_in();
  void log_out();

  Server server_;
  Credentials credentials_;
  std::string token_;
  std::string session_;  ///< Path of the session to delete.
  std::unique_ptr<Connection> connection_;
};

}  // namespace thaw::redfish
