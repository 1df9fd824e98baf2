#pragma once
// The targets for what a stranger on the network may send.

#include <string_view>

namespace thaw::fuzz {

void http1_request(std::string_view bytes);
void http1_response(std::string_view bytes);
void http2_client(std::string_view bytes);
void http2_server(std::string_view bytes);
void protobuf(std::string_view bytes);

}  // namespace thaw::fuzz
