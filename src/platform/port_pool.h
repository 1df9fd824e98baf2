#pragma once
// Free ports on this machine for the programs that the platform starts.

#include <cstdint>

#include "core/error.h"

namespace thaw {

/// A port that no other sandbox of this program gets while this lives.
class ReservedPort {
 public:
  /// A port below those that the kernel gives to clients, on which nobody listens now. A program that is not ours may still
  /// take it first; then the sandbox ends, and the next one gets another port. Errors: environment (none is free).
  static Result<ReservedPort> take();
  ReservedPort(ReservedPort&& other) noexcept;
  ReservedPort& operator=(ReservedPort&&) = delete;
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  ~ReservedPort();
  [[nodiscard]] std::uint16_t number() const { return number_; }

 private:
  explicit ReservedPort(std::uint16_t number) : number_(number) {}
  std::uint16_t number_;
};

}  // namespace thaw
