#pragma once
// What is called: a URL with placeholders, rendered once for each function and patched for each invocation.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load/invocation.h"
#include "net/endpoint.h"

namespace thaw {

enum class Protocol : std::uint8_t { http1, http2, grpc };
/// "http1", "http2" or "grpc". Errors: bad_usage.
Result<Protocol> parse_protocol(std::string_view name);
std::string_view name_of(Protocol protocol);

struct TargetOptions {
  /// "http://127.0.0.1:8080/function/{function}?cpu={runtime_ms}": placeholders {function}, {index}, {runtime_ms},
  /// {memory_mib} and {invocation}, in the path, headers and body.
  std::string url;
  std::string method;                ///< Empty: GET without a body, POST with one.
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
  Protocol protocol = Protocol::http1;
  bool has_traceparent = false;  ///< Adds a W3C traceparent header, see trace_context.h.
  std::uint64_t trace_salt = 0;
};

/// A text with placeholders, compiled for one function.
class TextTemplate {
 public:
  void add_text(std::string_view text);
  /// Appends the text with what {…} stands for. Braces that name nothing of ours stand for themselves.
  void compile(std::string_view text, const TraceFunction& function, std::size_t index);
  /// Appends the value of this invocation.
  void append(const Invocation& invocation, std::string& to) const;
  [[nodiscard]] bool is_constant() const { return pieces_.size() < 2; }

 private:
  enum class Value : std::uint8_t { nothing, runtime_ms, memory_mib, invocation };
  /// A piece of text, then a value.
  struct Piece {
    std::string text;
    Value value = Value::nothing;
  };
  std::vector<Piece> pieces_;
};

/// A header of one function, its name in lower case.
using HeaderTemplate = std::pair<std::string, TextTemplate>;

/// The requests to one target.
class LoadTarget {
 public:
  /// Errors: bad_usage (URL, placeholder in the host, header), environment (unknown host).
  static Result<LoadTarget> create(const TargetOptions& options, const std::vector<TraceFunction>& functions);

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const Url& url() const { return url_; }
  [[nodiscard]] Protocol protocol() const { return options_.protocol; }
  [[nodiscard]] bool is_secure() const { return url_.scheme == "https" || url_.scheme == "grpcs"; }
  [[nodiscard]] bool is_head() const { return method_ == "HEAD"; }

  /// The whole HTTP/1.1 request. Valid until the next call.
  std::string_view render(const Invocation& invocation);

  // The parts of a request, for protocols with their own framing.
  [[nodiscard]] const std::string& method() const { return method_; }
  /// Host and port, or the user's own Host header.
  [[nodiscard]] const TextTemplate& authority(FunctionIndex function) const {
    return parts_[function].authority;
  }
  [[nodiscard]] const TextTemplate& path(FunctionIndex function) const { return parts_[function].path; }
  /// Without Host.
  [[nodiscard]] const std::vector<HeaderTemplate>& headers(FunctionIndex function) const {
    return parts_[function].headers;
  }
  [[nodiscard]] const TextTemplate& body(FunctionIndex function) const { return parts_[function].body; }
  [[nodiscard]] bool has_body() const { return !options_.body.empty(); }
  /// Absent unless asked for; see trace_context.h.
  [[nodiscard]] bool has_traceparent() const { return options_.has_traceparent; }
  [[nodiscard]] std::uint64_t trace_salt() const { return options_.trace_salt; }

 private:
  struct Parts {
    TextTemplate authority, path, body;
    std::vector<HeaderTemplate> headers;
    TextTemplate head;  ///< HTTP/1.1, without what differs by invocation, Content-Length and the empty line.
    std::string constant;  ///< The whole request, when it is always the same.
  };

  Result<> add_parts(const TraceFunction& function, std::size_t index);

  TargetOptions options_;
  Url url_;
  Endpoint endpoint_;
  std::string method_;
  std::vector<Parts> parts_;  ///< By function.
  std::string rendered_;
  std::string body_text_;
};

}  // namespace thaw
