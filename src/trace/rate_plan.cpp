#include "trace/rate_plan.h"

#include <cmath>

#include "trace/plan_train.h"

namespace thaw {
namespace {

constexpr double minute_us = 60e6;
/// Relative room for the rounding of products such as 420 · (1/7).
constexpr double rounding = 1e-12;

constexpr double most_functions = 1e6;

double seconds_of(std::size_t minutes) { return static_cast<double>(minutes) * 60; }
double seconds_of(const RatePlanOptions& options) {
  return options.seconds > 0 ? options.seconds : seconds_of(options.minutes);
}
double column_us(const RatePlanOptions& options) { return options.seconds > 0 ? 1e6 : minute_us; }

double time_us(const RateSeries& series, std::uint64_t k) {
  return series.first_us + static_cast<double>(k) * series.iat_us;
}

/// Number of k with first + k·iat before the end.
std::uint64_t count_before(double first_us, double iat_us, double end) {
  const double room = (end - first_us) / iat_us;
  if (!(room > 0)) return 0;
  return static_cast<std::uint64_t>(std::ceil(room * (1 - rounding)));
}

class SeriesTrain final : public PlanTrain {
 public:
  SeriesTrain(RateSeries series, double column_us) : series_(series), column_us_(column_us) {}

  [[nodiscard]] double next_ms() const override {
    return k_ < series_.count ? time_us(series_, k_) / 1000 : std::numeric_limits<double>::infinity();
  }

  void emit(double until_ms, std::vector<PlannedInvocation>& out) override {
    for (; k_ < series_.count; ++k_) {
      const double at_us = time_us(series_, k_);
      if (at_us / 1000 >= until_ms) break;
      const auto column = static_cast<std::uint32_t>(at_us / column_us_);
      number_ = column == column_ ? number_ : 0;
      column_ = column;
      out.push_back({.time_ms = at_us / 1000, .column = column, .number = number_++});
    }
  }

 private:
  RateSeries series_;
  double column_us_;
  std::uint64_t k_ = 0;
  std::uint32_t column_ = 0;
  std::uint32_t number_ = 0;
};

std::unique_ptr<PlanTrain> train_of(const RateSeries& series, const TraceFunction& function,
                                    const RatePlanOptions& options) {
  if (options.law == ArrivalLaw::equidistant) {
    return std::make_unique<SeriesTrain>(series, column_us(options));
  }
  const double width_us = column_us(options);
  const auto columns = static_cast<std::size_t>(std::ceil(seconds_of(options) * 1e6 / width_us));
  std::vector<std::uint32_t> counts(columns, 0);
  for (std::uint64_t k = 0; k < series.count; ++k)
    ++counts[std::min(columns - 1, static_cast<std::size_t>(time_us(series, k) / width_us))];
  return column_train(std::move(counts), options.law, width_us / 1000, arrival_draws(options.seed, function));
}

Result<> check(const RatePlanOptions& options) {
  if (!(options.per_second >= 0) || options.per_second > 1e9) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("the rate must be 0 … 1e9 per second, got {}", options.per_second), "--rps");
  }
  if (!(options.cold_percent >= 0 && options.cold_percent <= 100)) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("the share of cold starts must be 0 … 100 %, got {}", options.cold_percent),
                   "--cold-percent");
  }
  if (!(options.cooldown_s > 0)) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("the cool-down must be above 0 s, got {}", options.cooldown_s), "--cooldown");
  }
  const double cold_functions = options.per_second * options.cold_percent / 100 * options.cooldown_s;
  if (cold_functions > most_functions) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("this rate of cold starts takes {} functions, at most {} are possible",
                               std::ceil(cold_functions), most_functions),
                   "--cooldown", "lower the rate, the share of cold starts or the cool-down");
  }
  if (options.minutes == 0 && !(options.seconds > 0))
    return fail_at(ErrorKind::bad_usage, "the plan has no minutes", "--duration");
  return {};
}

TraceFunction described(std::string name, const Execution& execution) {
  TraceFunction function;
  function.name = std::move(name);
  function.memory_mb = execution.memory_mib;
  function.warm_ms = function.cold_ms = execution.runtime_ms;
  return function;
}

}  // namespace

std::vector<RateSeries> warm_series(double per_second, std::size_t minutes) {
  return warm_series_for(per_second, seconds_of(minutes));
}

std::vector<RateSeries> warm_series_for(double per_second, double seconds) {
  if (!(per_second > 0)) return {};
  const double iat = 1e6 / per_second;
  return {{0, iat, count_before(0, iat, seconds * 1e6)}};
}

std::vector<RateSeries> cold_series(double per_second, double cooldown_s, std::size_t minutes) {
  return cold_series_for(per_second, cooldown_s, seconds_of(minutes));
}

std::vector<RateSeries> cold_series_for(double per_second, double cooldown_s, double seconds) {
  if (!(per_second > 0)) return {};
  const double functions = std::max(1.0, std::ceil(per_second * cooldown_s * (1 - rounding)));
  const double iat = functions * 1e6 / per_second;
  std::vector<RateSeries> series;
  for (double i = 0; i < functions; ++i) {
    const double first = i * 1e6 / per_second;
    if (first >= seconds * 1e6) break;
    series.push_back({first, iat, count_before(first, iat, seconds * 1e6)});
  }
  return series;
}

FunctionArrivals arrivals_of(const RateSeries& series, std::size_t minutes) {
  FunctionArrivals arrivals;
  arrivals.per_column.assign(minutes, 0);
  for (std::uint64_t k = 0; k < series.count; ++k) {
    arrivals.iat_us.push_back(k == 0 ? series.first_us : series.iat_us);
    ++arrivals.per_column[std::min(minutes - 1, static_cast<std::size_t>(time_us(series, k) / minute_us))];
  }
  return arrivals;
}

Result<ArrivalPlan> plan_from_rate(const RatePlanOptions& options) {
  THAW_CHECK(check(options));
  const double cold_rate = options.per_second * options.cold_percent / 100;
  const double warm_rate = options.per_second * (100 - options.cold_percent) / 100;
  const double seconds = seconds_of(options);
  ArrivalPlan plan{.column_ms = column_us(options) / 1000,
                   .columns = static_cast<std::size_t>(std::ceil(seconds * 1e6 / column_us(options))),
                   .warmup_columns = options.warmup_minutes,
                   .seed = options.seed,
                   .law = std::string(name_of(options.law))};
  std::vector<PlannedFunction> planned;
  const auto add = [&](const std::vector<RateSeries>& all, std::string_view kind) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      plan.functions.push_back(described(fmt::format("{}-function-{}", kind, i), options.execution));
      planned.push_back({train_of(all[i], plan.functions.back(), options),
                         ExecutionLaw::constant(options.execution),
                         execution_draws(options.seed, plan.functions.back())});
    }
  };
  add(warm_series_for(warm_rate, seconds), "warm");
  add(cold_series_for(cold_rate, options.cooldown_s, seconds), "cold");
  const std::vector<double> per_minute{options.per_second * 60};
  plan.source = merge_trains(std::move(planned), SliceGrid::for_columns(per_minute, minute_us / 1000, 32768));
  return plan;
}

}  // namespace thaw
