#include "load/target.h"

#include <algorithm>
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

/// The part of a URL between "://" and the path.
std::string_view host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

/// The URL with the host of this function. Placeholders are no part of a URL's grammar, so those of the path stay as they are.
Result<Url> url_of(const std::string& text, const TraceFunction& function, std::size_t index) {
  const std::string_view host = host_of(text);
  const auto begin = static_cast<std::size_t>(host.data() - text.data());
  std::string named(host);
  for (const auto& [placeholder, value] :
       {std::pair<std::string_view, std::string>{"{function}", function.name},
        {"{index}", std::to_string(index)}}) {
    for (std::size_t at = 0; (at = named.find(placeholder, at)) != std::string::npos; at += value.size())
      named.replace(at, placeholder.size(), value);
  }
  if (named.find('{') != std::string::npos) {
    return fail_at(ErrorKind::bad_usage, fmt::format("the host \"{}\" cannot differ by invocation", host),
                   "--target", "a host may have {function} and {index}");
  }
  return parse_url(std::string(text).replace(begin, host.size(), named));
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
  target.method_ = !options.method.empty() ? options.method : options.body.empty() ? "GET" : "POST";
  const bool is_one_url = options.urls.empty() && host_of(options.url).find('{') == std::string::npos;
  Url url;
  if (is_one_url) {
    THAW_TRY(url, parse_url(options.url));
    THAW_CHECK(target.find_site(url));
  }
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (!is_one_url) {
      THAW_TRY(url, url_of(options.urls.empty() ? options.url : options.urls[i], functions[i], i));
    }
    THAW_CHECK(target.add_parts(functions[i], i, url));
  }
  return target;
}

Result<std::size_t> LoadTarget::find_site(const Url& url) {
  const auto [place, is_new] =
      site_places_.try_emplace(fmt::format("{}://{}", url.scheme, url.authority()), sites_.size());
  if (!is_new) return place->second;
  THAW_CHECK(check_scheme(url.scheme, options_.protocol));
  THAW_TRY(const Endpoint endpoint, resolve(url.host, url.port));
  sites_.push_back({url, endpoint});
  return place->second;
}

bool LoadTarget::is_loopback() const {
  return std::all_of(sites_.begin(), sites_.end(),
                     [](const CallSite& site) { return site.endpoint.is_loopback(); });
}

Result<> LoadTarget::add_parts(const TraceFunction& function, std::size_t index, const Url& url) {
  Parts parts;
  THAW_TRY(parts.site, find_site(url));
  parts.path.compile(url.target, function, index);
  parts.body.compile(options_.body, function, index);
  THAW_TRY(const std::vector<PlainHeader> headers, headers_of(index));
  std::string host = url.authority();
  std::string lines;
  for (const auto& [name, value] : headers) {
    const std::string key = to_lower(name);
    if (key == "host") {
      host = value;
      continue;
    }
    lines += fmt::format("{}: {}\r\n", name, value);
    parts.headers.emplace_back(key, TextTemplate());
    parts.headers.back().second.compile(value, function, index);
  }
  parts.authority.compile(host, function, index);
  parts.head.compile(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}", method_, url.target, host, lines),
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

Result<std::vector<LoadTarget::PlainHeader>> LoadTarget::headers_of(std::size_t index) const {
  std::vector<std::string> lines = options_.headers;
  if (!options_.function_headers.empty()) {
    const std::vector<std::string>& own = options_.function_headers[index];
    lines.insert(lines.end(), own.begin(), own.end());
  }
  std::vector<PlainHeader> headers;
  bool has_agent = false;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || colon == 0 || line.find_first_of("\r\n") != std::string::npos)
      return bad_header(line);
    headers.emplace_back(line.substr(0, colon), trim(std::string_view(line).substr(colon + 1)));
    has_agent = has_agent || to_lower(headers.back().first) == "user-agent";
  }
  if (!has_agent) headers.emplace_back("User-Agent", "thaw");
  return headers;
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
