#include "load/span_exporter.h"

#include <algorithm>
#include <chrono>

#include "load/loopback_http.h"
#include "load/trace_context.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

constexpr Nanos post_limit = std::chrono::seconds(2);

std::int64_t end_of(const Invocation& invocation) {
  return invocation.done_ns == missing_ns ? invocation.intended_ns : invocation.done_ns;
}

std::string result_of(const Invocation& invocation) {
  return std::string(invocation.is_in_flight() ? "in_flight" : name_of(invocation.cause));
}

Json attribute(const char* key, Json value) { return {{"key", key}, {"value", std::move(value)}}; }
/// 64-bit integers are text in the JSON form of Protocol Buffers.
Json whole(std::int64_t value) { return {{"intValue", std::to_string(value)}}; }

Json otlp_span(const SpanContext& context, const Invocation& invocation) {
  const TraceContext id = trace_context(context.trace_salt, invocation);
  const auto epoch_ns = [&](std::int64_t ns) { return std::to_string(context.anchor_epoch_us * 1000 + ns); };
  Json attributes = Json::array(
      {attribute("faas.invoked_name", {{"stringValue", (*context.functions)[invocation.function].name}}),
       attribute("thaw.result", {{"stringValue", result_of(invocation)}}),
       attribute("thaw.phase", whole(invocation.phase)),
       attribute("thaw.attempt", whole(invocation.attempt))});
  if (invocation.dispatched_ns != missing_ns)
    attributes.push_back(attribute("thaw.lateness_ns", whole(invocation.lateness_ns())));
  if (invocation.status != 0)
    attributes.push_back(attribute("http.response.status_code", whole(invocation.status)));
  if (invocation.knows_cold)
    attributes.push_back(attribute("faas.coldstart", {{"boolValue", invocation.is_cold}}));
  constexpr int kind_client = 3, status_ok = 1, status_error = 2;
  return {{"traceId", std::string(id.trace())},
          {"spanId", std::string(id.span())},
          {"name", (*context.functions)[invocation.function].name},
          {"kind", kind_client},
          {"startTimeUnixNano", epoch_ns(invocation.intended_ns)},
          {"endTimeUnixNano", epoch_ns(end_of(invocation))},
          {"attributes", std::move(attributes)},
          {"status", {{"code", invocation.cause == Cause::none ? status_ok : status_error}}}};
}

Json zipkin_span(const SpanContext& context, const Invocation& invocation) {
  const TraceContext id = trace_context(context.trace_salt, invocation);
  const std::int64_t duration_us = (end_of(invocation) - invocation.intended_ns) / 1000;
  Json tags = {{"thaw.result", result_of(invocation)}, {"thaw.phase", std::to_string(invocation.phase)}};
  if (invocation.status != 0) tags["http.status_code"] = std::to_string(invocation.status);
  if (invocation.cause != Cause::none) tags["error"] = std::string(name_of(invocation.cause));
  if (invocation.knows_cold) tags["faas.coldstart"] = invocation.is_cold ? "true" : "false";
  return {{"traceId", std::string(id.trace())},
          {"id", std::string(id.span())},
          {"name", (*context.functions)[invocation.function].name},
          {"kind", "CLIENT"},
          {"timestamp", context.anchor_epoch_us + invocation.intended_ns / 1000},
          // Zipkin takes 0 for unknown.
          {"duration", std::max<std::int64_t>(duration_us, 1)},
          {"localEndpoint", {{"serviceName", "loader"}}},
          {"tags", std::move(tags)}};
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string otlp_body(const SpanContext& context, const std::vector<Invocation>& invocations) {
  Json spans = Json::array();
  for (const Invocation& invocation : invocations) spans.push_back(otlp_span(context, invocation));
  const Json resource = {
      {"attributes", Json::array({attribute("service.name", {{"stringValue", "thaw-load"}})})}};
  const Json scope = {{"scope", {{"name", "thaw.load"}}}, {"spans", std::move(spans)}};
  return dumped(
      {{"resourceSpans", Json::array({Json{{"resource", resource}, {"scopeSpans", Json::array({scope})}}})}});
}

std::string zipkin_body(const SpanContext& context, const std::vector<Invocation>& invocations) {
  Json spans = Json::array();
  for (const Invocation& invocation : invocations) spans.push_back(zipkin_span(context, invocation));
  return dumped(spans);
}

SpanExporter::SpanExporter(SpanFormat format, Url url, Endpoint endpoint, const SpanContext& context)
    : format_(format), url_(std::move(url)), endpoint_(endpoint), context_(context), thread_([this] {
        send_batches();
      }) {}

SpanExporter::~SpanExporter() { finish(); }

Result<std::unique_ptr<SpanExporter>> SpanExporter::start(SpanFormat format, const std::string& url,
                                                          const SpanContext& context) {
  const char* option = format == SpanFormat::otlp ? "--otlp" : "--zipkin";
  auto parsed = parse_url(url);
  if (!parsed) return tl::unexpected(std::move(parsed).error().in(option));
  if (parsed->scheme != "http") {
    return fail_at(ErrorKind::bad_usage, "spans are sent over http:// only", option,
                   "start a collector on this machine");
  }
  // Where collectors take them, unless the URL says more.
  if (parsed->target == "/") parsed->target = format == SpanFormat::otlp ? "/v1/traces" : "/api/v2/spans";
  THAW_TRY(const Endpoint endpoint, resolve(parsed->host, parsed->port));
  return std::unique_ptr<SpanExporter>(new SpanExporter(format, *std::move(parsed), endpoint, context));
}

void SpanExporter::listen(const Invocation& invocation) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_size) {
      ++dropped_;
      return;
    }
    queue_.push_back(invocation);
    if (queue_.size() < batch_size) return;
  }
  wake_.notify_one();
}

void SpanExporter::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void SpanExporter::send_batches() {
  for (;;) {
    std::vector<Invocation> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, std::chrono::milliseconds(500),
                     [this] { return is_ending_ || queue_.size() >= batch_size; });
      // A collector that does not answer is not waited for at the end.
      if (is_ending_ && !failure_.empty()) {
        dropped_ += queue_.size();
        queue_.clear();
      }
      if (is_ending_ && queue_.empty()) return;
      const auto size = static_cast<std::ptrdiff_t>(std::min(queue_.size(), batch_size));
      batch.assign(queue_.begin(), queue_.begin() + size);
      queue_.erase(queue_.begin(), queue_.begin() + size);
    }
    if (!batch.empty()) send(batch);
  }
}

void SpanExporter::send(const std::vector<Invocation>& batch) {
  const std::string body =
      format_ == SpanFormat::otlp ? otlp_body(context_, batch) : zipkin_body(context_, batch);
  const Result<> posted = post_json(url_, endpoint_, body, post_limit);
  const std::lock_guard lock(mutex_);
  if (posted) {
    sent_ += batch.size();
  } else {
    dropped_ += batch.size();
    failure_ = posted.error().what;
  }
}

}  // namespace thaw
