#include <cmath>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "functions/arguments.h"
#include "functions/functions.h"

namespace thaw::functions {
namespace {

constexpr std::int64_t largest_size = 100'000'000;

/// The array's size: normal around `size` with deviation `spread`, the same for the same call number.
std::size_t drawn_size(std::int64_t size, double spread, std::uint64_t index) {
  if (spread == 0) return static_cast<std::size_t>(size);
  RandomStream random(default_seed, "functions.inc", index);
  const double drawn = std::round(static_cast<double>(size) + spread * random.normal());
  return static_cast<std::size_t>(std::clamp(drawn, 0.0, static_cast<double>(largest_size)));
}

}  // namespace

/// inc: one pass over an array of doubles, bound by memory once the array outgrows the caches.
Result<std::string> run_inc(const Invocation& call) {
  Positionals args("inc", call.args);
  THAW_TRY(const std::int64_t size, args.integer("size", 1000, 0, largest_size));
  THAW_TRY(const double spread, args.number("spread", 0, 0, static_cast<double>(largest_size)));
  THAW_CHECK(args.finish());
  std::vector<double> numbers(drawn_size(size, spread, call.index), 0.0);

  const Stopwatch watch(call.clock);
  for (double& number : numbers) number += 1;
  const Seconds time = watch.elapsed();

  // Reading the array back keeps the compiler from dropping the loop.
  const double sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
  return fmt::format("incremented {:.0f} numbers\n", sum) + time_line("inc", time);
}

}  // namespace thaw::functions
