#include "net/http1_request.h"

#include <algorithm>
#include <array>
#include <utility>

namespace thaw {
namespace {

constexpr std::size_t longest_chunk_line = 256;

constexpr std::array<bool, 256> characters_that(bool (*are)(unsigned char)) {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = are(static_cast<unsigned char>(i));
  return table;
}

/// RFC 9110 section 5.6.2: the characters of methods and header names.
constexpr auto token_characters = characters_that([](unsigned char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool is_mark =
      c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  return is_letter || (c >= '0' && c <= '9') || is_mark;
});
constexpr auto value_characters =
    characters_that([](unsigned char c) { return c == '\t' || (c >= 0x20 && c != 0x7f); });
constexpr auto target_characters = characters_that([](unsigned char c) { return c > 0x20 && c < 0x7f; });

bool has_only(std::string_view text, const std::array<bool, 256>& characters) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return characters[static_cast<unsigned char>(c)]; });
}

bool is_token(std::string_view text) { return !text.empty() && has_only(text, token_characters); }

/// Digits only, small enough not to overflow.
std::optional<std::size_t> parse_length(std::string_view text, unsigned base) {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::size_t value = 0;
  for (const char c : text) {
    unsigned digit = base;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

/// "http://host/path" -> "/path"; other targets as they are.
std::string_view without_authority(std::string_view target) {
  if (!is_same_word(target.substr(0, 7), "http://")) return target;
  const std::size_t slash = target.find_first_of("/?", 7);
  return slash == std::string_view::npos || target[slash] == '?' ? "/" : target.substr(slash);
}

}  // namespace

void RequestReader::feed(std::string_view bytes) {
  pending_.erase(0, cursor_);
  searched_ -= cursor_;
  cursor_ = 0;
  pending_ += bytes;
  advance();
}

bool RequestReader::is_between_requests() const {
  return state_ == State::request_line && cursor_ == pending_.size() && head_bytes_ == 0;
}

bool RequestReader::wants_continue() { return std::exchange(wants_continue_, false); }

HttpRequest RequestReader::take() {
  HttpRequest taken;
  take(taken);
  return taken;
}

void RequestReader::take(HttpRequest& request) {
  std::swap(request, request_);
  request_.clear();
  head_bytes_ = 0;
  wants_continue_ = false;
  state_ = State::request_line;
  advance();
}

void RequestReader::advance() {
  while (step()) {
  }
}

/// One step of reading; false when more bytes, or nothing more, are needed.
bool RequestReader::step() {
  switch (state_) {
    case State::request_line:
      return read_request_line();
    case State::headers:
      return read_header();
    case State::body:
    case State::chunk:
      return read_body();
    case State::chunk_size:
      return read_chunk_size();
    case State::chunk_end:
      return read_chunk_end();
    case State::trailers:
      return read_trailer();
    case State::complete:
    case State::refused:
      return false;
  }
  return false;
}

bool RequestReader::read_request_line() {
  const auto line = take_line();
  if (!line) return false;
  if (line->empty()) return true;  // RFC 9112 section 2.2: an empty line before the request is skipped.
  const std::size_t first = line->find(' ');
  const std::size_t last = line->rfind(' ');
  if (first == std::string_view::npos || first == last || !is_token(line->substr(0, first))) {
    return refuse(400, "the request line is malformed");
  }
  const std::string_view version = line->substr(last + 1);
  if (!version.starts_with("HTTP/") || version.size() != 8 || version[6] != '.') {
    return refuse(400, "the request line has no HTTP version");
  }
  if (version[5] != '1' || version[7] < '0' || version[7] > '9')
    return refuse(505, "only HTTP/1.x is spoken here");
  const std::string_view whole_target = line->substr(first + 1, last - first - 1);
  const std::string_view target = without_authority(whole_target);
  if (!has_only(whole_target, target_characters) || (!target.starts_with('/') && target != "*"))
    return refuse(400, "the target is malformed");
  request_.method = line->substr(0, first);
  request_.target = target;
  request_.minor_version = std::min(version[7] - '0', 1);
  state_ = State::headers;
  return true;
}

bool RequestReader::read_header() {
  const auto line = take_line();
  if (!line) return false;
  if (line->empty()) return finish_headers();
  const std::size_t colon = line->find(':');
  // A blank before the name or the colon fails here too; both are ways to smuggle headers.
  if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) {
    return refuse(400, "a header line is malformed");
  }
  const std::string_view value = without_blanks(line->substr(colon + 1));
  if (!has_only(value, value_characters)) return refuse(400, "a header value holds a control character");
  request_.headers.add_lowered(line->substr(0, colon), value);
  return true;
}

