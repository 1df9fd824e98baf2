#pragma once
// A policy from a shared library with the C interface of include/thaw/policy/policy.h: "lib:/path/policy.so:parameters".

#include <memory>
#include <string_view>

#include "keepalive/policy.h"

namespace thaw {

/// The policy of "path" or "path:parameters"; parameters begin at the first colon after the last slash. Errors: environment
/// when the library cannot be loaded; bad_input when it has no table, or one of another version or without what it
/// needs; bad_usage when it refuses its parameters.
Result<std::unique_ptr<KeepAlivePolicy>> make_library_policy(std::string_view text, std::uint64_t seed);

}  // namespace thaw
