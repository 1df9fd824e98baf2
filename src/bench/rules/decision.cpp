// Looks at what kind of values it gets and asks the rule that suits them. Constant, monotonic and uniform values need
// no more repetitions; autocorrelated ones ask bb, Gaussian ones ci, lognormal ones hdi and multimodal ones gmm.

#include <array>
#include <vector>

#include "bench/mixture_parameters.h"
#include "bench/sampling_rule.h"
#include "stats/distribution_class.h"

namespace thaw::rules {
namespace {

struct Advisers {
  std::unique_ptr<StopRule> bb;
  std::unique_ptr<StopRule> ci;
  std::unique_ptr<StopRule> hdi;
  std::unique_ptr<StopRule> gmm;
};

struct Schedule {
  std::uint64_t first;  ///< Repetitions before the first look.
  std::uint64_t every;  ///< Repetitions between looks.
  std::uint64_t max;    ///< It stops at the first look from here on.
};

class MetaRule final : public StopRule {
 public:
  MetaRule(const RuleParameters& parameters, Schedule schedule, const ClassLimits& limits, Advisers advisers)
      : description_(parameters.describe()),
        schedule_(schedule),
        limits_(limits),
        advisers_(std::move(advisers)) {}

  void take(std::span<const double> values, Nanos elapsed) override {
    ++repetitions_;
    series_.insert(series_.end(), values.begin(), values.end());
    for (StopRule* adviser :
         {advisers_.bb.get(), advisers_.ci.get(), advisers_.hdi.get(), advisers_.gmm.get()}) {
      adviser->take(values, elapsed);
    }
  }

  Decision decide() override {
    if (repetitions_ < schedule_.first) return wait_until(schedule_.first);
    if (const auto since = (repetitions_ - schedule_.first) % schedule_.every; since != 0) {
      return wait_until(repetitions_ - since + schedule_.every);
    }
    Decision decision = series_.empty() ? Decision{false, "no values", 0} : ask_by_class();
    if (!decision.stop && repetitions_ >= schedule_.max) {
      return {true, fmt::format("{}; reached the maximum of {} repetitions", decision.reason, schedule_.max),
              1};
    }
    return decision;
  }

  std::string describe() const override { return description_; }

 private:
  Decision wait_until(std::uint64_t next) const {
    return {false, fmt::format("{} repetitions, next look at {}", repetitions_, next),
            schedule_.max == RuleParameters::unlimited
                ? static_cast<double>(repetitions_) / static_cast<double>(next)
                : std::min(1.0, static_cast<double>(repetitions_) / static_cast<double>(schedule_.max))};
  }

  Decision ask_by_class() {
    const DistributionClass kind = classify(series_, limits_).value;
    Decision decision = ask(kind);
    decision.reason = fmt::format("values look {}{}{}", name_of(kind), decision.reason.empty() ? "" : ": ",
                                  decision.reason);
    return decision;
  }

  Decision ask(DistributionClass kind) {
    switch (kind) {
      case DistributionClass::constant:
      case DistributionClass::monotonic:
      case DistributionClass::uniform:
        return {true, "", 1};
      case DistributionClass::autocorrelated:
        return advisers_.bb->decide();
      case DistributionClass::gaussian:
        return advisers_.ci->decide();
      case DistributionClass::lognormal:
        return advisers_.hdi->decide();
      case DistributionClass::multimodal:
        return advisers_.gmm->decide();
      case DistributionClass::unknown:
        break;
    }
    return {false, "", wait_until(repetitions_ + schedule_.every).progress};
  }

