#include "keepalive/victim_pickers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include "core/parameters.h"
#include "core/random.h"
#include "core/text.h"

namespace thaw {
namespace {

using Places = std::vector<std::size_t>;
using Idle = std::span<const IdleContainer>;

double init_ms(const IdleContainer& c) { return c.cold_ms - c.warm_ms; }

/// How often its function runs, counted from one at the container's birth.
double frequency(const IdleContainer& c) { return static_cast<double>(c.uses + 1); }

/// Sorts places by a key, smallest first; equal ones stay in their order.
template <class Key>
void sort_by(Places& places, Idle idle, Key&& key) {
  std::stable_sort(places.begin(), places.end(),
                   [&](std::size_t a, std::size_t b) { return key(idle[a]) < key(idle[b]); });
}

double memory_mb(const IdleContainer& c) { return c.memory_mb; }

/// Binary search for the first of at least `wanted` MB, else the last. Also applied to lists that are not
/// sorted by memory, where its steps decide.
std::size_t closest(std::span<const std::size_t> places, Idle idle, double wanted) {
  std::size_t begin = 0, end = places.size() - 1;
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if (wanted > idle[places[middle]].memory_mb) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return end;
}

/// What is left to choose from while victims are taken one by one.
struct Choice {
  Idle idle;
  VictimRequest request;
  double missing_mb;     ///< Still to be freed.
  std::size_t at_first;  ///< Candidates at the beginning.
  Places left;

  /// Size of a group that is a share of all candidates when there are more than `many`, else `few`.
  [[nodiscard]] std::size_t group_size(double share, std::size_t many, std::size_t few) const {
    return at_first > many ? static_cast<std::size_t>(share * static_cast<double>(at_first)) : few;
  }
  /// The first of those that are left.
  [[nodiscard]] Places first(std::size_t size) const {
    return {left.begin(), left.begin() + static_cast<std::ptrdiff_t>(std::min(size, left.size()))};
  }
};

/// A picker that sorts all candidates once and then takes one after the other by a rule. Both are plain
/// functions, so that a new picker is one line of the table.
class RulePicker final : public VictimPicker {
 public:
  using Arrange = void (*)(Choice&);            ///< Sorts, or leaves candidates out.
  using Rule = std::size_t (*)(const Choice&);  ///< The victim's place in `idle`.

  RulePicker(Arrange arrange, Rule rule) : arrange_(arrange), rule_(rule) {}

  Places pick(const VictimRequest& request, Idle idle) override {
    Choice choice{idle, request, request.to_free_mb, idle.size(), Places(idle.size())};
    std::iota(choice.left.begin(), choice.left.end(), std::size_t{0});
    arrange_(choice);
    Places victims;
    while (choice.missing_mb > 0 && !choice.left.empty()) {
      const std::size_t victim = rule_(choice);
      choice.left.erase(std::find(choice.left.begin(), choice.left.end(), victim));
      choice.missing_mb -= idle[victim].memory_mb;
      victims.push_back(victim);
    }
    return victims;
  }

 private:
  Arrange arrange_;
  Rule rule_;
};

class RandomPicker final : public VictimPicker {
 public:
  explicit RandomPicker(std::uint64_t seed) : random_(seed, "keepalive.victims.rand") {}

  Places pick(const VictimRequest& request, Idle idle) override {
    Places left(idle.size()), victims;
    std::iota(left.begin(), left.end(), std::size_t{0});
    for (double missing = request.to_free_mb; missing > 0 && !left.empty();) {
      const auto chosen = left.begin() + static_cast<std::ptrdiff_t>(random_.below(left.size()));
      missing -= idle[*chosen].memory_mb;
      victims.push_back(*chosen);
      left.erase(chosen);
    }
    return victims;
  }

