// SIEVE (Zhang, Yang, Yue, Vigfusson & Rashmi, NSDI 2024): a queue in the order of arrival, a bit per container that a
// warm start sets, and a hand that walks from the old end to the new one. Where the bit is set the hand clears it and
// goes on; the first container without it goes. Nothing moves on a warm start.
//
// Running containers are stepped over and keep their bit.

#include "keepalive/container_queues.h"

namespace thaw::policies {
namespace {

constexpr ContainerQueues::Queue all = 0;

class Sieve final : public KeepAlivePolicy {
 public:
  void attach(Pool& pool) override {
    KeepAlivePolicy::attach(pool);
    queues_.attach(pool);
  }

  Retention on_start(ContainerId id, bool is_cold, Instant /*now*/) override {
    if (is_cold) {
      enter(id);
    } else {
      queues_.come_back_behind(id, hand_);
      queues_.set_mark(id, 1);
    }
    return {};
  }
  void on_prewarmed(ContainerId id, Instant /*now*/) override { enter(id); }
  void on_idle(ContainerId id, Instant /*now*/) override { queues_.come_back_behind(id, hand_); }
  void on_removed(ContainerId id, Removal /*reason*/, Instant /*now*/) override {
    if (id == hand_ && !queues_.is_aside(id)) hand_ = queues_.newer(id);
    queues_.take_out(id);
  }

  bool choose_victims(Bytes to_free, FunctionId /*newcomer*/, Instant now,
                      std::vector<ContainerId>& victims) override {
    if (!queues_.may_free(to_free)) return false;
    step_over_running(now);
    const std::size_t before = victims.size();
    const ContainerId hand_before = hand_;
    queues_.begin_choice();
    while (to_free > Bytes{}) {
      const ContainerId id = next_victim(now);
      if (id == no_container) {
        queues_.take_back_choice();
        hand_ = hand_before;
        victims.resize(before);
        return false;
      }
      victims.push_back(id);
      to_free -= pool().function(pool().container(id).function).memory;
    }
    queues_.keep_choice();
    return true;
  }

 private:
  void enter(ContainerId id) {
    queues_.push_newest(all, id);
    queues_.set_mark(id, 0);
  }

  /// Moves the hand to a container that is idle, or to the end.
  void step_over_running(Instant now) {
    while (hand_ != no_container && pool().is_busy(hand_, now)) {
      const ContainerId running = hand_;
      hand_ = queues_.newer(running);
      queues_.step_aside(running);
    }
  }

  ContainerId next_victim(Instant now) {
    for (;;) {
      step_over_running(now);
      if (hand_ == no_container) {
        hand_ = queues_.oldest(all);
        if (hand_ == no_container) return no_container;
        continue;
      }
      const ContainerId id = hand_;
      hand_ = queues_.newer(id);
      if (queues_.mark(id) == 0) {
        queues_.take_out(id);
        return id;
      }
      queues_.set_mark(id, 0);
    }
  }

  ContainerQueues queues_;
  ContainerId hand_ = no_container;  ///< Looked at next; no_container: the oldest.
};

}  // namespace

std::span<const ParameterSpec> sieve_parameters() { return {}; }

Result<std::unique_ptr<KeepAlivePolicy>> make_sieve(const Parameters&) { return std::make_unique<Sieve>(); }

}  // namespace thaw::policies
