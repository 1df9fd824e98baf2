#pragma once
// Where arrival plans get their randomness: three kinds of draws behind one interface, so that a test can feed
// known values and a plan can be compared digit by digit.

#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/random.h"

namespace thaw {

/// A source of independent draws.
class Draws {
 public:
  virtual ~Draws() = default;
  /// Uniform on (0, 1).
  virtual double uniform() = 0;
  /// Exponential with mean 1, above 0.
  virtual double exponential() = 0;
  /// Uniform on 0 … bound-1. REQUIRES: bound > 0.
  virtual std::uint64_t below(std::uint64_t bound) = 0;
};

/// Draws from a reproducible stream, by inverse transforms. A copy repeats what follows, which is how streamed
/// plans look at a column twice without keeping it.
class StreamDraws final : public Draws {
 public:
  explicit StreamDraws(RandomStream stream) : stream_(stream) {}

  /// The middle of one of 2^52 equal cells, so neither 0 nor 1.
  double uniform() override { return (static_cast<double>(stream_() >> 12) + 0.5) * 0x1.0p-52; }
  double exponential() override { return -std::log(uniform()); }
  std::uint64_t below(std::uint64_t bound) override { return stream_.below(bound); }

 private:
  RandomStream stream_;
};

/// The index of a function's streams: FNV-1a of its name. A function keeps its arrivals when others are added to
/// the trace or removed from it.
std::uint64_t stream_index(std::string_view function_name);

}  // namespace thaw
