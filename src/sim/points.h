#pragma once
// What a user asks for, as texts: lists of policies, of memory sizes and of seeds, and the points that they span.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "sim/simulation.h"

namespace thaw {

/// "lru,gd,ttl:keep=20m" as its policies. "all" is every policy of the model. A comma inside a policy's parameters
/// ("s3-fifo:small=0.2,ghost=1") or in an expression ("expr:…" takes the rest) does not separate.
/// Errors: bad_usage for an unknown policy or an empty list.
Result<std::vector<std::string>> parse_policies(Model model, std::string_view text);
/// The same for several lists.
Result<std::vector<std::string>> parse_policies(Model model, std::span<const std::string> texts);

/// What "inf" means: more than any trace can use.
inline constexpr double unlimited_memory_mb = 1e12;

/// "4GB", "1000,2000" (MB), "1GB:80GB:3GB" (from, to, step; the end included when hit), or a mixture with commas; "inf"
/// is unlimited. In MB, in the order given, without repeats. Errors: bad_usage.
Result<std::vector<double>> parse_memory_sizes(std::string_view text);

/// "1,2,5-8". Errors: bad_usage.
Result<std::vector<std::uint64_t>> parse_seeds(std::string_view text);

/// One point of a sweep, and where it stands.
struct SweepPoint {
  std::string trace;            ///< As given.
  std::uint64_t functions = 0;  ///< So many functions of it, drawn by the seed; 0: all.
  SimulationPoint point;
};

struct SweepAxes {
  std::vector<std::string> traces;
  std::vector<std::uint64_t> functions{0};
  std::vector<std::string> policies;
  std::vector<double> memory_mb;
  std::vector<std::uint64_t> seeds{1};
  Model model = Model::clean;
};

/// All combinations: traces outermost, then functions, policies, memory, seeds.
std::vector<SweepPoint> span_points(const SweepAxes& axes);

}  // namespace thaw
