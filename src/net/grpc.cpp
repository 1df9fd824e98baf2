#include "net/grpc.h"

#include <array>
#include <charconv>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::size_t prefix_bytes = 5;

constexpr std::string_view digits = "0123456789ABCDEF";

int hex_digit(char c) {
  if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  const std::size_t at = digits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

struct TimeoutUnit {
  char letter;
  std::int64_t ns;
};
constexpr std::array<TimeoutUnit, 6> timeout_units = {{{'n', 1},
                                                       {'u', 1'000},
                                                       {'m', 1'000'000},
                                                       {'S', 1'000'000'000},
                                                       {'M', 60'000'000'000},
                                                       {'H', 3'600'000'000'000}}};
constexpr std::int64_t most_timeout_value = 99'999'999;  // Eight digits.

}  // namespace

bool is_grpc(std::optional<std::string_view> content_type) {
  if (!content_type || !content_type->starts_with(grpc_content_type)) return false;
  const std::string_view rest = content_type->substr(grpc_content_type.size());
  return rest.empty() || rest.front() == '+' || rest.front() == ';';
}

void append_grpc_message(std::string& out, std::string_view message) {
  const auto size = static_cast<std::uint32_t>(message.size());
  const std::array<char, prefix_bytes> prefix = {0, static_cast<char>(size >> 24),
                                                 static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                                                 static_cast<char>(size)};
  out.append(prefix.data(), prefix.size()).append(message);
}

tl::expected<std::string_view, GrpcStatus> grpc_message(std::string_view body) {
  const auto no = [](GrpcCode code, std::string_view why) {
    return tl::unexpected(GrpcStatus{code, std::string(why)});
  };
  if (body.empty()) return no(GrpcCode::internal, "the message is missing");
  if (body.size() < prefix_bytes) return no(GrpcCode::internal, "the message's prefix is cut off");
  if (body[0] == 1) return no(GrpcCode::unimplemented, "compressed messages are not understood");
  if (body[0] != 0) return no(GrpcCode::internal, "the message's prefix is malformed");
  std::uint32_t size = 0;
  for (std::size_t i = 1; i < prefix_bytes; ++i) size = size << 8 | static_cast<unsigned char>(body[i]);
  body.remove_prefix(prefix_bytes);
  if (body.size() < size) return no(GrpcCode::internal, "the message is cut off");
  if (body.size() > size) return no(GrpcCode::internal, "there is more than one message");
  return body;
}

std::string grpc_percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c >= 0x20 && c <= 0x7e && c != '%') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
  return encoded;
}

std::string grpc_percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    decoded += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
    if (low >= 0) i += 2;
  }
  return decoded;
}

std::optional<Nanos> parse_grpc_timeout(std::string_view text) {
  if (text.size() < 2 || text.size() > 9) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text.substr(0, text.size() - 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (const TimeoutUnit& unit : timeout_units) {
    if (text.back() != unit.letter) continue;
    const std::int64_t most = Nanos::max().count() / unit.ns;
    return Nanos{std::min(value, most) * unit.ns};
  }
  return std::nullopt;
}

std::string format_grpc_timeout(Nanos timeout) {
  const std::int64_t ns = std::max<std::int64_t>(timeout.count(), 0);
  for (const TimeoutUnit& unit : timeout_units) {
    const std::int64_t value = ns / unit.ns + (ns % unit.ns == 0 ? 0 : 1);
    if (value <= most_timeout_value) return fmt::format("{}{}", value, unit.letter);
  }
  return fmt::format("{}H", most_timeout_value);
}

void make_grpc_response(HttpResponse& response, const GrpcStatus& status, std::string_view message) {
  response.clear();
  response.content_type = grpc_content_type;
  // A failure comes without a message, so its status is the head of the answer ("Trailers-Only").
  HttpHeaders& place = status.code == GrpcCode::ok ? response.trailers : response.headers;
  std::array<char, 4> number;
  const auto end =
      std::to_chars(number.data(), number.data() + number.size(), static_cast<int>(status.code)).ptr;
  place.add("grpc-status", {number.data(), static_cast<std::size_t>(end - number.data())});
  if (!status.message.empty()) place.add("grpc-message", grpc_percent_encoded(status.message));
  if (status.code == GrpcCode::ok) append_grpc_message(response.body, message);
}

GrpcStatus grpc_status(const Http2Answer& answer) {
  auto code = answer.trailers.find("grpc-status");
  auto message = answer.trailers.find("grpc-message");
  if (!code) {
    code = answer.headers.find("grpc-status");
    message = answer.headers.find("grpc-message");
  }
  if (!code) {
    return {answer.status == 200 ? GrpcCode::internal : grpc_code_of_http(answer.status),
            fmt::format("HTTP status {} without a gRPC status", answer.status)};
  }
  const auto number = parse_integer(*code);
  const bool is_known = number && *number >= 0 && *number <= static_cast<int>(GrpcCode::unauthenticated);
  return {is_known ? static_cast<GrpcCode>(*number) : GrpcCode::unknown,
          message ? grpc_percent_decoded(*message) : std::string()};
}

GrpcCode grpc_code_of_http(int status) {
  switch (status) {
    case 400:
      return GrpcCode::internal;
    case 401:
      return GrpcCode::unauthenticated;
    case 403:
      return GrpcCode::permission_denied;
    case 404:
      return GrpcCode::unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GrpcCode::unavailable;
    default:
      return GrpcCode::unknown;
  }
}

int http_status_of(GrpcCode code) {
  switch (code) {
    case GrpcCode::ok:
      return 200;
    case GrpcCode::cancelled:
      return 499;
    case GrpcCode::invalid_argument:
    case GrpcCode::failed_precondition:
    case GrpcCode::out_of_range:
      return 400;
    case GrpcCode::deadline_exceeded:
      return 504;
    case GrpcCode::not_found:
      return 404;
    case GrpcCode::already_exists:
    case GrpcCode::aborted:
      return 409;
    case GrpcCode::permission_denied:
      return 403;
    case GrpcCode::resource_exhausted:
      return 429;
    case GrpcCode::unimplemented:
      return 501;
    case GrpcCode::unavailable:
      return 503;
    case GrpcCode::unauthenticated:
      return 401;
    default:
      return 500;
  }
}

}  // namespace thaw
