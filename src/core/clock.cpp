#include "core/clock.h"

#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <thread>

#include "core/text.h"

namespace thaw {
namespace {

class SystemClock final : public Clock {
 public:
  MonotonicTime now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
  void sleep_until(MonotonicTime when) override { std::this_thread::sleep_until(when); }
};

/// Reads exactly `width` digits at `at`; -1 when they are not digits.
int digits(std::string_view text, std::size_t at, std::size_t width) {
  int value = 0;
  if (at + width > text.size()) return -1;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

Nanos thread_cpu_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + Nanos(used.tv_nsec);
}

Nanos clock_resolution() {
  timespec step{};
  ::clock_getres(CLOCK_MONOTONIC, &step);
  return std::chrono::seconds(step.tv_sec) + Nanos(step.tv_nsec);
}

std::string format_utc(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Nanos> clock(time - day);
  // Every row of a record has one: written by hand in a tenth of the instructions of fmt::format.
  std::string text = "0000-00-00T00:00:00.000000000Z";
  const auto put = [&](std::size_t at, std::size_t width, std::int64_t value) {
    for (std::size_t i = at + width; i-- > at; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, clock.hours().count());
  put(14, 2, clock.minutes().count());
  put(17, 2, clock.seconds().count());
  put(20, 9, clock.subseconds().count());
  return text;
}

std::string format_utc_compact(WallTime time) {
  std::string text = format_utc(time).substr(0, 19) + "Z";
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::string format_epoch(WallTime time) {
  const auto since = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  return fmt::format("{}.{:09}", whole.count(), (since - whole).count());
}

Result<WallTime> parse_utc(std::string_view text) {
  const auto bad = [&] {
    return fail_at(ErrorKind::bad_input, fmt::format("time \"{}\" cannot be read", text), {},
                   "write for example 2026-11-21T09:06:15Z");
  };
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return bad();
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return bad();
  WallTime time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                  std::chrono::seconds(second);
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    std::int64_t scale = 100'000'000;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
      time += Nanos((text[at] - '0') * scale);
    }
  }
  const std::string_view zone = text.substr(at);
  if (zone.empty() || zone == "Z" || zone == "z") return time;
  const int zone_hours = digits(zone, 1, 2);
  const int zone_minutes = digits(zone, zone.size() > 3 && zone[3] == ':' ? 4 : 3, 2);
  if ((zone[0] != '+' && zone[0] != '-') || zone_hours < 0 || zone_minutes < 0) return bad();
  const auto offset = std::chrono::hours(zone_hours) + std::chrono::minutes(zone_minutes);
  return zone[0] == '+' ? time - offset : time + offset;
}

}  // namespace thaw
