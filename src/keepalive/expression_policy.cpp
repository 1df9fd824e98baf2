#include "keepalive/expression_policy.h"

#include "keepalive/expression.h"
#include "keepalive/ranked_policy.h"
#include "keepalive/time_scored_policy.h"

namespace thaw {
namespace {

double milliseconds(Nanos duration) { return static_cast<double>(duration.count()) * 1e-6; }

/// The variables of a container, but for those that depend on when it is asked about.
VariableValues values_of(const Container& container, const PoolFunction& function, double clock) {
  VariableValues values{};
  const auto set = [&](Variable variable, double value) {
    values[static_cast<std::size_t>(variable)] = value;
  };
  const double warm = milliseconds(function.warm);
  set(Variable::clock, clock);
  set(Variable::frequency, function.uses);
  set(Variable::cost, init_ms(function));
  set(Variable::size, memory_mb(function));
  set(Variable::warm, warm);
  set(Variable::cold, warm + init_ms(function));
  set(Variable::last_use, milliseconds(container.started_at));
  set(Variable::uses, container.uses);
  set(Variable::clones, function.containers);
  return values;
}

class ExpressionRank {
 public:
  explicit ExpressionRank(Expression expression) : expression_(std::move(expression)) {}
  [[nodiscard]] double rank(const Container& container, const PoolFunction& function, Instant /*now*/) const {
    return expression_.evaluate(values_of(container, function, clock_));
  }
  void aged(double victim_rank) { clock_ = victim_rank; }

 private:
  Expression expression_;
  double clock_ = 0;
};

class TimedExpressionPolicy final : public TimeScoredPolicy {
 public:
  TimedExpressionPolicy(Expression expression, std::uint64_t seed)
      : TimeScoredPolicy(sample, RandomStream(seed, "keepalive/expression")),
        expression_(std::move(expression)) {}

  bool choose_victims(Bytes to_free, FunctionId newcomer, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!TimeScoredPolicy::choose_victims(to_free, newcomer, now, victims)) return false;
    clock_ = score(victims.back(), now);
    return true;
  }

 protected:
  [[nodiscard]] double score(ContainerId id, Instant now) const override {
    const Container& container = pool().container(id);
    VariableValues values = values_of(container, pool().function(container.function), clock_);
    values[static_cast<std::size_t>(Variable::now)] = milliseconds(now);
    values[static_cast<std::size_t>(Variable::age)] = milliseconds(age_of(id, now));
    values[static_cast<std::size_t>(Variable::idle)] = milliseconds(now - container.busy_until);
    return expression_.evaluate(values);
  }

 private:
  static constexpr std::size_t sample = 64;

  Expression expression_;
  double clock_ = 0;
};

}  // namespace

Result<std::unique_ptr<KeepAlivePolicy>> make_expression_policy(std::string_view formula,
                                                                std::uint64_t seed) {
  THAW_TRY(Expression expression, Expression::compile(formula));
  if (expression.depends_on_time())
    return std::make_unique<TimedExpressionPolicy>(std::move(expression), seed);
  return std::make_unique<RankedPolicy<ExpressionRank>>(ExpressionRank(std::move(expression)));
}

}  // namespace thaw
