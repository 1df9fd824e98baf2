#include "load/http2_texts.h"

#include <utility>

#include "load/answer.h"
#include "load/trace_context.h"
#include "net/faas_executor.h"
#include "net/greeter.h"
#include "net/grpc.h"

namespace thaw {
namespace {

/// What the predecessor sends as the message of a call.
constexpr std::string_view faas_message = "nothing";
constexpr std::string_view greeter_name = "Invoke Relay";
constexpr std::string_view no_memory = "FAILURE - mem_alloc";
constexpr std::string_view good_message = "OK - ";

/// The predecessor finds the instance in the message, from the last "trace-func" on.
std::string_view instance_of(std::string_view message) {
  if (const std::size_t at = message.rfind("trace-func"); at != std::string_view::npos)
    return message.substr(at);
  return message.starts_with(good_message) ? message.substr(good_message.size()) : std::string_view{};
}

Cause cause_of_bad(const Http2Answer& answer) {
  return cause_of_status(answer.headers.find("x-thaw-error").value_or(""));
}

/// 32 hexadecimal digits as a UUID.
std::string uuid_of(std::string_view digits) {
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4),
                     digits.substr(16, 4), digits.substr(20));
}

/// "/function/NAME", as platforms tell functions apart; the method is still to come.
bool names_function_only(std::string_view path) {
  constexpr std::string_view prefix = "/function/";
  return path.starts_with(prefix) && path.size() > prefix.size() &&
         path.find('/', prefix.size()) == std::string_view::npos;
}

}  // namespace

Http2Texts::Http2Texts(LoadTarget& target, const SenderOptions& options, Clock& clock)
    : target_(target),
      clock_(clock),
      is_grpc_(target.protocol() == Protocol::grpc),
      is_greeter_(is_grpc_ && !target.has_body() && target.sites().front().url.target == greeter_path),
      grpc_timeout_(format_grpc_timeout(options.function_timeout)) {}

Http2Call Http2Texts::render(const Invocation& invocation) {
  const FunctionIndex function = invocation.function;
  authority_.clear();
  path_.clear();
  body_.clear();
  headers_.clear();
  target_.authority(function).append(invocation, authority_);
  target_.path(function).append(invocation, path_);
  if (target_.has_body()) target_.body(function).append(invocation, body_);
  for (const auto& [name, value] : target_.headers(function)) {
    text_.clear();
    value.append(invocation, text_);
    headers_.add(name, text_);
  }
  if (target_.has_traceparent()) {
    const auto header = traceparent(trace_context(target_.trace_salt(), invocation));
    headers_.add("traceparent", {header.data(), header.size()});
  }
  if (is_grpc_) make_grpc(invocation);
  return {.method = is_grpc_ ? std::string_view("POST") : std::string_view(target_.method()),
          .scheme = target_.sites()[target_.site_of(function)].is_secure() ? "https" : "http",
          .authority = authority_,
          .target = path_,
          .headers = &headers_,
          .body = body_};
}

void Http2Texts::make_grpc(const Invocation& invocation) {
  if (path_ == "/") {
    path_ = faas_execute_path;
  } else if (names_function_only(path_)) {
    path_ += faas_execute_path;
  }
  if (is_greeter_) {
    append_hello(invocation);
  } else if (!target_.has_body()) {
    append_faas_request(body_, {.message = std::string(faas_message),
                                .runtime_ms = invocation.runtime_ms,
                                .memory_mib = invocation.memory_mib});
  }
  text_.clear();
  append_grpc_message(text_, body_);
  std::swap(text_, body_);
  headers_.add("content-type", grpc_content_type);
  headers_.add("te", "trailers");
  headers_.add("grpc-timeout", grpc_timeout_);
}

void Http2Texts::append_hello(const Invocation& invocation) {
  const TraceContext context = trace_context(target_.trace_salt(), invocation);
  const std::string call = std::string(context.span()) + std::string(context.trace().substr(16));
  append_hello_request(
      body_, {.name = greeter_name,
              .metadata = fmt::format(R"({{"WorkflowId":"{}","InvocationId":"{}","InvokedOn":"{}"}})",
                                      uuid_of(context.trace()), uuid_of(call), format_utc(clock_.wall()))});
}

void Http2Texts::read(const Http2Answer& answer, Invocation& done) const {
  done.status = static_cast<std::uint16_t>(answer.status);
  if (answer.status < 200 || answer.status > 299) done.cause = cause_of_bad(answer);
  const AnswerParts said{answer.headers.find("x-thaw-cold").value_or(""),
                         answer.headers.find("x-thaw-instance").value_or(""),
                         is_grpc_ ? std::string_view{} : answer.body};
  read_answer(said, done);
  if (is_grpc_) read_grpc(answer, said.instance.empty(), done);
}

void Http2Texts::read_grpc(const Http2Answer& answer, bool names_instance, Invocation& done) const {
  const GrpcStatus status = grpc_status(answer);
  if (status.code != GrpcCode::ok) {
    done.cause = cause_of_bad(answer);
    if (answer.status == 200) done.status = static_cast<std::uint16_t>(status.code);
    return;
  }
  const auto message = grpc_message(answer.body);
  if (!message) {
    done.cause = Cause::bad_answer;
    return;
  }
  if (is_greeter_) {
    const auto said = parse_hello_reply(*message);
    if (!said) {
      done.cause = Cause::bad_answer;
    } else if (names_instance) {
      set_instance(done, greeter_service(*said));
    }
    return;
  }
  // Other methods answer with other messages.
  if (target_.has_body()) return;
  const auto reply = parse_faas_reply(*message);
  if (!reply) {
    done.cause = Cause::bad_answer;
    return;
  }
  done.actual_us = reply->duration_us;
  done.actual_memory_kib = reply->memory_kib;
  done.could_not_allocate = reply->message.starts_with(no_memory);
  if (names_instance) set_instance(done, instance_of(reply->message));
}

}  // namespace thaw
