#include "functions/service.h"

#include "core/text.h"
#include "functions/json_text.h"

namespace thaw::functions {
namespace {

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_usage:
    case ErrorKind::bad_input:
      return 400;
    case ErrorKind::environment:
      return 503;
    case ErrorKind::run_failed:
    case ErrorKind::check_failed:
    case ErrorKind::internal:
      return 500;
  }
  return 500;
}

HttpResponse not_found(std::string_view path, const Function* only) {
  const std::string where =
      only != nullptr ? "POST /" : "POST /NAME, for example /nope; GET / lists the names";
  return {404, render({ErrorKind::bad_usage, fmt::format("nothing is at {}", path), {}, where})};
}

std::string function_list() {
  std::string list;
  for (const Function& function : functions()) list += fmt::format("/{}\n", function.name);
  return list;
}

/// Errors: bad_usage.
Result<std::string> decoded_argument(std::string_view text) {
  auto decoded = decode_query_text(text);
  if (!decoded)
    return fail_at(ErrorKind::bad_usage, "a %-escape of the query is malformed", std::string(text));
  return *std::move(decoded);
}

/// The values of "arg"; other names are left to proxies and caches.
Result<std::vector<std::string>> query_arguments(const HttpRequest& request) {
  std::vector<std::string> args;
  for (const std::string_view part : split(request.query(), '&')) {
    if (!part.starts_with("arg=")) continue;
    THAW_TRY(std::string value, decoded_argument(part.substr(4)));
    args.push_back(std::move(value));
  }
  return args;
}

bool is_json(const HttpRequest& request, std::string_view body) {
  if (body.front() == '[' || body.front() == '{' || body.front() == '"') return true;
  const auto type = request.header("content-type");
  return type && to_lower(trim(split(*type, ';').front())) == "application/json";
}

}  // namespace

Result<std::vector<std::string>> request_arguments(const HttpRequest& request) {
  THAW_TRY(std::vector<std::string> args, query_arguments(request));
  const std::string_view body = trim(request.body);
  if (!args.empty() || body.empty()) return args;
  if (is_json(request, body)) return read_json_arguments(body);
  if (body.find('\0') != std::string_view::npos) {
    return fail(ErrorKind::bad_usage, "the body holds a NUL character, which no argument can");
  }
  for (const std::string_view word : split_fields(body)) args.emplace_back(word);
  return args;
}

HttpResponse Service::answer(const HttpRequest& request) {
  const std::string_view path = request.path();
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  if (!is_read && request.method != "POST") {
    return {405, "thaw: error: only GET, HEAD and POST are answered\n", {{"Allow", "GET, HEAD, POST"}}};
  }
  if (path == "/healthz") return {200, "ok\n"};
  if (path == "/" && options_.only != nullptr) return run(*options_.only, request);
  if (path == "/") return is_read ? HttpResponse{200, function_list()} : not_found(path, options_.only);
  const auto named = find_function(path.substr(1));
  if (!named || (options_.only != nullptr && *named != options_.only)) return not_found(path, options_.only);
  return run(**named, request);
}

HttpResponse Service::run(const Function& function, const HttpRequest& request) {
  Invocation call{
      .clock = clock_, .index = calls_++, .is_served = true, .may_use_files = options_.may_use_files};
  if (function.takes_payload) call.body = request.body;
  auto args = function.takes_payload ? query_arguments(request) : request_arguments(request);
  if (!args) return {400, render(args.error())};
  call.args = std::move(*args);
  if (call.args.empty() && call.body.empty()) call.args = options_.default_args;
  const Result<std::string> output = function.run(call);
  if (!output) return {status_of(output.error().kind), render(output.error())};
  return {200, *output};
}

}  // namespace thaw::functions
