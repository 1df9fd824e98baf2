#pragma once
// The messages of the gRPC method helloworld.Greeter/SayHello, as the benchmark services of vSwarm understand it.

#include <optional>
#include <string>
#include <string_view>

namespace thaw {

inline constexpr std::string_view greeter_path = "/helloworld.Greeter/SayHello";

/// helloworld.HelloRequest: name = 1, vHiveMetadata = 15 (JSON as bytes).
struct HelloRequest {
  std::string_view name;
  std::string_view metadata;
};

void append_hello_request(std::string& out, const HelloRequest& request);
/// nullopt when malformed. Its texts are parts of `bytes`.
std::optional<HelloRequest> parse_hello_request(std::string_view bytes);

/// helloworld.HelloReply: message = 1.
void append_hello_reply(std::string& out, std::string_view message);
/// The message; nullopt when malformed.
std::optional<std::string_view> parse_hello_reply(std::string_view bytes);

/// The service that answered: of "…fn: NAME | …" the name, else the whole message.
std::string_view greeter_service(std::string_view message);

}  // namespace thaw
