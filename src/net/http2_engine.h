#pragma once
// The protocol engine (nghttp2) behind both sides of a connection: its callbacks, and how a session is set up. For http2_*.cpp only:
// it brings in nghttp2's header.

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "net/http2_session.h"

namespace thaw {

/// How the engine of one side is set up.
struct Http2Setup {
  bool is_client = false;
  std::span<const nghttp2_settings_entry> settings;
  std::int32_t connection_window = 0;
};

/// What the callbacks of both sides have in common. A side derives its own from it, `Session` being its class and `Stream` what
/// it keeps for each stream: the static functions on_begin_headers, on_header, on_data, on_frame, on_frame_sent and on_close,
/// all with the engine's arguments. Streams have `body` and `sent`: what of a message is sent, and how far.
template <class Session, class Stream>
struct Http2Engine {
  static Session& self(void* user) { return *static_cast<Session*>(user); }
  static Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }
  static std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }

  /// Puts the next piece of the stream's body into the buffer.
  static std::size_t read_piece(Stream& stream, std::uint8_t* buffer, std::size_t room,
                                std::uint32_t* flags) {
    const std::size_t size = std::min(room, stream.body.size() - stream.sent);
    std::copy_n(stream.body.data() + stream.sent, size, buffer);
    stream.sent += size;
    if (stream.sent == stream.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return size;
  }

  /// A new session of `owner`'s, with the callbacks of `Side`.
  template <class Side>
  static nghttp2_session* start(Session& owner, const Http2Setup& setup) {
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_session* session = nullptr;
    const auto create = setup.is_client ? nghttp2_session_client_new2 : nghttp2_session_server_new2;
    create(&session, callbacks<Side>(), &owner, option);
    nghttp2_option_del(option);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, setup.settings.data(), setup.settings.size());
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, setup.connection_window);
    return session;
  }

 private:
  /// One table for all sessions of a side.
  template <class Side>
  static const nghttp2_session_callbacks* callbacks() {
    static nghttp2_session_callbacks* const table = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, Side::on_begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(made, Side::on_header);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, Side::on_frame);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, Side::on_data);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, on_sent<Side>);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, Side::on_close);
      return made;
    }();
    return table;
  }

  template <class Side>
  static int on_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
      self(user).has_failed_ = true;
    }
    return Side::on_frame_sent(session, frame, user);
  }
};

}  // namespace thaw
