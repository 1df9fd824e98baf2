#pragma once
// Writing HTTP/1.1 messages (RFC 9112).

#include <string>
#include <string_view>

#include "net/http_message.h"

namespace thaw {

/// Appends the whole response. A HEAD request gets the head only, with the length of the body it did not get.
void append_http1_response(std::string& out, const HttpResponse& response, bool keeps_alive,
                           bool head_only = false);

/// The same as a text of its own.
std::string http1_response(const HttpResponse& response, bool keeps_alive, bool head_only = false);

/// Appends a request that forwards `request` to `authority` on a connection that stays open. Headers that concern one
/// connection only (RFC 9110 section 7.6.1) are left out, the length is that of the body.
void append_http1_request(std::string& out, const HttpRequest& request, std::string_view authority);

/// Whether a header concerns one connection only and is not forwarded.
bool is_hop_by_hop(std::string_view name);

}  // namespace thaw
