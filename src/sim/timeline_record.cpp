#include "sim/timeline_record.h"

#include <algorithm>
#include <cmath>

#include "record/csv.h"

namespace thaw {
namespace {

constexpr double minute_ms = 60'000;

constexpr Field<MinuteRow> minute_table[] = {
    {"point", "", FieldType::integer, "Number of the point.",
     [](const MinuteRow& row) -> FieldValue { return static_cast<std::int64_t>(row.index); }},
    {"policy", "", FieldType::text, "Keep-alive policy.",
     [](const MinuteRow& row) -> FieldValue { return row.point->policy; }},
    {"memory_mb", "MB", FieldType::number, "Memory of the server.",
     [](const MinuteRow& row) -> FieldValue { return row.point->memory_mb; }},
    {"minute", "min", FieldType::integer, "Minute of the trace, from 0.",
     [](const MinuteRow& row) -> FieldValue { return static_cast<std::int64_t>(row.minute); }},
    {"used_mb", "MB", FieldType::number, "Average memory of all containers.",
     [](const MinuteRow& row) -> FieldValue { return row.used_mb; }},
    {"running_mb", "MB", FieldType::number,
     "Average memory of those that execute, taken as changing evenly between invocations.",
     [](const MinuteRow& row) -> FieldValue { return row.running_mb; }},
};

}  // namespace

FieldTable<MinuteRow> minute_fields() { return minute_table; }

void MinuteAverages::ramp_to(double time_ms, double end_value) {
  add(time_ms_, time_ms, value_, end_value);
  time_ms_ = std::max(time_ms_, time_ms);
  value_ = end_value;
}

void MinuteAverages::step_to(double time_ms, double end_value) {
  add(time_ms_, time_ms, value_, value_);
  time_ms_ = std::max(time_ms_, time_ms);
  value_ = end_value;
}

void MinuteAverages::add(double begin_ms, double end_ms, double begin_value, double end_value) {
  const double slope = end_ms > begin_ms ? (end_value - begin_value) / (end_ms - begin_ms) : 0;
  for (double at = begin_ms; at < end_ms;) {
    const double minute = std::floor(at / minute_ms);
    if (minute >= static_cast<double>(most_minutes)) return;
    const double until = std::min(end_ms, (minute + 1) * minute_ms);
    const auto place = static_cast<std::size_t>(minute);
    if (integrals_.size() <= place) integrals_.resize(place + 1);
    const double middle = begin_value + slope * ((at + until) / 2 - begin_ms);
    integrals_[place] += middle * (until - at);
    at = until;
  }
}

std::vector<double> MinuteAverages::averages() const {
  std::vector<double> averages;
  for (std::size_t minute = 0; minute < integrals_.size(); ++minute) {
    const double seen_ms = std::min(minute_ms, time_ms_ - static_cast<double>(minute) * minute_ms);
    averages.push_back(integrals_[minute] / seen_ms);
  }
  return averages;
}

void TimelineRecord::on_invocation(double time_ms, FunctionIndex /*function*/, Served /*served*/) {
  last_ms_ = std::max(last_ms_, time_ms);
}

void TimelineRecord::on_memory(double time_ms, std::string_view /*reason*/, double used_mb,
                               double /*size_mb*/, std::span<const EvictedContainer> /*victims*/) {
  used_.step_to(time_ms, used_mb);
  used_mb_ = used_mb;
}

void TimelineRecord::on_served(double time_ms, double used_mb, double running_mb) {
  used_.step_to(time_ms, used_mb);
  running_.ramp_to(time_ms, running_mb);
  used_mb_ = used_mb;
  running_mb_ = running_mb;
}

std::string TimelineRecord::finish(std::uint64_t index, const SimulationPoint& point) {
  used_.step_to(last_ms_, used_mb_);
  running_.ramp_to(last_ms_, running_mb_);
  const std::vector<double> used = used_.averages();
  std::vector<double> running = running_.averages();
  running.resize(used.size());
  std::string rows;
  CsvLine line;
  for (std::size_t minute = 0; minute < used.size(); ++minute) {
    add_fields(line, minute_fields(), MinuteRow{index, &point, minute, used[minute], running[minute]});
    rows += line.finish();
  }
  return rows;
}

}  // namespace thaw
