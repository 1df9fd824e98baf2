#include "trace/timeline.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <queue>
#include <vector>

#include "core/text.h"
#include "trace/resource_limits.h"

namespace thaw {
namespace {

constexpr std::int64_t minute_ms = 60000;
constexpr std::size_t flush_size = 1 << 16;

/// An invocation in whole milliseconds.
struct Stay {
  std::int64_t begin = 0, end = 0;
  FunctionIndex function = 0;
  double drawn_mib = 0, reserved_mib = 0, millicores = 0;
};

class Stays {
 public:
  Stays(const ArrivalPlan& plan, const TimelineOptions& options) : has_cpu_quota_(options.has_cpu_quota) {
    for (const TraceFunction& function : plan.functions) {
      const auto law = ExecutionLaw::of(function);
      reserved_mib_.push_back(law ? law->greatest_memory_mib() : 1);
    }
  }

  [[nodiscard]] Stay of(const PlannedInvocation& invocation) const {
    const std::uint32_t reserved = reserved_mib_[invocation.function];
    const double millicores = has_cpu_quota_ ? gcp_millicores(reserved) : 1000;
    const auto begin = static_cast<std::int64_t>(std::floor(invocation.time_ms));
    const auto duration = static_cast<std::int64_t>(invocation.runtime_ms / millicores * 1000);
    return {begin,
            begin + duration,
            invocation.function,
            static_cast<double>(invocation.memory_mib),
            static_cast<double>(reserved),
            millicores};
  }

 private:
  bool has_cpu_quota_;
  std::vector<std::uint32_t> reserved_mib_;
};

/// A CSV field, quoted when it has to be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// Collects text and hands it on in large pieces.
class Lines {
 public:
  explicit Lines(const LineSink& sink) : sink_(sink) {}
  template <class... Args>
  Result<> add(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), text, std::forward<Args>(args)...);
    return text_.size() < flush_size ? Result<>{} : flush();
  }
  Result<> flush() {
    THAW_CHECK(sink_(text_));
    text_.clear();
    return {};
  }

 private:
  const LineSink& sink_;
  std::string text_;
};

struct EndsLater {
  bool operator()(const Stay& a, const Stay& b) const { return a.end > b.end; }
};

/// Writes a row for every millisecond up to the one given, letting stays end.
class MillisecondRows {
 public:
  explicit MillisecondRows(Lines& lines) : lines_(lines) {}

  void begin(const Stay& stay) {
    change(stay, 1);
    last_end_ = std::max(last_end_, stay.end);
    running_.push(stay);
  }
  Result<> until(std::int64_t end) {
    for (; now_ < end; ++now_) {
      while (!running_.empty() && running_.top().end < now_) {
        change(running_.top(), -1);
        running_.pop();
      }
      THAW_CHECK(lines_.add("{},{},{},{},{}\n", now_, count_, drawn_mib_, reserved_mib_, millicores_));
    }
    return {};
  }
  Result<> finish() { return until(last_end_ + 1); }

 private:
  void change(const Stay& stay, double sign) {
    count_ += sign;
    drawn_mib_ += sign * stay.drawn_mib;
    reserved_mib_ += sign * stay.reserved_mib;
    millicores_ += sign * stay.millicores;
  }

  Lines& lines_;
  std::priority_queue<Stay, std::vector<Stay>, EndsLater> running_;
  std::int64_t now_ = 0;
  std::int64_t last_end_ = -1;
  double count_ = 0, drawn_mib_ = 0, reserved_mib_ = 0, millicores_ = 0;
};

/// Time integrals within one minute and function.
struct MinuteSums {
  double running = 0, reserved_mib = 0, millicores = 0, drawn_mib = 0;
};
using MinuteTable = std::map<std::pair<std::int64_t, FunctionIndex>, MinuteSums>;

void add_to_minutes(MinuteTable& table, const Stay& stay) {
  for (std::int64_t at = stay.begin; at < stay.end;) {
    const std::int64_t minute = at / minute_ms;
    const std::int64_t end = std::min(stay.end, (minute + 1) * minute_ms);
    const double share = static_cast<double>(end - at) / minute_ms;
    MinuteSums& sums = table[{minute, stay.function}];
    sums.running += share;
    sums.reserved_mib += share * stay.reserved_mib;
    sums.millicores += share * stay.millicores;
    sums.drawn_mib += share * stay.drawn_mib;
    at = end;
  }
}

/// Writes and forgets the minutes before `minute`.
Result<> write_minutes(MinuteTable& table, std::int64_t minute, const ArrivalPlan& plan, Lines& lines) {
  while (!table.empty() && table.begin()->first.first < minute) {
    const auto& [key, sums] = *table.begin();
    THAW_CHECK(lines.add("{},{},{},{},{},{}\n", key.first, csv_field(plan.functions[key.second].name),
                         format_number(sums.running), format_number(sums.reserved_mib),
                         format_number(sums.millicores), format_number(sums.drawn_mib)));
    table.erase(table.begin());
  }
  return {};
}

Result<> by_millisecond(ArrivalPlan& plan, const Stays& stays, Lines& lines) {
  THAW_CHECK(lines.add("timestamp,funcCnt,memoryUsage,memory,cpu\n"));
  MillisecondRows rows(lines);
  std::vector<PlannedInvocation> block;
  while (true) {
    THAW_CHECK(plan.source->next(block));
    if (block.empty()) return rows.finish();
    for (const PlannedInvocation& invocation : block) {
      const Stay stay = stays.of(invocation);
      THAW_CHECK(rows.until(stay.begin));
      rows.begin(stay);
    }
  }
}

Result<> by_minute(ArrivalPlan& plan, const Stays& stays, Lines& lines) {
  THAW_CHECK(lines.add("minute,functionHash,avgRuntime,avgMemory,avgCpu,avgMemoryUsage\n"));
  MinuteTable table;
  std::vector<PlannedInvocation> block;
  while (true) {
    THAW_CHECK(plan.source->next(block));
    if (block.empty()) return write_minutes(table, std::numeric_limits<std::int64_t>::max(), plan, lines);
    for (const PlannedInvocation& invocation : block) add_to_minutes(table, stays.of(invocation));
    THAW_CHECK(
        write_minutes(table, static_cast<std::int64_t>(block.back().time_ms) / minute_ms, plan, lines));
  }
}

}  // namespace

Result<> write_timeline(ArrivalPlan& plan, const TimelineOptions& options, const LineSink& sink) {
  const Stays stays(plan, options);
  Lines lines(sink);
  if (options.scale == TimelineScale::millisecond) {
    THAW_CHECK(by_millisecond(plan, stays, lines));
  } else {
    THAW_CHECK(by_minute(plan, stays, lines));
  }
  return lines.flush();
}

}  // namespace thaw
