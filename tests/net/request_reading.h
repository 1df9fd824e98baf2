#pragma once
// What reading a byte stream must satisfy whatever the bytes are; shared by the mutation test and the fuzzer.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/http1_request.h"

namespace thaw {

/// What a reader made of a stream: every request as text, then the refusal if any.
inline std::vector<std::string> read_stream(std::string_view bytes, std::size_t piece, HttpLimits limits) {
  std::vector<std::string> seen;
  RequestReader reader(limits);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    while (reader.is_complete()) {
      const HttpRequest request = reader.take();
      std::string text = request.method + " " + request.target;
      for (const auto& [name, value] : request.headers)
        text.append("\n").append(name).append(": ").append(value);
      seen.push_back(text + "\n\n" + request.body);
    }
  }
  if (reader.refusal()) seen.push_back("refused " + std::to_string(reader.refusal()->status));
  return seen;
}

/// Empty when all promises hold: the same requests however the stream is cut, and bodies within the limit.
inline std::string broken_promise(std::string_view bytes, HttpLimits limits) {
  const auto whole = read_stream(bytes, bytes.size() + 1, limits);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    if (read_stream(bytes, piece, limits) != whole) {
      return "pieces of " + std::to_string(piece) + " bytes are read otherwise than the whole";
    }
  }
  for (const std::string& request : whole) {
    const std::size_t body = request.find("\n\n");
    if (body != std::string::npos && request.size() - body - 2 > limits.body_bytes)
      return "a body is over the limit";
  }
  return {};
}

}  // namespace thaw
