// S3-FIFO (Yang, Zhang, Qiu, Yue & Rashmi, SOSP 2023, algorithm 1): a small and a main queue in the order of arrival
// and a ghost list of what the small one let go. A container enters the small queue, or the main one when its
// function is a ghost. At the old end of the small queue it is promoted, its count cleared, when it had more than one
// warm start there, else it goes; at the old end of the main queue it goes round once for every warm start, up to
// three.
//
// Queues are measured by memory, and ghosts are functions, as a container does not outlive its eviction. Running
// containers are skipped. Lines 25 and 26 of the paper evict from the main queue at once when a promotion overfills
// it, besides what the eviction was for. Here that is left to the next eviction, which then finds the small queue below
// its share and turns to the main one (line 15): only the deficit is freed. The authors' own simulator waits likewise.

#include <algorithm>

#include "keepalive/container_queues.h"
#include "keepalive/function_ghosts.h"

namespace thaw::policies {
namespace {

constexpr ContainerQueues::Queue small_queue = 0;
constexpr ContainerQueues::Queue main_queue = 1;
constexpr std::uint8_t most_counted = 3;

class S3Fifo final : public KeepAlivePolicy {
 public:
  S3Fifo(double small_share, double ghost_share, std::uint8_t promote_above)
      : small_share_(small_share), ghost_share_(ghost_share), promote_above_(promote_above) {}

  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    queues_.attach(pool);
    ghosts_.attach(pool);
  }

  Retention on_start(ContainerId id, bool is_cold, Instant /*now*/) override {
    if (is_cold) {
      enter(id);
    } else {
      queues_.come_back(id);
      const std::uint8_t uses = queues_.mark(id);
      if (uses < most_counted) queues_.set_mark(id, static_cast<std::uint8_t>(uses + 1));
    }
    return {};
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { enter(id); }
  void on_idle(ContainerId id, Instant /*now*/) override { queues_.come_back(id); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override { queues_.take_out(id); }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!queues_.may_free(to_free)) return false;
    const std::size_t before = victims.size();
    new_ghosts_.clear();
    queues_.begin_choice();
    while (to_free > Bytes{}) {
      const ContainerId id = next_victim(now);
      if (id == no_container) {
        queues_.take_back_choice();
        victims.resize(before);
        return false;
      }
      victims.push_back(id);
      to_free -= pool().function(pool().container(id).function).memory;
    }
    queues_.keep_choice();
    for (const FunctionId function : new_ghosts_) ghosts_.add(function);
    ghosts_.shrink_to(share_of_capacity(ghost_share_));
    return true;
  }

 private:
  [[nodiscard]] Bytes share_of_capacity(double share) const {
    return Bytes{static_cast<std::int64_t>(share * static_cast<double>(pool().capacity().count()))};
  }

  void enter(ContainerId id) {
    const FunctionId function = pool().container(id).function;
    queues_.push_newest(ghosts_.contains(function) ? main_queue : small_queue, id);
    queues_.set_mark(id, 0);
    ghosts_.remove(function);
  }

  /// EVICT (lines 14 to 18). A queue without an idle container leaves it to the other one.
  ContainerId next_victim(Instant now) {
    if (queues_.bytes(small_queue) < share_of_capacity(small_share_)) {
      if (const ContainerId id = evict_main(now); id != no_container) return id;
    }
    if (const ContainerId id = evict_small(now); id != no_container) return id;
    return evict_main(now);
  }

  /// EVICTS (lines 19 to 30): promotes until one is found that goes, also when the queue falls below its share.
  ContainerId evict_small(Instant now) {
    for (;;) {
      const ContainerId id = queues_.oldest_idle(small_queue, now);
      if (id == no_container) return no_container;
      queues_.take_out(id);
      if (queues_.mark(id) <= promote_above_) {
        new_ghosts_.push_back(pool().container(id).function);
        return id;
      }
      queues_.push_newest(main_queue, id);
      queues_.set_mark(id, 0);
    }
  }

  /// EVICTM (lines 31 to 40).
  ContainerId evict_main(Instant now) {
    for (;;) {
      const ContainerId id = queues_.oldest_idle(main_queue, now);
      if (id == no_container) return no_container;
      queues_.take_out(id);
      const std::uint8_t uses = queues_.mark(id);
      if (uses == 0) return id;
      queues_.push_newest(main_queue, id);
      queues_.set_mark(id, static_cast<std::uint8_t>(uses - 1));
    }
  }

  double small_share_;
  double ghost_share_;
  std::uint8_t promote_above_;
  ContainerQueues queues_;
  FunctionGhosts ghosts_;
  std::vector<FunctionId> new_ghosts_;
};

}  // namespace

std::span<const ParameterSpec> s3_fifo_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"small", "0.1", "share of the memory that the small queue aims at", ""},
      {"ghost", "0.9", "memory of the ghosts, as a share of the pool's", ""},
      {"promote", "1", "warm starts in the small queue above which a container is promoted, 0 to 2", ""}};
  return specs;
}

Result<std::unique_ptr<KeepAlivePolicy>> make_s3_fifo(const Parameters& parameters) {
  THAW_TRY(const double small_share, parameters.number("small", 0, 1));
  THAW_TRY(const double ghost_share, parameters.number("ghost", 0, 100));
  THAW_TRY(const double promote, parameters.number("promote", 0, most_counted - 1));
  return std::make_unique<S3Fifo>(small_share, ghost_share, static_cast<std::uint8_t>(promote));
}

}  // namespace thaw::policies
