#include "fuzz/net_targets.h"

#include <cstdint>
#include <string>

#include "core/error.h"
#include "net/faas_executor.h"
#include "net/grpc.h"
#include "net/http1_response.h"
#include "net/http2_client.h"
#include "net/http2_server.h"
#include "net/protobuf_wire.h"
#include "net/request_reading.h"

namespace thaw::fuzz {
namespace {

/// How many bytes arrive at once is the first byte's to say.
std::size_t piece_of(std::string_view& bytes) {
  if (bytes.empty()) return 1;
  const auto piece = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return piece == 0 ? bytes.size() + 1 : piece;
}

/// What a response reader made of a stream.
std::string read_responses(std::string_view bytes, std::size_t piece) {
  std::string seen;
  ResponseReader reader(64);
  reader.begin();
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view part = bytes.substr(at, piece);
    while (!part.empty() && !reader.has_failed()) {
      part.remove_prefix(reader.feed(part));
      if (!reader.is_complete()) continue;
      seen += fmt::format("{} {} {}\n", reader.status(), reader.body_bytes(), reader.body());
      THAW_ASSERT(reader.body().size() <= 64, "more of a body is kept than asked for");
      reader.begin();
    }
  }
  return seen + (reader.has_failed() ? "failed" : "");
}

}  // namespace

void http1_request(std::string_view bytes) {
  const std::string broken = broken_promise(bytes, {.head_bytes = 512, .body_bytes = 256});
  THAW_ASSERT(broken.empty(), "{}", broken);
}

void http1_response(std::string_view bytes) {
  const std::string whole = read_responses(bytes, bytes.size() + 1);
  for (const std::size_t piece : {1, 7}) {
    THAW_ASSERT(read_responses(bytes, piece) == whole, "pieces of {} bytes are read otherwise", piece);
  }
}

/// The preface is given, or hardly any input would come further.
void http2_server(std::string_view bytes) {
  const std::size_t piece = piece_of(bytes);
  Http2ServerSession server({.streams = 4, .head_bytes = 512, .body_bytes = 256, .waiting_bytes = 512});
  std::string out;
  HttpRequest request;
  if (!server.feed(http2_preface)) return;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!server.feed(bytes.substr(at, piece))) return;
    while (const auto stream = server.take(request)) {
      THAW_ASSERT(request.body.size() <= 256, "a body is over the limit");
      server.respond(*stream, {.body = request.body, .trailers = {{"x", "y"}}});
    }
    while (server.take_cancelled()) {
    }
    out.clear();
    server.append_output(out);
    if (server.is_finished()) return;
    THAW_ASSERT(server.open_streams() <= 64, "{} streams are open", server.open_streams());
  }
}

void http2_client(std::string_view bytes) {
  const std::size_t piece = piece_of(bytes);
  Http2ClientSession client({.kept_body_bytes = 64, .most_header_bytes = 256});
  std::string out;
  for (std::uint64_t i = 0; i < 3; ++i) client.send({.method = "POST", .authority = "x", .body = "abc"}, i);
  client.append_output(out);
  std::size_t answers = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!client.feed(bytes.substr(at, piece))) break;
    while (const Http2Answer* answer = client.next_answer()) {
      ++answers;
      THAW_ASSERT(answer->body.size() <= 64, "more of a body is kept than asked for");
      (void)grpc_status(*answer);
    }
    out.clear();
    client.append_output(out);
  }
  client.end();
  while (client.next_answer() != nullptr) ++answers;
  THAW_ASSERT(answers == 3, "three requests have {} answers", answers);
}

void protobuf(std::string_view bytes) {
  WireReader reader(bytes);
  std::size_t fields = 0;
  while (const auto field = reader.next()) {
    ++fields;
    THAW_ASSERT(field->number > 0, "field 0");
  }
  THAW_ASSERT(fields * 2 <= bytes.size(), "{} fields in {} bytes", fields, bytes.size());
  if (const auto request = parse_faas_request(bytes)) {
    std::string out;
    append_faas_request(out, *request);
    const auto back = parse_faas_request(out);
    THAW_ASSERT(back && back->message == request->message && back->runtime_ms == request->runtime_ms,
                "a request is not read back as it was");
  }
  if (const auto message = grpc_message(bytes)) {
    std::string out;
    append_grpc_message(out, *message);
    THAW_ASSERT(out == bytes, "a message is not framed as it was");
  }
  THAW_ASSERT(grpc_percent_decoded(grpc_percent_encoded(bytes)) == bytes,
              "a text is not read back as it was");
}

}  // namespace thaw::fuzz
