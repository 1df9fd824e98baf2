#include "load/target.h"

#include <charconv>
#include <utility>

#include "core/text.h"

namespace thaw {

Result<Target::Template> Target::compile(std::string_view text, const TraceFunction& function,
                                         std::size_t index) const {
  Template pieces(1);
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    pieces.back().text += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const std::size_t close = text.find('}');
    const std::string_view name = close == std::string_view::npos ? text : text.substr(1, close - 1);
    if (name == "function") {
      pieces.back().text += function.name;
    } else if (name == "index") {
      pieces.back().text += std::to_string(index);
    } else if (name == "runtime_ms" || name == "memory_mib") {
      pieces.back().value = name == "runtime_ms" ? Piece::Value::runtime_ms : Piece::Value::memory_mib;
      pieces.emplace_back();
    } else {
      // A brace that names nothing of ours stands for itself: bodies are often JSON.
      pieces.back().text += '{';
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(close + 1);
  }
  return pieces;
}

void Target::append(const Template& pieces, const Invocation& invocation, std::string& text) {
  for (const Piece& piece : pieces) {
    text += piece.text;
    if (piece.value == Piece::Value::nothing) continue;
    char digits[16];
    const std::uint32_t value =
        piece.value == Piece::Value::runtime_ms ? invocation.runtime_ms : invocation.memory_mib;
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    text.append(digits, end);
  }
}

Result<Target> Target::create(const TargetOptions& options, const std::vector<TraceFunction>& functions) {
  Target target;
  // Placeholders are no part of a URL's grammar, but they stand only in its path.
  THAW_TRY(target.url_, parse_url(options.url));
  if (target.url_.scheme != "http") {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("the scheme \"{}\" is not supported", target.url_.scheme), "--target",
                   "use http://");
  }
  THAW_TRY(target.endpoint_, resolve(target.url_.host, target.url_.port));
  const std::string method = !options.method.empty() ? options.method : options.body.empty() ? "GET" : "POST";
  target.is_head_ = method == "HEAD";
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target.url_.target, target.url_.authority());
  bool has_agent = false;
  for (const std::string& header : options.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos || colon == 0 || header.find_first_of("\r\n") != std::string::npos) {
      return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no header", header), "--header",
                     "write for example --header 'Content-Type: application/json'");
    }
    has_agent = has_agent || to_lower(header.substr(0, colon)) == "user-agent";
    head += header + "\r\n";
  }
  if (!has_agent) head += "User-Agent: thaw\r\n";
  for (std::size_t i = 0; i < functions.size(); ++i) {
    THAW_TRY(Template pieces, target.compile(head, functions[i], i));
    target.heads_.push_back(std::move(pieces));
    if (options.body.empty()) continue;
    THAW_TRY(Template body, target.compile(options.body, functions[i], i));
    target.bodies_.push_back(std::move(body));
  }
  return target;
}

std::string_view Target::render(const Invocation& invocation) {
  rendered_.clear();
  append(heads_[invocation.function], invocation, rendered_);
  if (bodies_.empty()) {
    rendered_ += "\r\n";
    return rendered_;
  }
  body_text_.clear();
  append(bodies_[invocation.function], invocation, body_text_);
  rendered_ += "Content-Length: ";
  rendered_ += std::to_string(body_text_.size());
  rendered_ += "\r\n\r\n";
  rendered_ += body_text_;
  return rendered_;
}

}  // namespace thaw
