#include "net/http1_response.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace thaw {
namespace {

constexpr std::size_t most_head_bytes = 64 << 10;
constexpr std::size_t most_line_bytes = 8 << 10;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool is_name(std::string_view text, std::string_view lower_name) {
  if (text.size() != lower_name.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_name[i]) return false;
  }
  return true;
}

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

bool contains_word(std::string_view list, std::string_view lower_word) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (is_name(without_spaces(list.substr(0, comma)), lower_word)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

void ResponseReader::begin(bool has_no_body) {
  state_ = State::head;
  has_begun_ = false;
  has_no_body_ = has_no_body;
  keeps_alive_ = true;
  status_ = 0;
  left_ = 0;
  body_bytes_ = 0;
  head_.clear();
  line_.clear();
  body_.clear();
}

std::size_t ResponseReader::feed(std::string_view bytes) {
  if (!bytes.empty()) has_begun_ = true;
  std::size_t used = 0;
  while (used < bytes.size() || state_ == State::sized) {
    const std::string_view rest = bytes.substr(used);
    switch (state_) {
      case State::head:
        used += feed_head(rest);
        break;
      case State::sized: {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
        keep(rest.substr(0, part));
        left_ -= part;
        used += part;
        if (left_ > 0) return used;
        state_ = State::complete;
        break;
      }
      case State::until_close:
        keep(rest);
        return bytes.size();
      case State::complete:
      case State::failed:
        return used;
      default:
        used += feed_chunked(rest);
    }
  }
  return used;
}

void ResponseReader::end_of_stream() {
  if (state_ == State::until_close) state_ = State::complete;
  if (state_ != State::complete) state_ = State::failed;
  keeps_alive_ = false;
}

void ResponseReader::keep(std::string_view bytes) {
  body_bytes_ += bytes.size();
  if (body_.size() < kept_body_bytes_) body_.append(bytes.substr(0, kept_body_bytes_ - body_.size()));
}

std::size_t ResponseReader::feed_head(std::string_view bytes) {
  // The end may lie across two pieces, so look at the last three bytes again.
  const std::size_t before = head_.size();
  const std::size_t from = before < 3 ? 0 : before - 3;
  head_.append(bytes);
  const std::size_t end = head_.find("\r\n\r\n", from);
  if (end == std::string::npos) {
    if (head_.size() > most_head_bytes) state_ = State::failed;
    return bytes.size();
  }
  const std::size_t used = end + 4 - before;
  head_.resize(end + 2);
  parse_head(head_);
  if (state_ == State::head) {  // an informational response: the real one follows
    head_.clear();
  }
  return used;
}

void ResponseReader::parse_head(std::string_view head) {
  const bool is_http1 = head.size() >= 12 && head.starts_with("HTTP/1.") && head[8] == ' ';
  const auto parsed =
      is_http1 ? std::from_chars(head.data() + 9, head.data() + 12, status_) : std::from_chars_result{};
  if (!is_http1 || parsed.ec != std::errc() || parsed.ptr != head.data() + 12 || status_ < 100) {
    state_ = State::failed;
    return;
  }
  if (status_ < 200 && status_ != 101) return;
  keeps_alive_ = head[7] != '0';
  bool is_chunked = false, is_sized = false;
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    // Three names matter; their lengths tell most others apart.
    if (name.size() == 14 && is_name(name, "content-length")) {
      const std::string_view value = without_spaces(line.substr(colon + 1));
      const auto length = std::from_chars(value.data(), value.data() + value.size(), left_);
      if (length.ec != std::errc() || length.ptr != value.data() + value.size()) {
        state_ = State::failed;
        return;
      }
      is_sized = true;
    } else if (name.size() == 17 && is_name(name, "transfer-encoding")) {
      is_chunked = contains_word(line.substr(colon + 1), "chunked");
    } else if (name.size() == 10 && is_name(name, "connection")) {
      if (contains_word(line.substr(colon + 1), "close")) keeps_alive_ = false;
      if (contains_word(line.substr(colon + 1), "keep-alive")) keeps_alive_ = true;
    }
  }
  const bool is_empty = has_no_body_ || status_ == 204 || status_ == 304;
  if (is_empty) {
    state_ = State::complete;
  } else if (is_chunked) {
    state_ = State::chunk_size;
  } else if (is_sized) {
    state_ = State::sized;
  } else {
    state_ = State::until_close;
    keeps_alive_ = false;
  }
}

std::size_t ResponseReader::take_line(std::string_view bytes, bool& is_whole) {
  const std::size_t end = bytes.find('\n');
  is_whole = end != std::string_view::npos;
  const std::size_t used = is_whole ? end + 1 : bytes.size();
  line_.append(bytes.substr(0, used));
  if (line_.size() > most_line_bytes) state_ = State::failed;
  return used;
}

std::size_t ResponseReader::feed_chunked(std::string_view bytes) {
  if (state_ == State::chunk) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    keep(bytes.substr(0, part));
    left_ -= part;
    if (left_ == 0) state_ = State::chunk_end;
    return part;
  }
  bool is_whole = false;
  const std::size_t used = take_line(bytes, is_whole);
  if (!is_whole || state_ == State::failed) return used;
  const std::string_view line = without_spaces(std::string_view(line_).substr(0, line_.size() - 1));
  if (state_ == State::chunk_size) {
    const auto size = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
    const bool is_sane =
        size.ec == std::errc() && size.ptr != line.data() && left_ < (std::uint64_t{1} << 62);
    state_ = !is_sane ? State::failed : left_ == 0 ? State::trailer : State::chunk;
  } else if (state_ == State::chunk_end) {
    state_ = line.empty() ? State::chunk_size : State::failed;
  } else if (line.empty()) {
    state_ = State::complete;
  }
  line_.clear();
  return used;
}

std::string_view ResponseReader::header(std::string_view name) const {
  const std::string_view head = head_;
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    at += 2;
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && is_name(line.substr(0, colon), name)) {
      return without_spaces(line.substr(colon + 1));
    }
    at = end;
  }
  return {};
}

}  // namespace thaw