  std::string description_;
  Schedule schedule_;
  ClassLimits limits_;
  Advisers advisers_;
  std::uint64_t repetitions_ = 0;
  std::vector<double> series_;
};

Result<ClassLimits> read_limits(const RuleParameters& parameters) {
  ClassLimits limits;
  THAW_TRY(limits.constant_range, parameters.number("constant_range", 0, 1e9));
  THAW_TRY(limits.autocorrelation, parameters.number("autocorrelation", 0, 1e9));
  THAW_TRY(limits.gaussian_p, parameters.number("gaussian_p", 0, 1));
  THAW_TRY(limits.lognormal_p, parameters.number("lognormal_p", 0, 1));
  THAW_TRY(limits.uniform_p, parameters.number("uniform_p", 0, 1));
  THAW_TRY(limits.goodness, parameters.number("goodness", 0, 1e9));
  THAW_TRY(const std::uint64_t components, parameters.integer("components", 1));
  THAW_TRY(const CovarianceChoice covariances, CovarianceChoice::read(parameters, "covariances"));
  limits.most_components = static_cast<std::size_t>(components);
  limits.free_variances = covariances.free;
  limits.shared_variances = covariances.shared;
  return limits;
}

Result<Advisers> make_advisers(const RuleParameters& parameters) {
  const auto make = [&](std::string_view rule, std::string_view first, std::string_view second) {
    const auto value = [&](std::string_view name) {
      return fmt::format("{}={}", name, parameters.text(fmt::format("{}_{}", rule, name)));
    };
    return make_stop_rule(fmt::format("{}:{},{},{}", rule, value(first), value(second), value("max")),
                          parameters.seed());
  };
  Advisers advisers;
  THAW_TRY(advisers.bb, make("bb", "threshold", "level"));
  THAW_TRY(advisers.ci, make("ci", "threshold", "level"));
  THAW_TRY(advisers.hdi, make("hdi", "threshold", "level"));
  THAW_TRY(advisers.gmm, make("gmm", "goodness", "components"));
  return advisers;
}

}  // namespace

std::span<const ParameterSpec> decision_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"min", "25", "repetitions before the first look", "starting_sample"},
      {"every", "10", "repetitions between looks", "test_after"},
      {"max", "400", "it stops at the first look from here on; none = no limit"},
      {"constant_range", "0.05", "largest range of constant values as a share of the mean", "mean_threshold"},
      {"autocorrelation", "0.8", "least correlation of autocorrelated values", "autocor_threshold"},
      {"gaussian_p", "0.1", "p-value above which values look Gaussian", "gaussian_threshold"},
      {"lognormal_p", "0.1", "p-value above which values look lognormal", "lognormal_threshold"},
      {"uniform_p", "0.1", "p-value above which values look uniform", "uniform_threshold"},
      {"goodness", "2", "least magnitude of the mean log-likelihood of multimodal values",
       "goodness_threshold"},
      {"components", "6", "greatest number of modes looked for", "max_gaussian_components"},
      {"covariances", "spherical+tied+diag+full", "kinds of variances to try", "gaussian_covariances"},
      {"p_threshold", "0.05", "accepted and without effect, as in the predecessor"},
      {"bb_threshold", "0.03", "threshold of bb, asked about autocorrelated values"},
      {"bb_level", "0.95", "level of bb"},
      {"bb_max", "200", "max of bb"},
      {"ci_threshold", "0.05", "threshold of ci, asked about Gaussian values"},
      {"ci_level", "0.95", "level of ci"},
      {"ci_max", "100", "max of ci"},
      {"hdi_threshold", "0.1", "threshold of hdi, asked about lognormal values"},
      {"hdi_level", "0.89", "level of hdi"},
      {"hdi_max", "200", "max of hdi"},
      {"gmm_goodness", "2", "goodness of gmm, asked about multimodal values"},
      {"gmm_components", "8", "components of gmm"},
      {"gmm_max", "100", "max of gmm"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_decision(const RuleParameters& parameters) {
  THAW_TRY(const RepetitionLimits limits, RepetitionLimits::read(parameters));
  THAW_TRY(const std::uint64_t every, parameters.integer("every", 1));
  THAW_TRY(const ClassLimits class_limits, read_limits(parameters));
  THAW_TRY(Advisers advisers, make_advisers(parameters));
  const Schedule schedule{std::min(limits.min, limits.max), every, limits.max};
  return std::make_unique<MetaRule>(parameters, schedule, class_limits, std::move(advisers));
}

}  // namespace thaw::rules
