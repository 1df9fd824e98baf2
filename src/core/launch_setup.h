#pragma once
// What a child gets that its launch only hints at: the merged environment, the processors, the descriptors.

#include <sched.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/process.h"
#include "core/processor_hold.h"

extern char** environ;

namespace thaw {

/// Whether the child's own variables replace this entry of our environment.
inline bool is_replaced(std::string_view entry, const Command& command) {
  const std::string_view name = entry.substr(0, entry.find('='));
  return name == "THAW_TOKEN" || std::any_of(command.env.begin(), command.env.end(),
                                             [&](const auto& pair) { return pair.first == name; });
}

/// Calls `add` with each entry of the environment that the child gets, until it returns false; whether it never did.
template <typename Add>
bool each_variable(const Command& command, const Add& add) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!is_replaced(*entry, command) && !add(*entry)) return false;
  }
  std::string text;
  for (auto pair = command.env.begin(); pair != command.env.end(); ++pair) {
    const bool is_set_again = std::any_of(pair + 1, command.env.end(),
                                          [&](const auto& later) { return later.first == pair->first; });
    if (is_set_again) continue;
    text.assign(pair->first).append("=").append(pair->second);
    if (!add(text.c_str())) return false;
  }
  return add(text.assign("THAW_TOKEN=").append(process_token()).c_str());
}

/// Where the child may run; none: where its parent may.
std::optional<cpu_set_t> cpus_of(const Launch& launch, const ProcessorHold& place);

/// What becomes its stdin, stdout and stderr.
std::array<int, 3> descriptors_of(const Launch& launch);

/// The error of a fork or clone. `error` is its errno.
tl::unexpected<Error> cannot_create(int error);

}  // namespace thaw
