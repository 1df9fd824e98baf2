// Prediction in the manner of IceBreaker (Roy, Patel & Tiwari, ASPLOS 2022). Time is cut into intervals. For each
// function the number of containers in use per interval is forecast: a parabola through the last `window` intervals
// plus the strongest harmonics of the rest. At the begin of an interval as many containers are started as are forecast
// and not there, if their utility is high enough.
//
// The paper chooses between fast nodes, slow nodes and none by two thresholds on the utility (T + (1-F) + (1-I) + (1-M)) / 4.
// One server has one kind of node: I falls away, the mean is of three, and one threshold remains. Here T is
// init / (init + warm), F the share of the function's recent pre-warmed containers that nobody used, M its memory over that
// of the largest function. An idle container stays for `keep`; under pressure it is as lru.

#include <algorithm>
#include <bit>
#include <cmath>

#include "keepalive/load_forecast.h"
#include "keepalive/recency_policy.h"

namespace thaw::policies {
namespace {

struct IceBreakerRule {
  Nanos interval{};
  Nanos keep{};
  std::size_t window = 0;
  std::size_t harmonics = 0;
  std::size_t refit = 0;
  std::uint64_t enough = 0;
  double utility = 0;
};

class IceBreaker final : public RecencyPolicy {
 public:
  explicit IceBreaker(const IceBreakerRule& rule)
      : RecencyPolicy(rule.keep),
        rule_(rule),
        next_(rule.interval),
        in_use_(rule.window),
        forecast_(rule.window, rule.harmonics) {}

