#include "load/target.h"

#include <array>
#include <charconv>

#include "core/text.h"
#include "load/trace_context.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 3> protocol_names = {"http1", "http2", "grpc"};

void append_number(std::uint64_t value, std::string& to) {
  char digits[24];
  to.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

tl::unexpected<Error> bad_header(const std::string& header) {
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no header", header), "--header",
                 "write for example --header 'Content-Type: application/json'");
}

Result<> check_scheme(const std::string& scheme, Protocol protocol) {
  const bool is_http = scheme == "http" || scheme == "https";
  const bool is_grpc = scheme == "grpc" || scheme == "grpcs";
  if (is_http || (is_grpc && protocol == Protocol::grpc)) return {};
  return fail_at(ErrorKind::bad_usage,
                 fmt::format("{} over {}:// is not possible", name_of(protocol), scheme), "--target",
                 "use http:// or https://");
}

}  // namespace

Result<Protocol> parse_protocol(std::string_view name) {
  for (std::size_t i = 0; i < protocol_names.size(); ++i) {
    if (name == protocol_names[i]) return static_cast<Protocol>(i);
  }
  const std::vector<std::string> names(protocol_names.begin(), protocol_names.end());
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown protocol \"{}\"", name), "--protocol",
                 suggest(name, names));
}

std::string_view name_of(Protocol protocol) { return protocol_names[static_cast<std::size_t>(protocol)]; }

void TextTemplate::add_text(std::string_view text) {
  if (pieces_.empty() || pieces_.back().value != Value::nothing) pieces_.emplace_back();
  pieces_.back().text += text;
}

void TextTemplate::compile(std::string_view text, const TraceFunction& function, std::size_t index) {
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    add_text(text.substr(0, open));
    if (open == std::string_view::npos) return;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::string_view name = close == std::string_view::npos ? text : text.substr(1, close - 1);
    if (name == "function") {
      add_text(function.name);
    } else if (name == "index") {
      add_text(std::to_string(index));
    } else if (name == "runtime_ms" || name == "memory_mib" || name == "invocation") {
      pieces_.back().value = name == "runtime_ms"   ? Value::runtime_ms
                             : name == "memory_mib" ? Value::memory_mib
                                                    : Value::invocation;
    } else {
      // Bodies are often JSON.
      add_text("{");
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(close + 1);
  }
}

void TextTemplate::append(const Invocation& invocation, std::string& to) const {
  for (const Piece& piece : pieces_) {
    to += piece.text;
    switch (piece.value) {
      case Value::nothing:
        break;
      case Value::runtime_ms:
        append_number(invocation.runtime_ms, to);
        break;
      case Value::memory_mib:
        append_number(invocation.memory_mib, to);
        break;
      case Value::invocation:
        append_number(invocation.column, to);
        to += '.';
        append_number(invocation.number, to);
        break;
    }
  }
}

Result<LoadTarget> LoadTarget::create(const TargetOptions& options,
                                      const std::vector<TraceFunction>& functions) {
  LoadTarget target;
  target.options_ = options;
  // Placeholders are no part of a URL's grammar, but they stand only in its path.
  THAW_TRY(target.url_, parse_url(options.url));
  if (target.url_.host.find('{') != std::string::npos) {
    return fail_at(
        ErrorKind::bad_usage, "the host of the target cannot differ by function", "--target",
        "connect to the gateway and name the function in a header: --header 'Host: {function}.example.org'");
  }
  THAW_CHECK(check_scheme(target.url_.scheme, options.protocol));
  THAW_TRY(target.endpoint_, resolve(target.url_.host, target.url_.port));
  target.method_ = !options.method.empty() ? options.method : options.body.empty() ? "GET" : "POST";
  for (std::size_t i = 0; i < functions.size(); ++i) THAW_CHECK(target.add_parts(functions[i], i));
  return target;
}

Result<> LoadTarget::add_parts(const TraceFunction& function, std::size_t index) {
  Parts parts;
  parts.path.compile(url_.target, function, index);
  parts.body.compile(options_.body, function, index);
  std::string host = url_.authority();
  std::string lines;
  bool has_agent = false;
  for (const std::string& header : options_.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos || colon == 0 || header.find_first_of("\r\n") != std::string::npos)
      return bad_header(header);
    const std::string name = to_lower(header.substr(0, colon));
    const std::string_view value = trim(std::string_view(header).substr(colon + 1));
    if (name == "host") {
      host = value;
      continue;
    }
    has_agent = has_agent || name == "user-agent";
    lines += header + "\r\n";
    parts.headers.emplace_back(name, TextTemplate());
    parts.headers.back().second.compile(value, function, index);
  }
  if (!has_agent) {
    lines += "User-Agent: thaw\r\n";
    parts.headers.emplace_back("user-agent", TextTemplate());
    parts.headers.back().second.add_text("thaw");
  }
  parts.authority.compile(host, function, index);
  parts.head.compile(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}", method_, url_.target, host, lines),
                     function, index);
  const bool is_constant = parts.head.is_constant() && parts.body.is_constant() && !options_.has_traceparent;
  parts_.push_back(std::move(parts));
  if (is_constant) {
    Invocation any;
    any.function = static_cast<FunctionIndex>(index);
    parts_.back().constant = render(any);
  }
  return {};
}

std::string_view LoadTarget::render(const Invocation& invocation) {
  const Parts& parts = parts_[invocation.function];
  if (!parts.constant.empty()) return parts.constant;
  rendered_.clear();
  parts.head.append(invocation, rendered_);
  if (options_.has_traceparent) {
    const auto header = traceparent(trace_context(options_.trace_salt, invocation));
    rendered_ += "traceparent: ";
    rendered_.append(header.data(), header.size());
    rendered_ += "\r\n";
  }
  if (has_body()) {
    body_text_.clear();
    parts.body.append(invocation, body_text_);
    rendered_ += "Content-Length: ";
    append_number(body_text_.size(), rendered_);
    rendered_ += "\r\n\r\n";
    rendered_ += body_text_;
  } else if (method_ == "POST" || method_ == "PUT") {
    rendered_ += "Content-Length: 0\r\n\r\n";
  } else {
    rendered_ += "\r\n";
  }
  return rendered_;
}

}  // namespace thaw
