#pragma once
// Servers that speak HTTP/2, for tests: each request is given to a function that answers it, or does not.

#include <functional>
#include <string>

#include "load/scripted_server.h"
#include "net/http2_server.h"

namespace thaw::tests {

/// Answers one request; may do anything else to the session instead. False ends the connection.
using Http2Script =
    std::function<bool(Http2ServerSession& session, Http2StreamId stream, const HttpRequest& request)>;

/// Serves each connection with a session of its own until its client leaves.
inline ScriptedServer::Script speaking_http2(Http2Script script, Http2ServerLimits limits = {}) {
  return [script = std::move(script), limits](Peer& peer, int) {
    Http2ServerSession session(limits);
    HttpRequest request;
    bool goes_on = true;
    const auto send = [&] {
      std::string out;
      if (session.append_output(out)) peer.send(out);
    };
    send();
    while (goes_on) {
      const std::string bytes = peer.read_some();
      if (bytes.empty() || !session.feed(bytes)) return;
      while (const auto stream = session.take(request))
        goes_on = goes_on && script(session, *stream, request);
      send();
    }
  };
}

/// Answers every request with the same text.
inline Http2Script answering_http2(std::string body) {
  return [body = std::move(body)](Http2ServerSession& session, Http2StreamId stream, const HttpRequest&) {
    session.respond(stream, {.body = body});
    return true;
  };
}

}  // namespace thaw::tests
