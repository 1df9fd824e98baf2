// W-TinyLFU (Einziger, Friedman & Manes, ACM Transactions on Storage 2017): a small window by last use in front of a
// main region, which is a segmented queue by last use (probation, and protected for what was used again there). What
// leaves the window enters the main region only when its function was invoked more often lately than that of the
// container which would have to go.
//
// A container enters the pool in any case, so that admission here chooses which of the two goes. How often a function
// was invoked is counted to 15, and all counts are halved after `sample` invocations per function. The paper's
// count-min sketch bounds the memory for keys without number; functions are numbered, so that a byte for each is both
// smaller and exact. Its doorkeeper is left out for the same reason. Running containers are skipped.

#include <algorithm>

#include "keepalive/container_queues.h"

namespace thaw::policies {
namespace {

constexpr ContainerQueues::Queue window = 0;
constexpr ContainerQueues::Queue probation = 1;
constexpr ContainerQueues::Queue guarded = 2;  // "protected" in the paper
constexpr std::uint8_t most_counted = 15;

/// How often each function was invoked, ageing.
class AgeingCounts {
 public:
  explicit AgeingCounts(double sample) : sample_(sample) {}

  void count(FunctionId function, std::size_t functions) {
    if (function >= counts_.size()) counts_.resize(functions);
    if (counts_[function] < most_counted) ++counts_[function];
    if (static_cast<double>(++counted_) < sample_ * static_cast<double>(counts_.size())) return;
    for (std::uint8_t& value : counts_) value = static_cast<std::uint8_t>(value / 2);
    counted_ /= 2;
  }
  [[nodiscard]] std::uint8_t of(FunctionId function) const {
    return function < counts_.size() ? counts_[function] : std::uint8_t{0};
  }

 private:
  double sample_;
  std::uint64_t counted_ = 0;
  std::vector<std::uint8_t> counts_;
};

class WTinyLfu final : public KeepAlivePolicy {
 public:
  WTinyLfu(double window_share, double guarded_share, double sample)
      : window_share_(window_share), guarded_share_((1 - window_share) * guarded_share), counts_(sample) {}

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    queues_.attach(pool);
  }

  [[nodiscard]] bool wants_arrivals() const override { return true; }
  void on_arrival(FunctionId function, Instant /*now*/) override {
    counts_.count(function, pool().functions().size());
  }

  Retention on_start(ContainerId id, bool is_cold, Instant /*now*/) override {
    if (is_cold) {
      enter(id);
    } else if (queues_.queue_of(id) == window) {
      queues_.renew(window, id);
    } else {
      queues_.renew(guarded, id);
      // What the protected part has no room for is on probation again.
      while (queues_.bytes(guarded) > share_of_capacity(guarded_share_)) {
        const ContainerId oldest = queues_.oldest(guarded);
        if (oldest == id || oldest == no_container) break;
        queues_.renew(probation, oldest);
      }
    }
    return {};
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { enter(id); }
  void on_idle(ContainerId id, Instant /*now*/) override { queues_.come_back(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override { queues_.take_out(id); }

  bool choose_victims(Bytes to_free, FunctionId newcomer, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!queues_.may_free(to_free)) return false;
    const std::size_t before = victims.size();
    queues_.begin_choice();
    while (to_free > Bytes{}) {
      const ContainerId id = next_victim(pool().function(newcomer).memory, now);
      if (id == no_container) {
        queues_.take_back_choice();
        victims.resize(before);
        return false;
      }
      queues_.take_out(id);
      victims.push_back(id);
      to_free -= memory_of(id);
    }
    queues_.keep_choice();
    return true;
  }

 private:
  [[nodiscard]] Bytes share_of_capacity(double share) const {
    return Bytes{static_cast<std::int64_t>(share * static_cast<double>(pool().capacity().count()))};
  }
  [[nodiscard]] Bytes memory_of(ContainerId id) const {
    return pool().function(pool().container(id).function).memory;
  }
  [[nodiscard]] std::uint8_t invocations(ContainerId id) const {
    return counts_.of(pool().container(id).function);
  }

  void enter(ContainerId id) {
    queues_.push_newest(window, id);
    // Without pressure, what the window has no room for passes on unexamined.
    while (queues_.bytes(window) > share_of_capacity(window_share_)) {
      const ContainerId oldest = queues_.oldest(window);
      if (oldest == id || oldest == no_container) break;
      queues_.renew(probation, oldest);
    }
  }

  /// The container that goes next when one of `incoming` bytes enters the window.
  ContainerId next_victim(Bytes incoming, Instant now) {
    ContainerId resident = queues_.oldest_idle(probation, now);
    if (resident == no_container) resident = queues_.oldest_idle(guarded, now);
    const ContainerId candidate = queues_.oldest_idle(window, now);
    if (candidate == no_container) return resident;
    if (resident == no_container) return candidate;
    if (queues_.bytes(window) + incoming <= share_of_capacity(window_share_)) return resident;
    if (invocations(candidate) <= invocations(resident)) return candidate;
    queues_.renew(probation, candidate);
    return resident;
  }

  double window_share_;
  double guarded_share_;
  AgeingCounts counts_;
  ContainerQueues queues_;
};

}  // namespace

std::span<const ParameterSpec> w_tinylfu_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"window", "0.01", "share of the memory that the window has", ""},
      {"protected", "0.8", "share of the main region that its protected part has", ""},
      {"sample", "10", "invocations per function after which all counts are halved", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_w_tinylfu(const Parameters& parameters) {
  THAW_TRY(const double window_share, parameters.number("window", 0, 1));
  THAW_TRY(const double guarded_share, parameters.number("protected", 0, 1));
  THAW_TRY(const double sample, parameters.number("sample", 1, 1e6));
  return std::make_unique<WTinyLfu>(window_share, guarded_share, sample);
}

}  // namespace thaw::policies
