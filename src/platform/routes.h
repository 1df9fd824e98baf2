#pragma once
// What a request to the gateway means: an invocation of a function, or a question or order about functions.

#include <string>
#include <string_view>

#include "net/http_message.h"
#include "platform/fleet.h"

namespace thaw {

/// What the gateway itself counts.
struct ServerCounts {
  std::uint64_t connections = 0;  ///< Open ones.
  std::uint64_t accepted = 0;
  std::uint64_t turned_away = 0;  ///< Above the limit.
  std::uint64_t refused = 0;      ///< Requests that were malformed, too large or too slow.
};

class Routes {
 public:
  Routes(const GatewayOptions& options, Fleet& fleet, const ServerCounts& counts)
      : options_(options), fleet_(fleet), counts_(counts) {}

  /// Whether the request may be made at all: it carries the token, where one is asked for.
  [[nodiscard]] bool is_allowed(const HttpRequest& request) const;

  /// The function that the request invokes, by /function/NAME or by its host; the target becomes that which the function
  /// sees. Null when it is no invocation of a known function.
  Function* function_of(HttpRequest& request) const;

  /// Answers every other request.
  void answer(const HttpRequest& request, HttpResponse& response);

 private:
  void list(HttpResponse& response) const;
  void one_function(const HttpRequest& request, std::string_view name, HttpResponse& response);
  void put(const HttpRequest& request, std::string_view name, HttpResponse& response);
  void register_function(const HttpRequest& request, HttpResponse& response);

  const GatewayOptions& options_;
  Fleet& fleet_;
  const ServerCounts& counts_;
};

/// Whether two texts are equal; takes the same time wherever they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// The state of everything in Prometheus' text format.
std::string metrics_text(const Fleet& fleet, const ServerCounts& counts);

/// A function and its counts.
nlohmann::ordered_json describe(const Function& function);

}  // namespace thaw