  Retention on_start(ContainerId id, bool is_cold, Instant now) override {
    const Retention retention = RecencyPolicy::on_start(id, is_cold, now);
    if (id >= last_interval_.size()) last_interval_.resize(pool().slots());
    // An idle container is taken from a stack, so that as many are in use as are needed at once.
    if (last_interval_[id] != interval_) {
      last_interval_[id] = interval_;
      note_use(pool().container(id).function);
    }
    return retention;
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override {
    order().use(id);
    if (id >= last_interval_.size()) last_interval_.resize(pool().slots());
    last_interval_[id] = 0;
    ++faded_row(pool().container(id).function).prewarmed;
  }
  void on_removed(ContainerId id, Removal reason, Instant now) override {
    const Container& container = pool().container(id);
    if (container.is_prewarmed) ++faded_row(container.function).unused;
    if (id < last_interval_.size()) last_interval_[id] = 0;
    RecencyPolicy::on_removed(id, reason, now);
  }

  [[nodiscard]] Instant next_tick() const override { return next_; }
  void on_tick(Instant /*now*/, std::vector<Prewarm>& prewarm) override {
    next_ += rule_.interval;
    const std::size_t slot = interval_ % rule_.window;
    // Old failures fade, so that a function that once had no rhythm gets another chance.
    if (slot == 0) ++fadings_;
    record(slot);
    admit_newcomers();
    std::erase_if(rhythmic_, [&](FunctionId id) { return !plan(id, prewarm); });
    ++interval_;
  }

 private:
  struct Row {
    std::uint32_t used = 0;  ///< Containers in use in this interval.
    std::uint32_t prewarmed = 0;
    std::uint32_t unused = 0;
    std::uint32_t active = 0;  ///< Intervals of the history in which it was used.
    bool is_rhythmic = false;
    std::uint64_t fadings = 0;       ///< That prewarmed and unused have gone through.
    std::vector<float> history;      ///< By interval, round and round; empty before its first use.
    std::vector<float> forecast{};   ///< For the intervals after the last fit.
    std::uint64_t fitted_after = 0;  ///< The last interval of that fit.
  };

  /// The function's row with today's memory of failures.
  Row& faded_row(FunctionId function) {
    if (function >= rows_.size()) rows_.resize(pool().functions().size());
    Row& row = rows_[function];
    const std::uint64_t halvings = std::min<std::uint64_t>(fadings_ - row.fadings, 31);
    row.prewarmed >>= halvings;
    row.unused >>= halvings;
    row.fadings = fadings_;
    return row;
  }

  void note_use(FunctionId function) {
    if (function >= rows_.size()) rows_.resize(pool().functions().size());
    if (rows_[function].used++ == 0) used_.push_back(function);
  }

  /// Writes this interval over the one that leaves the window. Functions without use in either are not looked at.
  void record(std::size_t slot) {
    for (const FunctionId id : in_use_[slot]) {
      rows_[id].history[slot] = 0;
      --rows_[id].active;
    }
    for (const FunctionId id : used_) {
      Row& row = rows_[id];
      if (row.history.empty()) row.history.resize(rule_.window);
      row.history[slot] = static_cast<float>(row.used);
      row.used = 0;
      ++row.active;
    }
    in_use_[slot].swap(used_);
    used_.clear();
    newest_ = slot;
  }

  /// Functions are planned in their order, so that those compete for memory that did before.
  void admit_newcomers() {
    const auto known = static_cast<std::ptrdiff_t>(rhythmic_.size());
    for (const FunctionId id : in_use_[newest_]) {
      Row& row = rows_[id];
      if (row.is_rhythmic || row.active < rule_.enough) continue;
      row.is_rhythmic = true;
      rhythmic_.push_back(id);
    }
    std::sort(rhythmic_.begin() + known, rhythmic_.end());
    std::inplace_merge(rhythmic_.begin(), rhythmic_.begin() + known, rhythmic_.end());
  }

  /// What the next interval needs of a function beyond what is there. False when it is used too seldom.
  bool plan(FunctionId id, std::vector<Prewarm>& prewarm) {
    Row& row = faded_row(id);
    if (row.active < rule_.enough) {
      row.is_rhythmic = false;
      row.forecast.clear();
      return false;
    }
    if (row.forecast.empty() || interval_ - row.fitted_after >= rule_.refit) fit(row);
    const auto wanted = static_cast<std::uint32_t>(
        std::lround(std::min(row.forecast[static_cast<std::size_t>(interval_ - row.fitted_after)], 1e6F)));
    const std::uint32_t present = pool().function(id).containers;
    if (wanted <= present || utility(id, row) < rule_.utility) return true;
    for (std::uint32_t i = present; i < wanted; ++i) prewarm.push_back({id, rule_.keep});
    return true;
  }

  void fit(Row& row) {
    ordered_.resize(rule_.window);
    const std::size_t oldest = (interval_ + 1) % rule_.window;
    std::rotate_copy(row.history.begin(), row.history.begin() + static_cast<std::ptrdiff_t>(oldest),
                     row.history.end(), ordered_.begin());
    forecast_.fit(ordered_);
    row.forecast.resize(rule_.refit);
    for (std::size_t i = 0; i < rule_.refit; ++i) row.forecast[i] = static_cast<float>(forecast_.at(i + 1));
    row.fitted_after = interval_;
  }

  [[nodiscard]] double utility(FunctionId id, const Row& row) {
    const PoolFunction& function = pool().function(id);
    for (; known_sizes_ < pool().functions().size(); ++known_sizes_) {
      largest_ = std::max(largest_, pool().functions()[known_sizes_].memory);
    }
    const auto init = static_cast<double>(function.init.count());
    const double both = init + static_cast<double>(function.warm.count());
    const double cost = both > 0 ? init / both : 0;
    const double unused = static_cast<double>(row.unused) / (static_cast<double>(row.prewarmed) + 1);
    const double memory =
        static_cast<double>(function.memory.count()) / static_cast<double>(largest_.count());
    return (cost + (1 - unused) + (1 - memory)) / 3;
  }

  IceBreakerRule rule_;
  Instant next_;
  std::uint64_t interval_ = 1;                   ///< Counted from 1: 0 is before all.
  std::vector<std::uint64_t> last_interval_;     ///< By container: in which it was used last.
  std::vector<Row> rows_;                        ///< By function.
  std::vector<FunctionId> used_;                 ///< In this interval.
  std::vector<std::vector<FunctionId>> in_use_;  ///< By slot of the window: who was used then.
  std::size_t newest_ = 0;                       ///< The last slot written.
  std::vector<FunctionId> rhythmic_;             ///< Those used often enough to be planned, in order.
  std::uint64_t fadings_ = 0;
  LoadForecast forecast_;
  std::vector<float> ordered_;
  Bytes largest_{};
  std::size_t known_sizes_ = 0;
};

}  // namespace

std::span<const ParameterSpec> icebreaker_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"interval", "1m", "length of an interval", ""},
      {"window", "128", "intervals that the forecast looks back on, a power of two", ""},
      {"harmonics", "10", "harmonics that the forecast keeps", ""},
      {"refit", "8", "intervals after which it is made anew", ""},
      {"enough", "4", "intervals of the window in which a function must have been used", ""},
      {"utility", "0.4", "least utility of a container started ahead, 0 to 1", ""},
      {"keep", "2m", "how long an idle container stays", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_icebreaker(const Parameters& parameters) {
  IceBreakerRule rule;
  THAW_TRY(rule.interval, parameters.duration("interval"));
  THAW_TRY(rule.keep, parameters.duration("keep"));
  THAW_TRY(const std::uint64_t window, parameters.integer("window", 8));
  constexpr std::uint64_t longest_window = 1 << 16;
  if (!std::has_single_bit(window) || window > longest_window) {
    return fail(ErrorKind::bad_usage,
                "window of policy icebreaker must be a power of two from 8 to {}, got {}", longest_window,
                window);
  }
  rule.window = window;
  THAW_TRY(const double harmonics, parameters.number("harmonics", 0, static_cast<double>(window / 2 - 1)));
  rule.harmonics = static_cast<std::size_t>(harmonics);
  THAW_TRY(const double refit, parameters.number("refit", 1, static_cast<double>(window)));
  rule.refit = static_cast<std::size_t>(refit);
  THAW_TRY(rule.enough, parameters.integer("enough", 1));
  THAW_TRY(rule.utility, parameters.number("utility", 0, 1));
  return std::make_unique<IceBreaker>(rule);
}

}  // namespace thaw::policies