/// Decides from the headers how the body is delimited (RFC 9112 section 6.3), refusing everything ambiguous.
bool RequestReader::finish_headers() {
  std::optional<std::string_view> length;
  std::optional<std::string_view> coding;
  std::size_t hosts = 0;
  for (const auto& [name, value] : request_.headers) {
    if (name == "host") ++hosts;
    if (name == "content-length") {
      if (length && *length != value) return refuse(400, "two Content-Length headers differ");
      length = value;
    }
    if (name == "transfer-encoding") {
      if (coding) return refuse(400, "there are two Transfer-Encoding headers");
      coding = value;
    }
    if (name == "expect") {
      if (!is_same_word(value, "100-continue")) return refuse(417, "only Expect: 100-continue is understood");
      wants_continue_ = request_.minor_version >= 1;
    }
  }
  if (request_.minor_version >= 1 && hosts != 1) return refuse(400, "one Host header is needed");
  if (coding) {
    if (length) return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    if (request_.minor_version == 0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (!is_same_word(*coding, "chunked"))
      return refuse(501, "only the chunked Transfer-Encoding is understood");
    state_ = State::chunk_size;
    return true;
  }
  if (!length) return expect_body(0);
  const auto bytes = parse_length(*length, 10);
  if (!bytes) return refuse(400, "Content-Length is not a number");
  return expect_body(*bytes);
}

bool RequestReader::expect_body(std::size_t bytes) {
  if (bytes > limits_.body_bytes) return refuse(413, "the body is too large");
  wanted_ = bytes;
  if (bytes == 0) wants_continue_ = false;
  state_ = bytes == 0 ? State::complete : State::body;
  return true;
}

/// Moves what has arrived of a body or chunk into the request.
bool RequestReader::read_body() {
  const std::size_t size = std::min(wanted_, pending_.size() - cursor_);
  request_.body.append(pending_, cursor_, size);
  cursor_ += size;
  searched_ = cursor_;
  wanted_ -= size;
  if (wanted_ > 0) return false;
  wants_continue_ = false;
  state_ = state_ == State::body ? State::complete : State::chunk_end;
  return true;
}

bool RequestReader::read_chunk_size() {
  head_bytes_ = limits_.head_bytes > longest_chunk_line ? limits_.head_bytes - longest_chunk_line : 0;
  const auto line = take_line();
  if (!line) return false;
  wants_continue_ = false;
  const auto bytes = parse_length(without_blanks(line->substr(0, line->find(';'))), 16);
  if (!bytes) return refuse(400, "a chunk size is malformed");
  if (*bytes > limits_.body_bytes - request_.body.size()) return refuse(413, "the body is too large");
  wanted_ = *bytes;
  head_bytes_ = 0;
  state_ = *bytes == 0 ? State::trailers : State::chunk;
  return true;
}

bool RequestReader::read_chunk_end() {
  const auto line = take_line();
  if (!line) return false;
  if (!line->empty()) return refuse(400, "a chunk is longer than its size");
  state_ = State::chunk_size;
  return true;
}

bool RequestReader::read_trailer() {
  const auto line = take_line();
  if (!line) return false;
  if (line->empty()) state_ = State::complete;
  return true;
}

/// The next line without its end; nullopt when it has not arrived, or was refused.
std::optional<std::string_view> RequestReader::take_line() {
  const std::size_t end = pending_.find('\n', searched_);
  const std::size_t used = (end == std::string::npos ? pending_.size() : end + 1) - cursor_;
  if (head_bytes_ + used > limits_.head_bytes) {
    if (state_ == State::request_line) {
      refuse(414, "the request line is too long");
    } else {
      refuse(431, "the header lines are too long");
    }
    return std::nullopt;
  }
  if (end == std::string::npos) {
    searched_ = pending_.size();
    return std::nullopt;
  }
  const std::string_view line = std::string_view(pending_).substr(cursor_, used - 1);
  head_bytes_ += used;
  cursor_ = end + 1;
  searched_ = cursor_;
  if (!line.ends_with('\r') || line.substr(0, line.size() - 1).find('\r') != std::string_view::npos) {
    refuse(400, "lines must end with CR LF");
    return std::nullopt;
  }
  return line.substr(0, line.size() - 1);
}

/// Ends the conversation. Returns false, so that a step can end with it.
bool RequestReader::refuse(int status, std::string_view reason) {
  state_ = State::refused;
  refusal_ = HttpRefusal{status, reason};
  return false;
}

}  // namespace thaw
