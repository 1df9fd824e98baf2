#include "trace/stage_plan.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "core/units.h"
#include "trace/plan_train.h"

namespace thaw {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// Relative room for the rounding of products such as 420 · (1/7).
constexpr double rounding = 1e-12;
constexpr double arrivals_per_block = 1000;
constexpr double most_per_second = 1e9;

tl::unexpected<Error> bad_stage(std::string_view stage) {
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no stage", stage), "--stages",
                 "write for example '100/s for 30s, ramp to 1000/s over 1m, pause 10s'");
}

Result<RateStage> parse_stage(std::string_view text, double rate_before) {
  const std::vector<std::string_view> words = split_fields(text);
  const bool is_ramp = words.size() == 5 && words[0] == "ramp" && words[1] == "to" && words[3] == "over";
  const bool is_constant = words.size() == 3 && words[1] == "for";
  const bool is_pause = words.size() == 2 && words[0] == "pause";
  if (!is_ramp && !is_constant && !is_pause) return bad_stage(text);
  RateStage stage;
  if (!is_pause) {
    const auto rate = parse_rate(words[is_ramp ? 2 : 0]);
    if (!rate) return bad_stage(text);
    stage.to_per_s = rate->per_second;
    stage.from_per_s = is_ramp ? rate_before : rate->per_second;
  }
  const auto length = parse_duration(words.back());
  if (!length || *length <= Nanos::zero()) return bad_stage(text);
  stage.seconds = to_seconds(*length);
  return stage;
}

/// Arrivals at 0, 1, 2, … below the end.
class UnitTrain final : public PlanTrain {
 public:
  explicit UnitTrain(double end) : count_(static_cast<std::uint64_t>(std::ceil(end * (1 - rounding)))) {}
  [[nodiscard]] double next_ms() const override {
    return next_ < count_ ? static_cast<double>(next_) : infinity;
  }
  void emit(double until, std::vector<PlannedInvocation>& out) override {
    for (; next_ms() < until; ++next_) out.push_back({.time_ms = static_cast<double>(next_)});
  }

 private:
  std::uint64_t next_ = 0, count_;
};

/// A train in operational time, carried back to time.
class StageTrain final : public PlanTrain {
 public:
  StageTrain(std::unique_ptr<PlanTrain> arrivals, OperationalTime time)
      : arrivals_(std::move(arrivals)), time_(std::move(time)) {}

  [[nodiscard]] double next_ms() const override { return time_.inverse(arrivals_->next_ms()) * 1000; }

  void emit(double until_ms, std::vector<PlannedInvocation>& out) override {
    const std::size_t before = out.size();
    // The next one is before `until_ms`, but rounding could leave it at the border for ever.
    const double behind_next = std::nextafter(arrivals_->next_ms(), infinity);
    arrivals_->emit(std::max(time_.at(until_ms / 1000), behind_next), out);
    for (std::size_t i = before; i < out.size(); ++i) {
      PlannedInvocation& invocation = out[i];
      invocation.time_ms = time_.inverse(invocation.time_ms) * 1000;
      const auto column = static_cast<std::uint32_t>(invocation.time_ms / 1000);
      number_ = column == column_ ? number_ : 0;
      column_ = column;
      invocation.column = column;
      invocation.number = number_++;
    }
  }

 private:
  std::unique_ptr<PlanTrain> arrivals_;
  OperationalTime time_;
  std::uint32_t column_ = 0, number_ = 0;
};

/// Random gaps, scaled in blocks so that their number is exact.
std::unique_ptr<PlanTrain> random_arrivals(double total, ArrivalLaw law, StreamDraws draws) {
  const double count = std::ceil(total * (1 - rounding));
  const auto blocks = static_cast<std::size_t>(std::max(1.0, std::ceil(total / arrivals_per_block)));
  std::vector<std::uint32_t> counts;
  for (std::size_t i = 0; i < blocks; ++i) {
    const auto upto = [&](std::size_t block) {
      return std::floor(count * static_cast<double>(block) / static_cast<double>(blocks));
    };
    counts.push_back(static_cast<std::uint32_t>(upto(i + 1) - upto(i)));
  }
  return column_train(std::move(counts), law, total / static_cast<double>(blocks), draws);
}

