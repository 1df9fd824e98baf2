// Stops after a fixed number of repetitions.

#include "bench/stop_rule.h"

namespace thaw::rules {
namespace {

class Count final : public StopRule {
 public:
  Count(const RuleParameters& parameters, std::uint64_t max)
      : description_(parameters.describe()), max_(max) {}

  void take(std::span<const double> /*values*/, Nanos /*elapsed*/) override { ++count_; }

  Decision decide() override {
    return {count_ >= max_, fmt::format("{} of {} repetitions", count_, max_),
            static_cast<double>(count_) / static_cast<double>(max_)};
  }

  std::string describe() const override { return description_; }

 private:
  std::string description_;
  std::uint64_t max_;
  std::uint64_t count_ = 0;
};

}  // namespace

std::span<const ParameterSpec> count_parameters() {
  static constexpr ParameterSpec specs[] = {{"max", "1", "number of repetitions", "count n repeats"}};
  return specs;
}

Result<std::unique_ptr<StopRule>> make_count(const RuleParameters& parameters) {
  THAW_TRY(const std::uint64_t max, parameters.limit("max"));
  return std::make_unique<Count>(parameters, max);
}

}  // namespace thaw::rules
