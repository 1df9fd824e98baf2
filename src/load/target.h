#pragma once
// What is called: a URL with placeholders, rendered once for each function and patched for each invocation.

#include <string>
#include <string_view>
#include <vector>

#include "load/invocation.h"
#include "net/endpoint.h"

namespace thaw {

struct TargetOptions {
  /// "http://127.0.0.1:8080/function/{function}?cpu={runtime_ms}": placeholders {function}, {index}, {runtime_ms},
  /// {memory_mib}, in the path, headers and body.
  std::string url;
  std::string method;                ///< Empty: GET without a body, POST with one.
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
};

/// The bytes of requests to one target.
class Target {
 public:
  /// Errors: bad_usage (URL, placeholder, header), environment (unknown host).
  static Result<Target> create(const TargetOptions& options, const std::vector<TraceFunction>& functions);

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const Url& url() const { return url_; }
  [[nodiscard]] bool is_head() const { return is_head_; }
  /// The whole request. Valid until the next call.
  std::string_view render(const Invocation& invocation);

 private:
  /// A piece of text, then a value.
  struct Piece {
    std::string text;
    enum class Value { nothing, runtime_ms, memory_mib } value = Value::nothing;
  };
  using Template = std::vector<Piece>;

  Result<Template> compile(std::string_view text, const TraceFunction& function, std::size_t index) const;
  static void append(const Template& pieces, const Invocation& invocation, std::string& text);

  Url url_;
  Endpoint endpoint_;
  bool is_head_ = false;
  std::vector<Template> heads_;   ///< By function, without Content-Length and the empty line.
  std::vector<Template> bodies_;  ///< By function; empty without a body.
  std::string rendered_;
  std::string body_text_;
};

}  // namespace thaw
