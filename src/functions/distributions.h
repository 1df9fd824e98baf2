#pragma once
// Synthetic run times from known distributions, to test how launchers sample, summarise and stop. A draw depends
// only on (distribution, seed, index).

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace thaw::functions {

/// Parameters in the order of Distribution::parameters.
using Parameters = std::array<double, 4>;

struct Parameter {
  std::string_view name;  ///< Empty: the distribution has fewer parameters.
  double default_value = 0;
  double least = -1e9;
};

/// One family. Every draw spends the first two words of RandomStream(seed, "functions.distributions", index).
struct Distribution {
  std::string_view name;
  std::string_view formula;  ///< In terms of u uniform on (0,1), z standard normal, i the index.
  std::array<Parameter, 4> parameters;
  double (*draw)(const Parameters&, std::uint64_t seed, std::uint64_t index) = nullptr;
};

/// All families, in help order.
std::span<const Distribution> distributions();

}  // namespace thaw::functions
