#include "net/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>

#include "net/http1_message.h"
#include "net/http2_fields.h"

namespace thaw {

std::optional<bool> looks_like_http2(std::string_view first_bytes) {
  const std::size_t common = std::min(first_bytes.size(), http2_preface.size());
  if (first_bytes.substr(0, common) != http2_preface.substr(0, common)) return false;
  if (common < http2_preface.size()) return std::nullopt;
  return true;
}

void Http2Session::Release::operator()(nghttp2_session* session) const { nghttp2_session_del(session); }

Http2Session::Http2Session() : fields_(std::make_unique<Http2Fields>()) {}
Http2Session::~Http2Session() = default;

Result<> Http2Session::receive(std::string_view bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), data, bytes.size());
  if (taken < 0) return fail(ErrorKind::bad_input, "HTTP/2: {}", nghttp2_strerror(static_cast<int>(taken)));
  return {};
}

bool Http2Session::append_output(std::string& out, std::size_t most_bytes) {
  const std::size_t before = out.size();
  while (out.size() - before < most_bytes) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
    if (size <= 0) break;
    out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  }
  return out.size() > before;
}

void Http2Session::shut_down() {
  const std::int32_t last = nghttp2_session_get_last_proc_stream_id(session_.get());
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
}

bool Http2Session::is_finished() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

void Http2Fields::clear() { fields_.clear(); }

void Http2Fields::add(std::string_view name, std::string_view value) { fields_.add_lowered(name, value); }

void Http2Fields::add_all(const HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    // "te: trailers" is the one field of its kind that HTTP/2 keeps (RFC 9113 section 8.2.2).
    if (is_hop_by_hop(name) && !(name == "te" && value == "trailers")) continue;
    add(name, value);
  }
}

const std::vector<nghttp2_nv>& Http2Fields::table() {
  table_.clear();
  for (const auto& [name, value] : fields_) {
    const auto bytes = [](std::string_view text) {
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // The engine only reads them.
    };
    table_.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return table_;
}

}  // namespace thaw
