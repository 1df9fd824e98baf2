#include "net/http2_server.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/http2_engine.h"
#include "net/http2_fields.h"

namespace thaw {
namespace {

constexpr std::int32_t connection_window = 4 << 20;
constexpr std::uint32_t stream_window = 1 << 20;
/// What RFC 9113 section 10.5.1 adds for each field to the size of a header list.
constexpr std::size_t field_overhead = 32;
/// Memory that one large message needed is not kept for the small ones to come.
constexpr std::size_t kept_body_bytes = 64 << 10;
/// How much a client may go on sending after it was refused.
constexpr std::size_t most_unwanted_bytes = 4 << 20;

void empty(std::string& text) {
  if (text.capacity() > kept_body_bytes) text = std::string();
  text.clear();
}

}  // namespace

struct Http2ServerSession::Stream {
  Http2StreamId id = 0;
  HttpRequest request;
  std::size_t head_bytes = 0;
  std::size_t waiting_bytes = 0;
  std::size_t unwanted_bytes = 0;  ///< Came after the answer.
  bool is_head = false;
  bool is_complete = false;  ///< The client has sent everything.
  bool is_taken = false;
  bool is_answered = false;
  std::string body;  ///< Of the response.
  std::size_t sent = 0;
  HttpHeaders trailers;
};

struct Http2ServerSession::Engine : Http2Engine<Http2ServerSession, Stream> {
  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id,
                                         self(user).begin_stream(frame->hd.stream_id));
    return 0;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) {
    Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;  // Trailers are not used.
    stream->head_bytes += name_size + value_size + field_overhead;
    if (stream->head_bytes > self(user).limits_.head_bytes) return 0;
    const std::string_view key = text_of(name, name_size);
    const std::string_view text = text_of(value, value_size);
    HttpRequest& request = stream->request;
    if (key == ":method") {
      request.method = text;
    } else if (key == ":path") {
      request.target = text;
    } else if (key == ":authority") {
      request.headers.add("host", text);
    } else if (!key.starts_with(':') && !(key == "host" && request.headers.find("host"))) {
      request.headers.add(key, text);
    }
    return 0;
  }

  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr || stream->is_complete) return 0;
    const bool is_whole = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    stream->is_complete = is_whole;
    if (stream->is_answered) return 0;
    if (stream->head_bytes > self(user).limits_.head_bytes) {
      self(user).refuse(*stream, 431, "the header fields are too long\n");
    } else if (stream->request.target.empty()) {
      self(user).refuse(*stream, 501, "there are no tunnels here\n");
    } else if (is_whole) {
      stream->is_head = stream->request.method == "HEAD";
      self(user).complete_.push_back(stream->id);
    }
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    Stream* const stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    Http2ServerSession& server = self(user);
    if (stream->is_answered) {
      // Not all clients read an answer that comes with a reset, so the rest of the request is taken for a while.
      stream->unwanted_bytes += size;
      if (stream->unwanted_bytes > most_unwanted_bytes) server.reset(id, Http2Code::no_error);
      return 0;
    }
    if (size > server.limits_.body_bytes - stream->request.body.size()) {
      server.refuse(*stream, 413, "the body is too large\n");
    } else if (size > server.limits_.waiting_bytes - server.waiting_bytes_) {
      server.refuse(*stream, 503, "too many large requests at once\n");
    } else {
      stream->request.body.append(text_of(data, size));
      stream->waiting_bytes += size;
      server.waiting_bytes_ += size;
    }
    return 0;
  }

  static int on_close(nghttp2_session* session, std::int32_t id, std::uint32_t, void* user) {
    Stream* const stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    if (stream->is_taken && !stream->is_answered) self(user).cancelled_.push_back(id);
    self(user).end_stream(*stream);
    return 0;
  }

  static int on_frame_sent(nghttp2_session*, const nghttp2_frame*, void*) { return 0; }

  static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* buffer, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    Stream& stream = *static_cast<Stream*>(source->ptr);
    const std::size_t size = read_piece(stream, buffer, room, flags);
    if (stream.sent == stream.body.size() && !stream.trailers.empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      Http2Fields& fields = *self(user).fields_;
      fields.clear();
      fields.add_all(stream.trailers);
      const auto& table = fields.table();
      nghttp2_submit_trailer(session, id, table.data(), table.size());
    }
    return static_cast<ssize_t>(size);
  }
};

