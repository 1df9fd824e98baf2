// Stops when the repetitions have taken a fixed time together.

#include <algorithm>

#include "bench/stop_rule.h"

namespace thaw::rules {
namespace {

class Duration final : public StopRule {
 public:
  Duration(const RuleParameters& parameters, Nanos time) : description_(parameters.describe()), time_(time) {}

  void take(std::span<const double> /*values*/, Nanos elapsed) override { elapsed_ = elapsed; }

  Decision decide() override {
    return {elapsed_ >= time_, fmt::format("{:.3f} s of {:.3f} s", to_seconds(elapsed_), to_seconds(time_)),
            std::min(1.0, to_seconds(elapsed_) / to_seconds(time_))};
  }

  std::string describe() const override { return description_; }

 private:
  std::string description_;
  Nanos time_;
  Nanos elapsed_{};
};

}  // namespace

std::span<const ParameterSpec> duration_parameters() {
  static constexpr ParameterSpec specs[] = {{"time", "1m", "time after which it stops", "duration"}};
  return specs;
}

Result<std::unique_ptr<StopRule>> make_duration(const RuleParameters& parameters) {
  THAW_TRY(const Nanos time, parameters.duration("time"));
  return std::make_unique<Duration>(parameters, time);
}

}  // namespace thaw::rules
