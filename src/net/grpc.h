#pragma once
// gRPC on top of HTTP/2: framing, status and deadline ("gRPC over HTTP2" of the gRPC project). Unary calls only.

#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/units.h"
#include "net/http2_client.h"
#include "net/http_message.h"

namespace thaw {

/// The codes of google.rpc.Code.
enum class GrpcCode : int {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

struct GrpcStatus {
  GrpcCode code = GrpcCode::ok;
  std::string message;
};

inline constexpr std::string_view grpc_content_type = "application/grpc";

/// Whether a request or an answer with that content type is gRPC ("application/grpc", "application/grpc+proto").
bool is_grpc(std::optional<std::string_view> content_type);

/// Appends one message behind its prefix: not compressed, four bytes of length.
void append_grpc_message(std::string& out, std::string_view message);

/// The one message of a unary call's body, or why there is none: compressed (unimplemented), missing, cut off, more than
/// one (internal).
tl::expected<std::string_view, GrpcStatus> grpc_message(std::string_view body);

/// The form of status texts: bytes outside printable ASCII, and '%', become %XX.
std::string grpc_percent_encoded(std::string_view text);
/// The reverse; what is no escape stays as it is.
std::string grpc_percent_decoded(std::string_view text);

/// "100m" is 100 ms; nullopt when malformed. Units: H M S m u n, at most eight digits.
std::optional<Nanos> parse_grpc_timeout(std::string_view text);
/// The shortest form that is not shorter than `timeout`.
std::string format_grpc_timeout(Nanos timeout);

/// The response of a unary call: status and, unless it failed, the message.
void make_grpc_response(HttpResponse& response, const GrpcStatus& status, std::string_view message = {});

/// How a call ended, by its trailers or, without them, by the HTTP status.
GrpcStatus grpc_status(const Http2Answer& answer);

/// What a proxy's HTTP status means to a gRPC client.
GrpcCode grpc_code_of_http(int status);
/// What a gRPC failure is to the reader of HTTP statuses.
int http_status_of(GrpcCode code);

}  // namespace thaw
