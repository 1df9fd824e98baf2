#include "trace/preprocess.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "trace/trace_statistics.h"

namespace thaw {
namespace {

using NameSet = std::unordered_set<std::string>;

bool is_complete(const DurationStatistics& d) {
  return !std::isnan(d.average + d.count + d.minimum + d.maximum + d.p0 + d.p1 + d.p25 + d.p50 + d.p75 +
                     d.p99 + d.p100);
}

bool is_complete(const MemoryStatistics& m) {
  return !std::isnan(m.count + m.average + m.p1 + m.p5 + m.p25 + m.p50 + m.p75 + m.p95 + m.p99 + m.p100);
}

bool is_complete(const std::vector<double>& counts) {
  return std::none_of(counts.begin(), counts.end(), [](double count) { return std::isnan(count); });
}

/// Erases the rows whose name was seen before.
template <class Row>
void keep_first(std::vector<Row>& rows, std::string TraceKey::*name) {
  NameSet seen;
  std::erase_if(rows, [&](const Row& row) { return !seen.insert(row.key.*name).second; });
}

template <class Row>
NameSet names_of(const std::vector<Row>& rows, std::string TraceKey::*name) {
  NameSet names;
  for (const Row& row : rows) names.insert(row.key.*name);
  return names;
}

template <class Row>
void keep_named(std::vector<Row>& rows, std::string TraceKey::*name, const NameSet& names) {
  std::erase_if(rows, [&](const Row& row) { return !names.contains(row.key.*name); });
}

void clean(Azure2019Tables& tables) {
  std::erase_if(tables.invocations, [](const auto& row) { return !is_complete(row.counts); });
  std::erase_if(tables.durations, [](const auto& row) { return !is_complete(row.statistics); });
  std::erase_if(tables.memory, [](const auto& row) { return !is_complete(row.statistics); });
  keep_first(tables.invocations, &TraceKey::function);
  keep_first(tables.durations, &TraceKey::function);
  keep_first(tables.memory, &TraceKey::app);
  std::erase_if(tables.invocations, [](const auto& row) {
    return std::all_of(row.counts.begin(), row.counts.end(), [](double count) { return count == 0; });
  });
  std::erase_if(tables.durations, [](const auto& row) { return row.statistics.average == 0; });
}

void keep_common(Azure2019Tables& tables) {
  const NameSet called = names_of(tables.invocations, &TraceKey::app);
  const NameSet timed = names_of(tables.durations, &TraceKey::app);
  const NameSet sized = names_of(tables.memory, &TraceKey::app);
  const auto keep_apps = [&](auto& rows) {
    keep_named(rows, &TraceKey::app, called);
    keep_named(rows, &TraceKey::app, timed);
    keep_named(rows, &TraceKey::app, sized);
  };
  keep_apps(tables.invocations);
  keep_apps(tables.durations);
  keep_apps(tables.memory);
  keep_named(tables.invocations, &TraceKey::function, names_of(tables.durations, &TraceKey::function));
  keep_named(tables.durations, &TraceKey::function, names_of(tables.invocations, &TraceKey::function));
}

MemoryStatistics part_of(MemoryStatistics m, double parts) {
  for (double* value : {&m.average, &m.p1, &m.p5, &m.p25, &m.p50, &m.p75, &m.p95, &m.p99, &m.p100})
    *value /= parts;
  return m;
}

/// A function as the house knows it, from its published statistics.
TraceFunction described(TraceKey key, std::string trigger, const DurationStatistics& duration,
                        const MemoryStatistics& memory) {
  TraceFunction function;
  function.name = std::move(key.function);
  function.owner = std::move(key.owner);
  function.app = std::move(key.app);
  function.trigger = std::move(trigger);
  function.memory_mb = std::max(1.0, std::ceil(memory.average));
  function.cold_ms = std::trunc(duration.maximum);
  function.warm_ms = std::trunc(duration.average);
  function.duration = duration;
  function.memory = memory;
  return function;
}

std::vector<std::uint32_t> whole(const std::vector<double>& counts) {
  std::vector<std::uint32_t> row;
  for (const double count : counts) row.push_back(static_cast<std::uint32_t>(std::clamp(count, 0.0, 4e9)));
  return row;
}

bool starts_in(const Azure2021Row& row, const MinuteWindow& window) {
  const double begin = static_cast<double>(window.begin) * 60;
  return row.start_s() >= begin && row.start_s() < begin + static_cast<double>(window.minutes) * 60;
}

/// The rows of one function.
struct Gathered {
  TraceKey key;
  std::vector<double> ms;
  std::vector<std::uint32_t> counts;
};

/// Both parts of a name in one, not to be confused with another pair.
std::string pair_key(const std::string& app, const std::string& function) { return app + '\n' + function; }

std::vector<Gathered> gather(const std::vector<Azure2021Row>& rows, const MinuteWindow& window) {
  std::vector<Gathered> functions;
  std::unordered_map<std::string, std::size_t> places;
  for (const Azure2021Row& row : rows) {
    if (!starts_in(row, window)) continue;
    const auto [place, is_new] = places.try_emplace(pair_key(row.app, row.function), functions.size());
    if (is_new) {
      functions.push_back({{"0", row.app, row.function}, {}, std::vector<std::uint32_t>(window.minutes, 0)});
    }
    Gathered& function = functions[place->second];
    function.ms.push_back(row.duration_s * 1000);
    const auto minute = static_cast<std::size_t>(row.start_s() / 60) - window.begin;
    ++function.counts[std::min(minute, window.minutes - 1)];
  }
  return functions;
}

bool has_too_many_zeros(const std::vector<double>& ms, double percent) {
  const auto zeros = static_cast<double>(std::count(ms.begin(), ms.end(), 0.0));
  return zeros / static_cast<double>(ms.size()) * 100 >= percent;
}

constexpr MemoryStatistics memory_of_2021{1, 200, 200, 200, 200, 200, 200, 200, 200, 200};

}  // namespace

Result<> slice(Azure2019Tables& tables, const MinuteWindow& window) {
  const std::size_t begin = std::max<std::size_t>(window.begin, 1);
  const std::size_t end = begin + window.minutes;
  const std::size_t first = tables.first_minute;
  std::size_t columns = 0;
  for (auto& row : tables.invocations) {
    const std::size_t size = row.counts.size();
    const std::size_t from = std::clamp(begin, first, first + size) - first;
    const std::size_t to = std::clamp(end, first, first + size) - first;
    row.counts = std::vector(row.counts.begin() + static_cast<std::ptrdiff_t>(from),
                             row.counts.begin() + static_cast<std::ptrdiff_t>(to));
    columns = row.counts.size();
  }
  tables.first_minute = std::max(begin, first);
  if (columns > 0) return {};
  return fail_at(ErrorKind::bad_usage, fmt::format("the trace has no minute of {} … {}", begin, end - 1),
                 "--begin");
}

Result<ArrivalCounts> clean_and_join(Azure2019Tables tables) {
  clean(tables);
  keep_common(tables);
  std::unordered_map<std::string, double> functions_of_app;
  std::unordered_map<std::string, const DurationStatistics*> durations;
  std::unordered_map<std::string, const MemoryStatistics*> memory;
  for (const auto& row : tables.durations) {
    ++functions_of_app[row.key.app];
    durations[row.key.function] = &row.statistics;
  }
  for (const auto& row : tables.memory) memory[row.key.app] = &row.statistics;
  ArrivalCounts cleaned;
  for (auto& row : tables.invocations) {
    const double parts = functions_of_app[row.key.app];
    const auto sized = memory.find(row.key.app);
    if (sized == memory.end() || parts == 0) continue;
    cleaned.counts.push_back(whole(row.counts));
    const DurationStatistics& duration = *durations[row.key.function];
    cleaned.functions.push_back(
        described(std::move(row.key), std::move(row.trigger), duration, part_of(*sized->second, parts)));
  }
  if (!cleaned.functions.empty()) return cleaned;
  return fail(ErrorKind::bad_input, "no function has invocations, durations and memory in the window");
}

Result<ArrivalCounts> count_by_minute(const std::vector<Azure2021Row>& rows,
                                      const Azure2021Options& options) {
  std::vector<Gathered> functions = gather(rows, options.window);
  std::erase_if(functions, [&](const Gathered& function) {
    return has_too_many_zeros(function.ms, options.zero_percent);
  });
  std::unordered_map<std::string, int> uses;
  for (const Gathered& function : functions) ++uses[function.key.function];
  ArrivalCounts counted;
  for (Gathered& function : functions) {
    std::sort(function.ms.begin(), function.ms.end());
    TraceFunction row =
        described(std::move(function.key), "http", duration_statistics(function.ms), memory_of_2021);
    if (uses[row.name] > 1) row.name = row.app + row.name;
    counted.functions.push_back(std::move(row));
    counted.counts.push_back(std::move(function.counts));
  }
  if (!counted.functions.empty()) return counted;
  return fail(ErrorKind::bad_input, "no function starts in the window with enough executions above 0 ms");
}

std::vector<Azure2021Row> filter_rows(const std::vector<Azure2021Row>& rows, const MinuteWindow& window,
                                      const std::vector<TraceFunction>& sample) {
  NameSet wanted;
  for (const TraceFunction& function : sample) wanted.insert(pair_key(function.app, function.name));
  std::vector<Azure2021Row> kept;
  for (const Azure2021Row& row : rows) {
    const bool is_wanted = wanted.contains(pair_key(row.app, row.function)) ||
                           wanted.contains(pair_key(row.app, row.app + row.function));
    if (!is_wanted || !starts_in(row, window)) continue;
    kept.push_back(row);
    kept.back().end_s -= static_cast<double>(window.begin) * 60;
  }
  return kept;
}

}  // namespace thaw
