// What the machine takes away: a thread that does nothing but read the clock, and for how long it was not there. No
// figure of lateness can be better than this. Usage: clock_gaps [SECONDS]; pin it with taskset.

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "core/clock.h"
#include "core/units.h"

int main(int argc, char** argv) {
  using thaw::Nanos;
  constexpr Nanos noted = std::chrono::microseconds(50);
  const auto length = std::chrono::seconds(argc > 1 ? std::max(1, std::atoi(argv[1])) : 10);
  thaw::Clock& clock = thaw::system_clock();
  std::vector<Nanos> gaps;
  gaps.reserve(1 << 16);
  const thaw::MonotonicTime begin = clock.now();
  for (thaw::MonotonicTime last = begin, now = begin; now - begin < length; last = now) {
    now = clock.now();
    if (now - last > noted) gaps.push_back(now - last);
  }
  Nanos sum{}, longest{};
  for (const Nanos gap : gaps) {
    sum += gap;
    longest = std::max(longest, gap);
  }
  fmt::print("away for over 50 us: {} times in {} s, {:.1f} ms in all, {:.2f} ms at most\n", gaps.size(),
             length.count(), thaw::to_seconds(sum) * 1e3, thaw::to_seconds(longest) * 1e3);
}