 private:
  RandomStream random_;
};

// Arrangements.

void by_memory(Choice& c) { sort_by(c.left, c.idle, memory_mb); }
void by_uses(Choice& c) {
  sort_by(c.left, c.idle, [](const IdleContainer& x) { return x.uses; });
}
void by_last_use(Choice& c) {
  sort_by(c.left, c.idle, [](const IdleContainer& x) { return x.last_use; });
}
/// Equal ones: the newest container first.
template <class Key>
void newest_first_by(Choice& c, Key&& key) {
  std::reverse(c.left.begin(), c.left.end());
  sort_by(c.left, c.idle, key);
}
void by_uses_newest_first(Choice& c) {
  newest_first_by(c, [](const IdleContainer& x) { return x.uses; });
}
void by_dual_greedy_priority(Choice& c) {
  newest_first_by(
      c, [](const IdleContainer& x) { return x.last_start_ms + init_ms(x) * frequency(x) / x.memory_mb; });
}
void by_function_calls(Choice& c) {
  sort_by(c.left, c.idle, [](const IdleContainer& x) { return x.function_calls; });
}
void by_warm_share(Choice& c) {
  sort_by(c.left, c.idle, [](const IdleContainer& x) { return x.cold_ms > 0 ? x.warm_ms / x.cold_ms : 1.0; });
}
void by_cold_time_longest_first(Choice& c) {
  sort_by(c.left, c.idle, [](const IdleContainer& x) { return -x.cold_ms; });
}
void by_memory_largest_first(Choice& c) {
  sort_by(c.left, c.idle, [](const IdleContainer& x) { return -x.memory_mb; });
}

/// Leaves out what is still within its time to live, which grows with the server's memory.
void expired_by_last_use(Choice& c) {
  constexpr double minute_ms = 60000;
  const double ttl_ms = std::max(std::floor(c.request.capacity_mb / 400), 6.0) * minute_ms;
  std::erase_if(c.left,
                [&](std::size_t i) { return !(c.idle[i].last_start_ms + ttl_ms < c.request.now_ms); });
  by_last_use(c);
}

/// Second and further idle containers of a function first, then by calls·init/memory.
void duplicates_then_greedy_dual(Choice& c) {
  std::vector<bool> is_duplicate(c.idle.size());
  std::vector<std::uint32_t> seen;
  for (std::size_t i = 0; i < c.idle.size(); ++i) {
    const std::uint32_t function = c.idle[i].function;
    is_duplicate[i] = std::find(seen.begin(), seen.end(), function) != seen.end();
    if (!is_duplicate[i]) seen.push_back(function);
  }
  sort_by(c.left, c.idle, [](const IdleContainer& x) {
    return static_cast<double>(x.function_calls) * init_ms(x) / x.memory_mb;
  });
  std::stable_partition(c.left.begin(), c.left.end(), [&](std::size_t i) { return bool{is_duplicate[i]}; });
}

// Rules.

std::size_t front(const Choice& c) { return c.left.front(); }

std::size_t closest_else_largest(const Choice& c) { return c.left[closest(c.left, c.idle, c.missing_mb)]; }

std::size_t closest_else_smallest(const Choice& c) {
  if (c.missing_mb > c.idle[c.left.back()].memory_mb) return c.left.front();
  return closest_else_largest(c);
}

/// The least used containers: a tenth of many, four of few.
Places least_used(const Choice& c) { return c.first(c.group_size(0.1, 40, 4)); }

std::size_t least_used_closest(const Choice& c) {
  const Places group = least_used(c);
  return group[closest(group, c.idle, c.missing_mb)];
}

std::size_t least_used_longest_cold(const Choice& c) {
  Places group = least_used(c);
  sort_by(group, c.idle, [](const IdleContainer& x) { return x.cold_ms; });
  return group.back();
}

std::size_t least_used_shortest_init(const Choice& c) {
  Places group = least_used(c);
  sort_by(group, c.idle, init_ms);
  return group.front();
}

/// The half of the least used containers that starts fastest, by memory.
Places least_used_fast_starters(const Choice& c) {
  Places group = least_used(c);
  sort_by(group, c.idle, init_ms);
  group.resize(std::min(group.size(), c.group_size(0.05, 40, 2)));
  sort_by(group, c.idle, memory_mb);
  return group;
}

std::size_t fast_starters_closest(const Choice& c) {
  const Places group = least_used_fast_starters(c);
  return group[closest(group, c.idle, c.missing_mb)];
}

std::size_t fast_starters_largest(const Choice& c) { return least_used_fast_starters(c).back(); }

std::size_t closest_group_shortest_init(const Choice& c) {
  Places group = c.first(c.group_size(0.1, 60, 6));
  sort_by(group, c.idle, memory_mb);
  const std::size_t size = c.group_size(0.05, 60, 3);
  if (size < group.size()) {
    const std::size_t begin = std::min(closest(group, c.idle, c.missing_mb), group.size() - size);
    group.erase(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  sort_by(group, c.idle, init_ms);
  return group.front();
}

template <RulePicker::Arrange arrange, RulePicker::Rule rule>
std::unique_ptr<VictimPicker> make(std::uint64_t /*seed*/) {
  return std::make_unique<RulePicker>(arrange, rule);
}

std::unique_ptr<VictimPicker> make_random(std::uint64_t seed) { return std::make_unique<RandomPicker>(seed); }

constexpr std::array<VictimPickerEntry, 18> table{{
    {"RAND", "uniform choice", make_random},
    {"LRU", "oldest last start", make<by_last_use, front>},
    {"LFU_CLASSIC", "fewest runs of the container; ties: newest", make<by_uses_newest_first, front>},
    {"CLOSEST_SIZE_LARGEST_KICK", "smallest that is large enough, else the largest",
     make<by_memory, closest_else_largest>},
    {"CLOSEST_SIZE_SMALLEST_KICK", "smallest that is large enough, else the smallest",
     make<by_memory, closest_else_smallest>},
    {"LFU_GROUP_CLOSEST", "among the least used, the closest size", make<by_uses, least_used_closest>},
    {"LFU_GROUP_MAX_COLD_TIME", "among the least used, the longest cold run",
     make<by_uses, least_used_longest_cold>},
    {"LFU_GROUP_MAX_INIT_TIME", "among the least used, the shortest init",
     make<by_uses, least_used_shortest_init>},
    {"LFUGROUP_MAXINITGROUP_CLOSEST", "among the least used that start fastest, the closest size",
     make<by_uses, fast_starters_closest>},
    {"LFUGROUP_MAXINITGROUP_LARGEST", "among the least used that start fastest, the largest",
     make<by_uses, fast_starters_largest>},
    {"LFUGROUP_CLOSESTGROUP_MAXINIT", "among the least used of closest size, the shortest init",
     make<by_uses, closest_group_shortest_init>},
    {"DUAL_GREEDY_PRIORITY", "last start + init x frequency / memory; ties: newest",
     make<by_dual_greedy_priority, front>},
    {"DYNAMIC_TTL", "only containers unused for max(memory / 400 MB, 6) min, oldest first",
     make<expired_by_last_use, front>},
    {"LFU_FUNCTION", "fewest calls of the function", make<by_function_calls, front>},
    {"WARM_COLD_RATIO", "smallest warm time / cold time", make<by_warm_share, front>},
    {"LONGEST_COLD", "longest cold run", make<by_cold_time_longest_first, front>},
    {"LARGEST_MEMORY", "largest memory", make<by_memory_largest_first, front>},
    {"GD_DUPLICATES", "duplicate idle containers, then fewest calls x init / memory",
     make<duplicates_then_greedy_dual, front>},
}};

}  // namespace

std::span<const VictimPickerEntry> victim_pickers() { return table; }

Result<const VictimPickerEntry*> find_victim_picker(std::string_view name) {
  for (const VictimPickerEntry& entry : table) {
    if (is_called(name, entry.name, {})) return &entry;
  }
  std::vector<std::string> names;
  for (const VictimPickerEntry& entry : table) names.push_back(to_lower(entry.name));
  return fail_at(ErrorKind::bad_usage, fmt::format("no rule of eviction is called \"{}\"", name), {},
                 suggest(name, names));
}

}  // namespace thaw