Result<> check(const StagePlanOptions& options) {
  if (options.stages.empty()) return fail_at(ErrorKind::bad_usage, "the plan has no stages", "--stages");
  for (const RateStage& stage : options.stages) {
    const double least = std::min(stage.from_per_s, stage.to_per_s);
    const double most = std::max(stage.from_per_s, stage.to_per_s);
    if (least >= 0 && most <= most_per_second && stage.seconds > 0) continue;
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("a rate must be 0 … 1e9 per second, got {} … {}", least, most), "--rps");
  }
  return {};
}

std::vector<double> expected_by_second(const OperationalTime& time, std::size_t columns) {
  std::vector<double> expected;
  for (std::size_t i = 0; i < columns; ++i) {
    const auto second = static_cast<double>(i);
    expected.push_back(time.at(second + 1) - time.at(second));
  }
  return expected;
}

}  // namespace

Result<std::vector<RateStage>> parse_stages(std::string_view text) {
  std::vector<RateStage> stages;
  for (const std::string_view part : split(text, ',')) {
    const double rate_before = stages.empty() ? 0 : stages.back().to_per_s;
    THAW_TRY(RateStage stage, parse_stage(trim(part), rate_before));
    stages.push_back(stage);
  }
  return stages;
}

OperationalTime::OperationalTime(const std::vector<RateStage>& stages) {
  double seconds = 0, arrivals = 0;
  for (const RateStage& stage : stages) {
    pieces_.push_back({stage, seconds, arrivals});
    seconds += stage.seconds;
    arrivals += stage.seconds * (stage.from_per_s + stage.to_per_s) / 2;
  }
  pieces_.push_back({{}, seconds, arrivals});
}

double OperationalTime::at(double seconds) const {
  if (seconds >= this->seconds()) return total();
  const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), seconds,
                                      [](double value, const Piece& piece) { return value < piece.begin_s; });
  const Piece& piece = *std::prev(after);
  const double t = seconds - piece.begin_s;
  const double slope = (piece.stage.to_per_s - piece.stage.from_per_s) / piece.stage.seconds;
  return piece.begin_arrivals + t * (piece.stage.from_per_s + slope * t / 2);
}

double OperationalTime::inverse(double arrivals) const {
  if (!(arrivals < total())) return infinity;
  const auto after =
      std::upper_bound(pieces_.begin(), pieces_.end(), arrivals,
                       [](double value, const Piece& piece) { return value < piece.begin_arrivals; });
  const Piece& piece = *std::prev(after);
  const double u = arrivals - piece.begin_arrivals;
  if (u <= 0) return piece.begin_s;
  const double rate = piece.stage.from_per_s;
  const double slope = (piece.stage.to_per_s - rate) / piece.stage.seconds;
  // The root of rate·t + slope·t²/2 = u in the form that does not cancel.
  return piece.begin_s + 2 * u / (rate + std::sqrt(std::max(0.0, rate * rate + 2 * slope * u)));
}

Result<ArrivalPlan> plan_from_stages(const StagePlanOptions& options) {
  THAW_CHECK(check(options));
  const OperationalTime time(options.stages);
  TraceFunction function;
  function.name = "function";
  function.memory_mb = options.execution.memory_mib;
  function.warm_ms = function.cold_ms = options.execution.runtime_ms;
  ArrivalPlan plan{.functions = {function},
                   .column_ms = 1000,
                   .columns = static_cast<std::size_t>(std::ceil(time.seconds())),
                   .warmup_columns = options.warmup_seconds,
                   .seed = options.seed,
                   .law = std::string(name_of(options.law))};
  std::vector<PlannedFunction> planned;
  if (time.total() > 0) {
    std::unique_ptr<PlanTrain> arrivals;
    if (options.law == ArrivalLaw::equidistant) {
      arrivals = std::make_unique<UnitTrain>(time.total());
    } else {
      arrivals = random_arrivals(time.total(), options.law, arrival_draws(options.seed, function));
    }
    planned.push_back({std::make_unique<StageTrain>(std::move(arrivals), time),
                       ExecutionLaw::constant(options.execution), execution_draws(options.seed, function)});
  }
  plan.source = merge_trains(std::move(planned),
                             SliceGrid::for_columns(expected_by_second(time, plan.columns), 1000, 4096));
  return plan;
}

}  // namespace thaw
