#pragma once
// What is called: a URL with placeholders, rendered once for each function and patched for each invocation.

#include <string>
#include <string_view>
#include <unordered_map>
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
  /// {memory_mib} and {invocation}, in the path, headers and body; in the host only the first two.
  std::string url;
  std::vector<std::string> urls;                           ///< Of each function, in place of `url`.
  std::string method;                                      ///< Empty: GET without a body, POST with one.
  std::vector<std::string> headers;                        ///< "Name: value"
  std::vector<std::vector<std::string>> function_headers;  ///< Of each function, in addition; empty: none.
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

/// Where functions are called: connections to it serve all of them.
struct CallSite {
  Url url;  ///< Of the first of its functions; scheme, host and port are those of all.
  Endpoint endpoint;

  [[nodiscard]] bool is_secure() const { return url.scheme == "https" || url.scheme == "grpcs"; }
};

/// The requests to one target: a site for all functions, or several.
class LoadTarget {
 public:
  /// Errors: bad_usage (URL, placeholder in the host, header), environment (unknown host).
  static Result<LoadTarget> create(const TargetOptions& options, const std::vector<TraceFunction>& functions);

  /// At least one, in the order of the functions.
  [[nodiscard]] const std::vector<CallSite>& sites() const { return sites_; }
  [[nodiscard]] std::size_t site_of(FunctionIndex function) const { return parts_[function].site; }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] Protocol protocol() const { return options_.protocol; }
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
    std::size_t site = 0;
    TextTemplate authority, path, body;
    std::vector<HeaderTemplate> headers;
    TextTemplate head;  ///< HTTP/1.1, without what differs by invocation, Content-Length and the empty line.
    std::string constant;  ///< The whole request, when it is always the same.
  };

  using PlainHeader = std::pair<std::string, std::string>;

  /// Name and value of each header of a function, placeholders as they are. Errors: bad_usage.
  [[nodiscard]] Result<std::vector<PlainHeader>> headers_of(std::size_t index) const;
  Result<std::size_t> find_site(const Url& url);
  Result<> add_parts(const TraceFunction& function, std::size_t index, const Url& url);

  TargetOptions options_;
  std::vector<CallSite> sites_;
  std::unordered_map<std::string, std::size_t> site_places_;  ///< By scheme, host and port.
  std::string method_;
  std::vector<Parts> parts_;  ///< By function.
  std::string rendered_;
  std::string body_text_;
};

}  // namespace thaw
