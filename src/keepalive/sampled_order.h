#pragma once
// Victims by a score that changes with time: some idle containers are drawn, and the one with the lowest score goes
// (Redis's practice; Blankstein, Sen & Freedman, ATC 2017). A running container that is drawn steps aside until it is
// idle.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/random.h"
#include "keepalive/pool.h"

namespace thaw {

class SampledOrder {
 public:
  /// `sample` containers are looked at for each victim; all of them when there are no more.
  SampledOrder(std::size_t sample, const RandomStream& random) : sample_(sample), random_(random) {}
  void attach(Pool& pool) { pool_ = &pool; }

  void add(ContainerId id);
  void remove(ContainerId id);
  /// The container is used again, or idle after having been watched: it is there again if it had stepped aside.
  void come_back(ContainerId id) {
    if (places_[id] == aside) add(id);
  }

  /// As KeepAlivePolicy::choose_victims; `score(id)` of the first to go is the lowest, equal ones go by last use.
  template <class Score>
  bool choose(Bytes to_free, Instant now, Score score, std::vector<ContainerId>& victims) {
    if (present_ < to_free) return false;
    const std::size_t before = victims.size();
    while (to_free > Bytes{}) {
      const ContainerId id = draw_lowest(now, score);
      if (id == no_container) {
        for (std::size_t i = before; i < victims.size(); ++i) add(victims[i]);
        victims.resize(before);
        return false;
      }
      remove(id);
      victims.push_back(id);
      to_free -= memory_of(id);
    }
    return true;
  }

 private:
  static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
  static constexpr std::uint32_t aside = nowhere - 1;

  [[nodiscard]] Bytes memory_of(ContainerId id) const {
    return pool_->function(pool_->container(id).function).memory;
  }
  void put(ContainerId id, std::size_t place) {
    members_[place] = id;
    places_[id] = static_cast<std::uint32_t>(place);
  }

  template <class Score>
  ContainerId draw_lowest(Instant now, Score score) {
    ContainerId best = no_container;
    double lowest = 0;
    // What was drawn lies at `end` and behind.
    std::size_t end = members_.size();
    for (std::size_t looked_at = 0; looked_at < sample_ && end > 0;) {
      const std::size_t drawn = end > sample_ - looked_at ? random_.below(end) : end - 1;
      const ContainerId id = members_[drawn];
      --end;
      put(members_[end], drawn);
      if (pool_->is_busy(id, now)) {
        if (end + 1 < members_.size()) put(members_.back(), end);
        members_.pop_back();
        places_[id] = aside;
        present_ -= memory_of(id);
        pool_->watch(id);
        continue;
      }
      put(id, end);
      ++looked_at;
      const double value = score(id);
      const bool is_lower =
          best == no_container || value < lowest ||
          (value == lowest && pool_->container(id).last_use < pool_->container(best).last_use);
      if (!is_lower) continue;
      best = id;
      lowest = value;
    }
    return best;
  }

  std::size_t sample_;
  RandomStream random_;
  Pool* pool_ = nullptr;
  std::vector<ContainerId> members_;
  std::vector<std::uint32_t> places_;  ///< By container: its place in members_, or nowhere, or aside.
  Bytes present_{};                    ///< Memory of the members.
};

inline void SampledOrder::add(ContainerId id) {
  if (id >= places_.size()) places_.resize(pool_->slots(), nowhere);
  if (places_[id] < aside) return;
  members_.push_back(id);
  places_[id] = static_cast<std::uint32_t>(members_.size() - 1);
  present_ += memory_of(id);
}

inline void SampledOrder::remove(ContainerId id) {
  if (id >= places_.size()) return;
  const std::uint32_t place = places_[id];
  places_[id] = nowhere;
  if (place >= aside) return;
  present_ -= memory_of(id);
  const ContainerId last = members_.back();
  members_.pop_back();
  if (last != id) put(last, place);
}

}  // namespace thaw
