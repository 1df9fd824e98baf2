#pragma once
// The messages of the gRPC method faas.Executor/Execute, by which trace loaders call functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thaw {

inline constexpr std::string_view faas_execute_path = "/faas.Executor/Execute";

/// faas.FaasRequest: message = 1, runtimeInMilliSec = 2, memoryInMebiBytes = 3.
struct FaasRequest {
  std::string message;
  std::uint32_t runtime_ms = 0;
  std::uint32_t memory_mib = 0;
};

/// faas.FaasReply: message = 1, durationInMicroSec = 2, memoryUsageInKb = 3.
struct FaasReply {
  std::string message;
  std::uint32_t duration_us = 0;
  std::uint32_t memory_kib = 0;
};

void append_faas_request(std::string& out, const FaasRequest& request);
void append_faas_reply(std::string& out, const FaasReply& reply);

/// nullopt when malformed. Unknown fields are stepped over, the last of several wins.
std::optional<FaasRequest> parse_faas_request(std::string_view bytes);
std::optional<FaasReply> parse_faas_reply(std::string_view bytes);

}  // namespace thaw
