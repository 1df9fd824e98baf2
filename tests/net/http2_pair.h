#pragma once
// A client and a server that talk in memory.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "net/http2_client.h"
#include "net/http2_server.h"

namespace thaw {

struct Http2Pair {
  Http2ClientSession client;
  Http2ServerSession server;
  std::size_t piece = 1 << 20;  ///< How many bytes arrive at once.

  explicit Http2Pair(Http2ServerLimits limits = {}, Http2ClientOptions options = {})
      : client(options), server(limits) {}

  /// Carries bytes between both until neither has more to say.
  void exchange() {
    for (;;) {
      std::string to_server;
      std::string to_client;
      client.append_output(to_server);
      server.append_output(to_client);
      if (to_server.empty() && to_client.empty()) return;
      for (std::size_t at = 0; at < to_server.size(); at += piece) {
        ASSERT_TRUE(server.feed(std::string_view(to_server).substr(at, piece)));
      }
      for (std::size_t at = 0; at < to_client.size(); at += piece) {
        ASSERT_TRUE(client.feed(std::string_view(to_client).substr(at, piece), 7));
      }
    }
  }

  /// Answers every request that has arrived with its own body.
  void echo() {
    exchange();
    HttpRequest request;
    while (const auto stream = server.take(request)) server.respond(*stream, {.body = request.body});
    exchange();
  }

  /// All answers so far.
  std::vector<Http2Answer> answers() {
    std::vector<Http2Answer> all;
    while (const Http2Answer* answer = client.next_answer()) all.push_back(*answer);
    return all;
  }
};

}  // namespace thaw
