#include "functions/trace_function.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/text.h"
#include "functions/json_text.h"
#include "net/faas_executor.h"
#include "net/protobuf_wire.h"

namespace thaw::functions {
namespace {

constexpr std::string_view health_path = "/grpc.health.v1.Health/Check";
constexpr std::string_view json_type = "application/json";
constexpr std::string_view no_memory = "FAILURE - mem_alloc";

std::uint32_t cut_to_32_bits(std::int64_t value) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(value, 0, std::numeric_limits<std::uint32_t>::max()));
}

std::int64_t microseconds(Nanos time) { return std::chrono::round<std::chrono::microseconds>(time).count(); }

HttpResponse refusal(int status, const Error& error) { return {.status = status, .body = render(error)}; }

HttpResponse grpc_failure(GrpcCode code, std::string why) {
  HttpResponse response;
  make_grpc_response(response, {code, std::move(why)});
  return response;
}

}  // namespace

std::string base64(std::string_view bytes) {
  static constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t size = std::min<std::size_t>(bytes.size() - at, 3);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i)
      word = word << 8 | (i < size ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += i <= size ? letters[word >> (18 - 6 * i) & 63U] : '=';
  }
  return text;
}

TraceTask TraceFunction::accept(const HttpRequest& request) {
  TraceTask task;
  const auto type = request.header("content-type");
  task.is_grpc = is_grpc(type);
  if (task.is_grpc) {
    accept_grpc(request, task);
  } else {
    accept_http(request, task);
  }
  return task;
}

void TraceFunction::draw(TraceTask& task, std::string_view header) {
  task.index = calls_++;
  if (options_.is_empty) task.call = {};
  if (task.call.memory > options_.most_memory) {
    task.response = answer(task, {.memory = task.call.memory, .could_have_memory = false});
    return;
  }
  task.fault = draw_fault(options_.faults, options_.seed, task.index);
  if (header.empty() || !options_.takes_fault_header) return;
  const auto own = parse_faults(header);
  if (own) {
    task.fault = draw_fault(*own, options_.seed, task.index);
  } else {
    task.response =
        task.is_grpc ? grpc_failure(GrpcCode::invalid_argument, own.error().what) : refusal(400, own.error());
  }
}

void TraceFunction::accept_http(const HttpRequest& request, TraceTask& task) {
  const std::string_view path = request.path();
  if (path == "/healthz" || path == "/health") {
    task.response = HttpResponse{.body = "ok\n"};
    return;
  }
  if (path == "/init" &&
      request.method == "POST") {  // OpenWhisk hands over the code of an action; ours is here.
    task.response = HttpResponse{.body = "{\"ok\":true}", .content_type = json_type};
    return;
  }
  if (request.method != "GET" && request.method != "HEAD" && request.method != "POST" &&
      request.method != "PUT") {
    task.response = refusal(405, {ErrorKind::bad_usage, "only GET, HEAD, POST and PUT are answered", {}, {}});
    task.response->headers.add("Allow", "GET, HEAD, POST, PUT");
    return;
  }
  auto read = read_trace_request(request, options_.defaults);
  if (!read) {
    task.response = refusal(400, read.error());
    return;
  }
  task.call = read->call;
  task.function = std::move(read->function);
  task.wants_base64 = read->wants_base64 || options_.wants_base64;
  draw(task, read->fault);
}

void TraceFunction::accept_grpc(const HttpRequest& request, TraceTask& task) {
  const std::string_view path = request.path();
  if (path == health_path) {  // grpc.health.v1: field 1 is the status, 1 says SERVING.
    task.response.emplace();
    make_grpc_response(*task.response, {}, "\x08\x01");
    return;
  }
  if (path != faas_execute_path) {
    task.response = grpc_failure(GrpcCode::unimplemented, fmt::format("there is no method {}", path));
    return;
  }
  const auto message = grpc_message(request.body);
  if (!message) {
    task.response = grpc_failure(message.error().code, message.error().message);
    return;
  }
  const auto wanted = parse_faas_request(*message);
  if (!wanted) {
    task.response = grpc_failure(GrpcCode::invalid_argument, "the message is no faas.FaasRequest");
    return;
  }
  task.call = options_.defaults;
  task.call.runtime = std::chrono::milliseconds(wanted->runtime_ms);
  task.call.memory = Bytes(std::int64_t{wanted->memory_mib} << 20);
  if (const auto timeout = request.header("grpc-timeout")) task.timeout = parse_grpc_timeout(*timeout);
  draw(task, request.header("x-thaw-fault").value_or(""));
}

std::string TraceFunction::json_of(const TraceTask& task, const WorkReport& work,
                                   std::string_view status) const {
  const std::string_view function = task.function.empty() ? std::string_view(options_.name) : task.function;
  const std::int64_t wall_us = microseconds(work.wall);
  return fmt::format(
      R"({{"Status":"{}","Function":{},"MachineName":{},"ExecutionTime":{},"DurationInMicroSec":{},)"
      R"("MemoryUsageInKb":{},"Message":"","CpuTimeInMicroSec":{},"Invocation":{}}})"
      "\n",
      status, json_quote(function), json_quote(options_.machine), wall_us, wall_us, work.memory.count() >> 10,
      microseconds(work.cpu), task.index);
}

HttpResponse TraceFunction::answer(const TraceTask& task, const WorkReport& work) const {
  HttpResponse response;
  if (task.is_grpc) {
    if (task.fault.kind == FaultKind::status) {
      make_grpc_response(response,
                         {grpc_code_of_http(static_cast<int>(task.fault.number)), "injected fault"});
      return response;
    }
    if (task.timeout && work.wall > *task.timeout) {
      make_grpc_response(response, {GrpcCode::deadline_exceeded, "the work took longer than its deadline"});
      return response;
    }
    const std::string_view said = options_.is_empty ? "OK - EMPTY - " : "OK - ";
    std::string message;
    append_faas_reply(message,
                      {.message = work.could_have_memory ? fmt::format("{}{}", said, options_.machine)
                                                         : std::string(no_memory),
                       .duration_us = cut_to_32_bits(microseconds(work.wall)),
                       .memory_kib = cut_to_32_bits(work.memory.count() >> 10)});
    make_grpc_response(response, {}, message);
    return response;
  }
  response.content_type = json_type;
  if (task.fault.kind == FaultKind::status) {
    response.status = static_cast<int>(task.fault.number);
    response.body = json_of(task, work, "FAILURE - injected");
  } else if (!work.could_have_memory) {
    response.status = 500;
    response.body = json_of(task, work, no_memory);
  } else {
    response.body = json_of(task, work, options_.is_empty ? "OK - EMPTY" : "OK");
  }
  if (task.wants_base64) response.body = base64(response.body);
  return response;
}

}  // namespace thaw::functions
