#include "stats/ranks.h"

#include <algorithm>
#include <numeric>

namespace thaw {

Ranks midranks(std::span<const double> sample) {
  std::vector<std::size_t> order(sample.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sample[a] < sample[b]; });

  Ranks ranks;
  ranks.rank.resize(sample.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    while (last < order.size() && sample[order[last]] == sample[order[first]]) ++last;
    const double shared = static_cast<double>(first + 1 + last) / 2;
    for (std::size_t i = first; i < last; ++i) ranks.rank[order[i]] = shared;
    const auto ties = static_cast<double>(last - first);
    ranks.tie_term += ties * ties * ties - ties;
    first = last;
  }
  return ranks;
}

}  // namespace thaw
