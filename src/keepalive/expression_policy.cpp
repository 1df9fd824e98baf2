#include "keepalive/expression_policy.h"

#include "keepalive/expression.h"
#include "keepalive/ranked_policy.h"
#include "keepalive/sampled_order.h"

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

class TimedExpressionPolicy final : public KeepAlivePolicy {
 public:
  TimedExpressionPolicy(Expression expression, std::uint64_t seed)
      : expression_(std::move(expression)), order_(sample, RandomStream(seed, "keepalive/expression")) {}

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    order_.attach(pool);
  }

  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    if (is_cold) {
      enter(id, now);
    } else {
      order_.come_back(id);
    }
    return {};
  }
  void on_prewarmed(ContainerId id, Instant now) override { enter(id, now); }
  void on_idle(ContainerId id, Instant /*now*/) override { order_.come_back(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override { order_.remove(id); }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!order_.choose(
            to_free, now, [&](ContainerId id) { return value(id, now); }, victims))
      return false;
    clock_ = value(victims.back(), now);
    return true;
  }

 private:
  static constexpr std::size_t sample = 64;

  void enter(ContainerId id, Instant now) {
    if (id >= came_at_.size()) came_at_.resize(pool().slots());
    came_at_[id] = now;
    order_.add(id);
  }

  [[nodiscard]] double value(ContainerId id, Instant now) const {
    const Container& container = pool().container(id);
    VariableValues values = values_of(container, pool().function(container.function), clock_);
    values[static_cast<std::size_t>(Variable::now)] = milliseconds(now);
    values[static_cast<std::size_t>(Variable::age)] = milliseconds(now - came_at_[id]);
    values[static_cast<std::size_t>(Variable::idle)] = milliseconds(now - container.busy_until);
    return expression_.evaluate(values);
  }

  Expression expression_;
  double clock_ = 0;
  SampledOrder order_;
  std::vector<Instant> came_at_;
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