Http2ServerSession::Http2ServerSession(Http2ServerLimits limits) : limits_(limits) {
  const std::array<nghttp2_settings_entry, 3> settings = {
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.head_bytes)}}};
  session_.reset(Engine::start<Engine>(
      *this, {.is_client = false, .settings = settings, .connection_window = connection_window}));
}

Http2ServerSession::~Http2ServerSession() = default;

Result<> Http2ServerSession::feed(std::string_view bytes) { return receive(bytes); }

Http2ServerSession::Stream* Http2ServerSession::begin_stream(Http2StreamId id) {
  if (spare_.empty()) {
    streams_.push_back(std::make_unique<Stream>());
    spare_.push_back(streams_.back().get());
  }
  Stream* const stream = spare_.back();
  spare_.pop_back();
  stream->id = id;
  ++open_streams_;
  return stream;
}

void Http2ServerSession::end_stream(Stream& stream) {
  waiting_bytes_ -= stream.waiting_bytes;
  stream.id = 0;
  empty(stream.request.body);
  stream.request.clear();
  stream.head_bytes = 0;
  stream.waiting_bytes = 0;
  stream.unwanted_bytes = 0;
  stream.is_head = stream.is_complete = stream.is_taken = stream.is_answered = false;
  empty(stream.body);
  stream.sent = 0;
  stream.trailers.clear();
  spare_.push_back(&stream);
  --open_streams_;
}

Http2ServerSession::Stream* Http2ServerSession::find(Http2StreamId id) const {
  return Engine::stream_of(session_.get(), id);
}

std::optional<Http2StreamId> Http2ServerSession::take(HttpRequest& request) {
  while (!complete_.empty()) {
    const Http2StreamId id = complete_.front();
    complete_.pop_front();
    Stream* const stream = find(id);
    if (stream == nullptr) continue;  // Given up before anybody looked at it.
    stream->is_taken = true;
    std::swap(request, stream->request);
    waiting_bytes_ -= std::exchange(stream->waiting_bytes, 0);
    return id;
  }
  return std::nullopt;
}

std::optional<Http2StreamId> Http2ServerSession::take_cancelled() {
  if (cancelled_.empty()) return std::nullopt;
  const Http2StreamId id = cancelled_.front();
  cancelled_.pop_front();
  return id;
}

void Http2ServerSession::respond(Http2StreamId id, const HttpResponse& response) {
  Stream* const stream = find(id);
  if (stream == nullptr || stream->is_answered) return;
  stream->is_answered = true;
  std::array<char, 20> digits;
  const auto number = [&](std::size_t value) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
  };
  fields_->clear();
  fields_->add(":status", number(static_cast<std::size_t>(response.status)));
  if (!response.content_type.empty() && !response.headers.find("content-type")) {
    fields_->add("content-type", response.content_type);
  }
  const bool has_length = response.trailers.empty() && !never_has_body(response.status);
  if (has_length) fields_->add("content-length", number(response.body.size()));
  fields_->add_all(response.headers);
  const bool has_body = !never_has_body(response.status) && !stream->is_head &&
                        (!response.body.empty() || !response.trailers.empty());
  nghttp2_data_provider provider{};
  if (has_body) {
    stream->body = response.body;
    stream->trailers = response.trailers;
    provider.source.ptr = stream;
    provider.read_callback = &Engine::read_body;
  }
  const auto& table = fields_->table();
  nghttp2_submit_response(session_.get(), id, table.data(), table.size(), has_body ? &provider : nullptr);
}

void Http2ServerSession::reset(Http2StreamId id, Http2Code code) {
  Stream* const stream = find(id);
  if (stream == nullptr) return;
  stream->is_answered = true;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(code));
}

/// Answers before the request is whole. What still comes of it is thrown away.
void Http2ServerSession::refuse(Stream& stream, int status, std::string_view reason) {
  refusal_.clear();
  refusal_.status = status;
  refusal_.body = reason;
  respond(stream.id, refusal_);
}

}  // namespace thaw
