#include "net/http2_client.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/http2_engine.h"
#include "net/http2_fields.h"

namespace thaw {
struct Http2ClientSession::Stream {
  Http2StreamId id = 0;
  Http2Answer answer;
  std::size_t header_bytes = 0;
  bool is_cancelled = false;
  bool is_open = false;
  bool is_sent = false;  ///< Its first frame has left.
  bool is_in_trailers = false;
  std::string body;  ///< Of the request.
  std::size_t sent = 0;
};

struct Http2ClientSession::Engine : Http2Engine<Http2ClientSession, Stream> {
  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (stream->answer.began_at < 0) stream->answer.began_at = self(user).now_;
    // A second block is the final answer behind an informational one, or the trailers.
    stream->is_in_trailers = frame->headers.cat == NGHTTP2_HCAT_HEADERS && stream->answer.status >= 200;
    return 0;
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) {
    Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return 0;
    const std::string_view key = text_of(name, name_size);
    const std::string_view text = text_of(value, value_size);
    if (key ==
        ":status") {  // Three digits: the engine has looked. An informational one is overwritten later.
      std::from_chars(text.data(), text.data() + text.size(), stream->answer.status);
      stream->answer.headers.clear();
      return 0;
    }
    stream->header_bytes += name_size + value_size;
    if (stream->header_bytes > self(user).options_.most_header_bytes) return 0;
    (stream->is_in_trailers ? stream->answer.trailers : stream->answer.headers).add(key, text);
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) {
    Stream* const stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    Http2Answer& answer = stream->answer;
    answer.body_bytes += size;
    const std::size_t kept = self(user).options_.kept_body_bytes;
    if (answer.body.size() < kept)
      answer.body.append(text_of(data, std::min(size, kept - answer.body.size())));
    return 0;
  }

  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) self(user).has_goaway_ = true;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream != nullptr) stream->answer.is_complete = true;
    return 0;
  }

  static int on_frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void*) {
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (Stream* const stream = stream_of(session, frame->hd.stream_id)) stream->is_sent = true;
    return 0;
  }

  static int on_close(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* user) {
    Stream* const stream = stream_of(session, id);
    if (stream == nullptr) return 0;
    stream->answer.code = static_cast<Http2Code>(code);
    stream->answer.was_not_processed = !stream->is_sent || stream->answer.code == Http2Code::refused_stream;
    stream->is_open = false;
    --self(user).open_streams_;
    if (stream->is_cancelled) {
      self(user).release(*stream);
    } else {
      self(user).ended_.push_back(stream);
    }
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    return static_cast<ssize_t>(read_piece(*static_cast<Stream*>(source->ptr), buffer, room, flags));
  }
};

Http2ClientSession::Http2ClientSession(Http2ClientOptions options) : options_(options) {
  const std::array<nghttp2_settings_entry, 2> settings = {
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window}}};
  session_.reset(Engine::start<Engine>(
      *this, {.is_client = true, .settings = settings, .connection_window = options.connection_window}));
}

Http2ClientSession::~Http2ClientSession() = default;

Http2ClientSession::Stream& Http2ClientSession::begin_stream() {
  if (spare_.empty()) {
    streams_.push_back(std::make_unique<Stream>());
    spare_.push_back(streams_.back().get());
  }
  Stream& stream = *spare_.back();
  spare_.pop_back();
  return stream;
}

void Http2ClientSession::release(Stream& stream) {
  Http2Answer& answer = stream.answer;
  answer.tag = 0;
  answer.is_complete = answer.was_not_processed = false;
  answer.code = Http2Code::no_error;
  answer.status = 0;
  answer.headers.clear();
  answer.trailers.clear();
  answer.body.clear();
  answer.body_bytes = 0;
  answer.began_at = -1;
  stream.id = 0;
  stream.header_bytes = 0;
  stream.is_cancelled = stream.is_open = stream.is_sent = stream.is_in_trailers = false;
  stream.body.clear();
  stream.sent = 0;
  spare_.push_back(&stream);
}

bool Http2ClientSession::takes_requests() const {
  return !has_goaway_ && nghttp2_session_check_request_allowed(session_.get()) != 0;
}

std::size_t Http2ClientSession::free_streams() const {
  const std::size_t most =
      nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  return most > open_streams_ ? most - open_streams_ : 0;
}

std::optional<Http2StreamId> Http2ClientSession::send(const Http2Call& call, std::uint64_t tag) {
  if (!takes_requests()) return std::nullopt;
  Stream& stream = begin_stream();
  stream.answer.tag = tag;
  fields_->clear();
  fields_->add(":method", call.method);
  fields_->add(":scheme", call.scheme);
  fields_->add(":authority", call.authority);
  fields_->add(":path", call.target);
  if (call.headers != nullptr) fields_->add_all(*call.headers);
  nghttp2_data_provider provider{};
  if (!call.body.empty()) {
    stream.body = call.body;
    provider.source.ptr = &stream;
    provider.read_callback = &Engine::read_body;
  }
  const auto& table = fields_->table();
  const std::int32_t id = nghttp2_submit_request(session_.get(), nullptr, table.data(), table.size(),
                                                 call.body.empty() ? nullptr : &provider, &stream);
  if (id < 0) {
    release(stream);
    return std::nullopt;
  }
  stream.id = id;
  stream.is_open = true;
  ++open_streams_;
  return id;
}

Result<> Http2ClientSession::feed(std::string_view bytes, std::int64_t now) {
  now_ = now;
  return receive(bytes);
}

const Http2Answer* Http2ClientSession::next_answer() {
  if (next_ended_ > 0) release(*ended_[next_ended_ - 1]);
  if (next_ended_ == ended_.size()) {
    ended_.clear();
    next_ended_ = 0;
    return nullptr;
  }
  return &ended_[next_ended_++]->answer;
}

void Http2ClientSession::cancel(Http2StreamId id) {
  // The engine does not know yet the streams that still wait to be sent.
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&](const auto& stream) { return stream->is_open && stream->id == id; });
  if (found == streams_.end()) return;
  (*found)->is_cancelled = true;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

void Http2ClientSession::end(Http2Code code) {
  for (const auto& stream : streams_) {
    if (!stream->is_open) continue;
    stream->is_open = false;
    --open_streams_;
    nghttp2_session_set_stream_user_data(session_.get(), stream->id, nullptr);
    if (stream->is_cancelled) {
      release(*stream);
      continue;
    }
    stream->answer.code = code;
    stream->answer.was_not_processed = !stream->is_sent;
    ended_.push_back(stream.get());
  }
}

}  // namespace thaw
