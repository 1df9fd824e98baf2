// Any idle container, each with equal chance.

#include "core/random.h"
#include "keepalive/pool.h"

namespace thaw::policies {
namespace {

class RandomPolicy final : public KeepAlivePolicy {
 public:
  explicit RandomPolicy(std::uint64_t seed) : random_(seed, "keepalive/random-victim") {}

  Retention on_start(ContainerId id, bool is_cold, Instant) override {
    if (is_cold) add(id);
    return {};
  }
  void on_prewarmed(ContainerId id, Instant) override { add(id); }

  void on_removed(ContainerId id, Removal, Instant) override {
    const std::size_t position = positions_[id];
    const ContainerId last = members_.back();
    members_[position] = last;
    positions_[last] = position;
    members_.pop_back();
  }

  bool choose_victims(Bytes to_free, FunctionId, Instant now, std::vector<ContainerId>& victims) override {
    const std::size_t before = victims.size();
    // A shuffle that is stopped as soon as enough is found: what was drawn lies behind `end`.
    std::size_t end = members_.size();
    while (to_free > Bytes{}) {
      if (end == 0) {
        victims.resize(before);
        return false;
      }
      const std::size_t drawn = random_.below(end);
      --end;
      std::swap(members_[drawn], members_[end]);
      positions_[members_[drawn]] = drawn;
      positions_[members_[end]] = end;
      const ContainerId id = members_[end];
      if (pool().is_busy(id, now)) continue;
      victims.push_back(id);
      to_free -= pool().function(pool().container(id).function).memory;
    }
    return true;
  }

 private:
  void add(ContainerId id) {
    if (id >= positions_.size()) positions_.resize(pool().slots());
    positions_[id] = members_.size();
    members_.push_back(id);
  }

  RandomStream random_;
  std::vector<ContainerId> members_;
  std::vector<std::size_t> positions_;
};

}  // namespace

std::span<const ParameterSpec> rand_parameters() { return {}; }

Result<std::unique_ptr<KeepAlivePolicy>> make_rand(const Parameters& parameters) {
  return std::make_unique<RandomPolicy>(parameters.seed());
}

}  // namespace thaw::policies
