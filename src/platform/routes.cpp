#include "platform/routes.h"

#include "core/text.h"
#include "net/grpc.h"
#include "platform/registration.h"
#include "record/json_text.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view invocation_prefix = "/function/";
constexpr std::string_view description_prefix = "/functions/";

void reply(HttpResponse& response, int status, const Json& json) {
  response.status = status;
  response.content_type = "application/json";
  response.body = json.dump() + "\n";
}

void reply_error(HttpResponse& response, int status, std::string_view error, std::string_view message,
                 std::string_view hint = {}) {
  Json json{{"error", error}, {"message", message}};
  if (!hint.empty()) json["hint"] = hint;
  response.headers.add("X-Thaw-Error", error);
  reply(response, status, json);
}

void reply_error(HttpResponse& response, const Error& error) {
  const bool is_clients = error.kind == ErrorKind::bad_usage || error.kind == ErrorKind::bad_input;
  const std::string message =
      error.where.empty() ? error.what : fmt::format("{}: {}", error.where, error.what);
  reply_error(response, is_clients ? 400 : 500, is_clients ? "bad-request" : "failed", message, error.hint);
}

void allow_only(HttpResponse& response, std::string_view methods) {
  response.headers.add("Allow", methods);
  reply_error(response, 405, "method", fmt::format("only {} here", methods));
}

void reply_no_function(HttpResponse& response, const Fleet& fleet, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& function : fleet.functions()) {
    if (!function->is_removed) names.push_back(function->spec.name);
  }
  const std::string hint = names.empty() ? "PUT /functions/NAME adds one" : suggest(name, names);
  reply_error(response, 404, "no-function", fmt::format("there is no function \"{}\"", name), hint);
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || host.ends_with(']') ? host : host.substr(0, colon);
}

/// The name in "/function/NAME/…?…".
std::string_view invoked_name(std::string_view target) {
  target.remove_prefix(invocation_prefix.size());
  return target.substr(0, target.find_first_of("/?"));
}

void reply_no_function_in_grpc(const HttpRequest& request, HttpResponse& response) {
  const std::string_view target = request.target;
  const std::string_view name = target.starts_with(invocation_prefix)
                                    ? invoked_name(target)
                                    : without_port(request.header("host").value_or(""));
  make_grpc_response(response,
                     {grpc_code_of_http(404), fmt::format("no-function: there is no function \"{}\"", name)});
  response.headers.add("X-Thaw-Error", "no-function");
}

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // The length of a token is no secret.
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(
        difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  }
  return difference == 0;
}

bool Routes::is_allowed(const HttpRequest& request) const {
  if (options_.token.empty() || request.path() == "/healthz") return true;
  constexpr std::string_view scheme = "bearer ";
  const std::string_view given = request.header("authorization").value_or("");
  if (given.size() <= scheme.size() || !is_same_word(given.substr(0, scheme.size()), scheme)) return false;
  return equal_in_constant_time(without_blanks(given.substr(scheme.size())), options_.token);
}

Function* Routes::function_of(HttpRequest& request) const {
  if (std::string_view(request.target).starts_with(invocation_prefix)) {
    const std::size_t begin = invocation_prefix.size();
    const std::size_t end = std::min(request.target.find_first_of("/?", begin), request.target.size());
    Function* const function = fleet_.find(std::string_view(request.target).substr(begin, end - begin));
    if (function == nullptr) return nullptr;
    request.target.erase(0, end);
    if (request.target.empty() || request.target.front() != '/') request.target.insert(0, "/");
    return function;
  }
  return fleet_.find(without_port(request.header("host").value_or("")));
}

void Routes::answer(const HttpRequest& request, HttpResponse& response) {
  // A gRPC client reads no status but its own, and asks for nothing here but a function.
  if (is_grpc(request.header("content-type"))) return reply_no_function_in_grpc(request, response);
  const std::string_view path = request.path();
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  // A browser would send such a request for any page that it shows, wherever that comes from.
  if (!is_get && request.header("origin")) {
    return reply_error(response, 403, "origin", "pages in a browser may not change functions");
  }
  if (path == "/healthz") {
    response.status = fleet_.is_draining() ? 503 : 200;
    response.body = fleet_.is_draining() ? "draining\n" : "ok\n";
  } else if (path == "/metrics") {
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics_text(fleet_, counts_);
  } else if (path == "/functions" || path == description_prefix) {
    is_get ? list(response) : allow_only(response, "GET");
  } else if (path.starts_with(description_prefix)) {
    one_function(request, path.substr(description_prefix.size()), response);
  } else if (path.starts_with(invocation_prefix)) {
    reply_no_function(response, fleet_, invoked_name(path));
  } else if (path == "/" && request.method == "POST") {
    register_function(request, response);
  } else if (path == "/check" && is_get) {
    const std::string name = query_value(request.query(), "name").value_or("");
    if (fleet_.find(name) == nullptr) return reply_no_function(response, fleet_, name);
    response.body = "ready\n";
  } else {
    reply_error(response, 404, "no-route", fmt::format("there is nothing at {}", path),
                "POST /function/NAME invokes, GET /functions lists");
  }
}

void Routes::list(HttpResponse& response) const {
  Json all = Json::array();
  for (const auto& function : fleet_.functions()) {
    if (!function->is_removed) all.push_back(describe(*function));
  }
  reply(response, 200, all);
}

void Routes::one_function(const HttpRequest& request, std::string_view name, HttpResponse& response) {
  if (request.method == "PUT") return put(request, name, response);
  if (request.method == "DELETE") {
    if (!fleet_.remove(name)) return reply_no_function(response, fleet_, name);
    response.status = 204;
    return;
  }
  if (request.method != "GET" && request.method != "HEAD") return allow_only(response, "GET, PUT, DELETE");
  const Function* const function = fleet_.find(name);
  if (function == nullptr) return reply_no_function(response, fleet_, name);
  reply(response, 200, describe(*function));
}

void Routes::put(const HttpRequest& request, std::string_view name, HttpResponse& response) {
  const auto json = parse_json_text(request.body, "body");
  if (!json) return reply_error(response, json.error());
  FunctionSpec defaults = options_.defaults;
  const auto spec = read_function_spec(*json, name, defaults);
  if (!spec) return reply_error(response, spec.error());
  const bool is_new = fleet_.find(name) == nullptr;
  if (const auto added = fleet_.put(*spec); !added) return reply_error(response, added.error());
  reply(response, is_new ? 201 : 200, to_json(*spec));
}

void Routes::register_function(const HttpRequest& request, HttpResponse& response) {
  const auto spec = read_registration(request.body, options_.defaults);
  if (!spec) return reply_error(response, spec.error());
  if (const auto added = fleet_.put(*spec); !added) return reply_error(response, added.error());
  // Where functions are invoked: here, under the very name by which the client reached us.
  response.body = request.header("host").value_or("");
}

}  // namespace thaw
