#include "sim/bounds.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "sim/idle_gaps.h"
#include "sim/space_time.h"
#include "sim/trace_units.h"

namespace thaw {
namespace {

/// A gap that can be bought: keeping its container saves `value` and uses `size` of the server while it lasts.
struct Item {
  WindowPosition begin, end;
  double size = 0;  ///< Share of the capacity.
  double value = 0;
};

/// The dual of the fractional packing of gaps into windows: the total of all prices paid and of all profits left is at
/// least the value of any packing, whatever the prices (weak duality), so every evaluation is a valid bound.
class PackingDual {
 public:
  PackingDual(std::span<const Item> items, std::span<const double> budget) : items_(items), budget_(budget) {}

  struct Evaluation {
    double value = 0;              ///< Upper bound on the value of a packing.
    std::vector<double> gradient;  ///< By window: budget left when all profitable gaps are bought.
  };
  [[nodiscard]] Evaluation evaluate(const std::vector<double>& prices) const {
    const WindowPrices line(prices);
    WindowUse use(prices.size());
    Evaluation evaluation;
    for (const Item& item : items_) {
      const double profit = item.value - item.size * line.between(item.begin, item.end);
      if (profit <= 0) continue;
      evaluation.value += profit;
      use.add(item.begin, item.end, item.size);
    }
    evaluation.gradient = use.totals();
    for (std::size_t w = 0; w < prices.size(); ++w) {
      evaluation.value += prices[w] * budget_[w];
      evaluation.gradient[w] = budget_[w] - evaluation.gradient[w];
    }
    return evaluation;
  }

 private:
  std::span<const Item> items_;
  std::span<const double> budget_;
};

/// The single price for all windows that makes the bound smallest: the price at which the greedy fractional knapsack
/// over value/(size·length) fills the whole budget.
double knapsack_price(std::span<const Item> items, std::span<const double> budget) {
  struct Offer {
    double ratio, length;
  };
  std::vector<Offer> offers;
  const WindowPrices line(std::vector<double>(budget.size(), 1.0));
  for (const Item& item : items) {
    const double length = item.size * line.between(item.begin, item.end);
    if (length > 0 && item.value > 0) offers.push_back({item.value / length, length});
  }
  std::sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) { return a.ratio > b.ratio; });
  double left = 0;
  for (const double each : budget) left += each;
  for (const Offer& offer : offers) {
    left -= offer.length;
    if (left < 0) return offer.ratio;
  }
  return 0;
}

/// Smallest dual value found: from the best single price by subgradient steps of Polyak's length (Polyak, USSR
/// Computational Mathematics 1969) towards a target that moves nearer when steps no longer pay.
double improve(const PackingDual& dual, double price, std::size_t windows, std::size_t iterations) {
  std::vector<double> prices(windows, price), best_prices = prices;
  PackingDual::Evaluation at = dual.evaluate(prices);
  double best = at.value;
  double hope = 0.05;
  std::size_t failures = 0;
  for (std::size_t i = 0; i < iterations && windows > 1 && hope > 1e-6; ++i) {
    double norm = 0;
    for (std::size_t w = 0; w < windows; ++w)
      if (prices[w] > 0 || at.gradient[w] < 0) norm += at.gradient[w] * at.gradient[w];
    if (norm == 0) break;
    const double step = (at.value - best * (1 - hope)) / norm;
    for (std::size_t w = 0; w < windows; ++w) prices[w] = std::max(0.0, prices[w] - step * at.gradient[w]);
    at = dual.evaluate(prices);
    if (at.value < best) {
      best = at.value;
      best_prices = prices;
      failures = 0;
    } else if (++failures == 8) {
      failures = 0;
      hope /= 2;
      prices = best_prices;
      at = dual.evaluate(prices);
    }
  }
  return best;
}

/// What the trace demands, in units of windows and capacity.
struct Packing {
  std::vector<Item> items;     ///< Valued by init.
  std::vector<double> budget;  ///< By window: the share of the capacity that running executions leave.
};

Packing packing_of(const Trace& trace, double capacity_bytes, const std::vector<IdleGap>& gaps,
                   const CertainExecutions& certain, std::size_t count) {
  const std::vector<std::int64_t> memory = memory_bytes(trace.functions);
  const Windows windows(to_nanoseconds(trace.invocations.time_ms.front()),
                        to_nanoseconds(trace.invocations.time_ms.back()), count);
  Packing packing;
  WindowUse running(count);
  for (const CertainExecutions::Interval& each : certain.intervals) {
    running.add(windows.position(each.begin), windows.position(each.end),
                static_cast<double>(memory[each.function]) / capacity_bytes);
  }
  packing.budget = running.totals();
  for (double& each : packing.budget) each = std::max(0.0, 1 - each);
  for (const IdleGap& gap : gaps) {
    const double size = static_cast<double>(memory[gap.function]) / capacity_bytes;
    if (size > 1) continue;  // No container of the function ever exists.
    packing.items.push_back({windows.position(gap.begin), windows.position(gap.end), size,
                             trace.functions[gap.function].init_ms()});
  }
  return packing;
}

/// Largest value that any policy saves, as far as the dual shows.
double most_saved(const Packing& packing, const BoundOptions& options) {
  const PackingDual dual(packing.items, packing.budget);
  const double price = knapsack_price(packing.items, packing.budget);
  return improve(dual, price, packing.budget.size(), options.iterations);
}

/// Room for rounding: sums of n terms in doubles, far below what is shown.
constexpr double rounding = 1e-9;

}  // namespace

ColdBound lower_bound(const Trace& trace, double memory_mb, const BoundOptions& options) {
  ColdBound bound;
  bound.memory_mb = memory_mb;
  if (trace.invocations.size() == 0) return bound;
  double init_ms = 0;
  for (const FunctionIndex f : trace.invocations.function) init_ms += trace.functions[f].init_ms();
  const auto invocations = static_cast<double>(trace.invocations.size());
  const std::vector<IdleGap> gaps = nested_gaps(trace);
  double paired_ms = 0;
  for (const IdleGap& gap : gaps) paired_ms += trace.functions[gap.function].init_ms();
  bound.unavoidable_starts = trace.invocations.size() - gaps.size();
  bound.unavoidable_cost_ms = std::max(0.0, init_ms - paired_ms);

  const std::int64_t capacity = to_bytes(memory_mb);
  const CertainExecutions certain = certain_executions(trace, capacity);
  bound.droppable = certain.droppable;
  Packing packing = packing_of(trace, static_cast<double>(capacity), gaps, certain,
                               std::max<std::size_t>(options.windows, 1));
  const double saved_ms = most_saved(packing, options);
  bound.cost_ms = std::max(bound.unavoidable_cost_ms, init_ms - saved_ms - rounding * init_ms);
  for (Item& item : packing.items) item.value = 1;
  const double saved = most_saved(packing, options);
  const double starts = std::ceil(invocations - saved - rounding * invocations);
  bound.starts = std::max(bound.unavoidable_starts, static_cast<std::uint64_t>(std::max(0.0, starts)));
  return bound;
}

}  // namespace thaw
