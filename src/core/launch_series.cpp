#include "core/launch_series.h"

#include "core/error.h"
#include "core/process.h"

namespace thaw {
namespace {

constexpr int most_starts_held = 32;

thread_local std::optional<SeriesHold> series;

}  // namespace

SeriesHold* SeriesHold::current() { return series ? &*series : nullptr; }

const ProcessorHold& SeriesHold::place() {
  if (!place_) place_.emplace(true);
  return *place_;
}

void SeriesHold::count_start() {
  if (++starts_ == most_starts_held) let_go();
}

void SeriesHold::let_go() {
  place_.reset();
  starts_ = 0;
}

LaunchSeries::LaunchSeries() {
  THAW_ASSERT(!series, "a thread has one series of launches");
  series.emplace();
}

LaunchSeries::~LaunchSeries() { series.reset(); }

}  // namespace thaw
