#include "trace/toy_traces.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "core/text.h"
#include "trace/draws.h"

namespace thaw {
namespace {

constexpr double minute_ms = 60000;

TraceFunction function_of(std::string name, double memory_mb, double cold_ms, double warm_ms) {
  TraceFunction function;
  function.name = std::move(name);
  function.memory_mb = memory_mb;
  function.cold_ms = cold_ms;
  function.warm_ms = warm_ms;
  return function;
}

void add(Trace& trace, double time_ms, FunctionIndex function) {
  trace.invocations.time_ms.push_back(time_ms);
  trace.invocations.function.push_back(function);
}

/// Sorts by time; equal times stay in their order.
void sort_by_time(InvocationBlock& block) {
  std::vector<std::size_t> order(block.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return block.time_ms[a] < block.time_ms[b]; });
  InvocationBlock sorted;
  for (const std::size_t place : order) {
    sorted.time_ms.push_back(block.time_ms[place]);
    sorted.function.push_back(block.function[place]);
  }
  block = std::move(sorted);
}

/// Four functions of very different size and cost, called equally often at random.
Trace lambda(std::uint64_t invocations, std::uint64_t seed) {
  Trace trace;
  trace.functions = {function_of("a", 10, 10, 5), function_of("b", 50, 500, 100),
                     function_of("c", 100, 500, 400), function_of("d", 1000, 3000, 2000)};
  constexpr double mean_iat_ms = 50;
  const std::uint64_t each = invocations / trace.functions.size();
  for (FunctionIndex f = 0; f < trace.functions.size(); ++f) {
    StreamDraws draws(RandomStream(seed, "trace.toy.lambda", f));
    double at = 0;
    for (std::uint64_t k = 0; k < each; ++k)
      add(trace, at += std::floor(mean_iat_ms * draws.exponential()), f);
  }
  sort_by_time(trace.invocations);
  return trace;
}

/// A small and a ten times larger function at fixed distances.
Trace planned(std::uint64_t invocations, std::uint64_t /*seed*/) {
  Trace trace;
  trace.functions = {function_of("smol", 200, 400, 300), function_of("lorge", 2000, 990, 600)};
  const std::uint64_t large = invocations / 3;
  for (std::uint64_t k = 1; k <= invocations - large; ++k) add(trace, static_cast<double>(k) * 300e3, 0);
  for (std::uint64_t k = 1; k <= large; ++k) add(trace, static_cast<double>(k) * 600e3, 1);
  sort_by_time(trace.invocations);
  return trace;
}

/// One function; `gap(k)` minutes before its k-th call.
template <class Gap>
Trace one_function(std::uint64_t invocations, Gap gap) {
  Trace trace;
  trace.functions = {function_of("a", 100, 100, 50)};
  double at = 0;
  for (std::uint64_t k = 0; k < invocations; ++k) add(trace, at += gap(k) * minute_ms, 0);
  return trace;
}

/// Gaps grow by a minute each, through every time to live.
Trace low_well(std::uint64_t invocations, std::uint64_t /*seed*/) {
  return one_function(invocations, [](std::uint64_t k) { return static_cast<double>(k); });
}

/// Gaps of 4 to 6 minutes: a histogram learns them.
Trace prewarmable(std::uint64_t invocations, std::uint64_t seed) {
  RandomStream stream(seed, "trace.toy.prewarmable");
  constexpr std::array<double, 4> offsets = {1, 0, 0, -1};
  return one_function(invocations, [&](std::uint64_t) { return 5 + offsets[stream.below(offsets.size())]; });
}

/// Gaps of 0 to 9 minutes with a bell-shaped law: long but regular.
Trace long_ttl(std::uint64_t invocations, std::uint64_t seed) {
  constexpr std::array probabilities = {.000096, .002462, .028595, .146717, .328005,
                                        .323315, .141154, .027314, .002248, .000094};
  RandomStream stream(seed, "trace.toy.long-ttl");
  return one_function(invocations, [&](std::uint64_t) {
    double u = stream.uniform();
    std::size_t minutes = 0;
    while (minutes + 1 < probabilities.size() && u >= probabilities[minutes]) u -= probabilities[minutes++];
    return static_cast<double>(minutes);
  });
}

constexpr ToyTrace table[] = {
    {"lambda", "four functions of 10 MB to 1 GB, Poisson arrivals 50 ms apart each", 10000, &lambda},
    {"planned", "200 MB every 5 minutes and 2 GB every 10 minutes", 432, &planned},
    {"low-well", "one function, the k-th gap k minutes long", 1000, &low_well},
    {"prewarmable", "one function, gaps of 5 minutes give or take one", 100, &prewarmable},
    {"long-ttl", "one function, gaps of 0 to 9 minutes with a bell-shaped law", 1000, &long_ttl},
};

}  // namespace

std::span<const ToyTrace> toy_traces() { return table; }

Result<const ToyTrace*> find_toy_trace(std::string_view name) {
  const auto plain = [](std::string_view text) {
    std::string letters = to_lower(text);
    std::erase_if(letters, [](char c) { return c == '-' || c == '_'; });
    if (letters.size() > 5 && letters.ends_with("trace")) letters.resize(letters.size() - 5);
    return letters;
  };
  std::vector<std::string> names;
  for (const ToyTrace& toy : table) {
    if (plain(toy.name) == plain(name)) return &toy;
    names.emplace_back(toy.name);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown toy trace \"{}\"", name), "--toy",
                 suggest(name, names));
}

}  // namespace thaw
