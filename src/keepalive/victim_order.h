#pragma once
// In which order idle containers go: the two orders that most policies need. Both touch nothing but the containers'
// own figures while containers are used, and sort things out when a victim is wanted. A running container that comes
// up is set aside once and comes back when it is idle, so that a choice costs no more than the logarithm of the pool.

#include <cstdint>
#include <span>
#include <vector>

#include "keepalive/pool.h"

namespace thaw {

/// A binary heap of containers by (rank, last use), the lowest first.
class RankHeap {
 public:
  struct Entry {
    double rank = 0;
    std::uint64_t last_use = 0;
    ContainerId container = no_container;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.rank != b.rank ? a.rank < b.rank : a.last_use < b.last_use;
    }
  };
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& top() const { return entries_.front(); }
  void push(const Entry& entry);
  Entry pop();
  /// Puts another entry in the place of the top.
  void replace_top(const Entry& entry);
  /// Keeps what `is_valid` says, in linear time.
  template <class Predicate>
  void keep_if(Predicate is_valid) {
    std::erase_if(entries_, [&](const Entry& entry) { return !is_valid(entry); });
    restore();
  }

 private:
  void restore();
  void sift_down(std::size_t position, const Entry& entry);
  std::vector<Entry> entries_;
};

/// Containers by their last use, the longest unused first. A use costs a few stores.
class RecencyOrder {
 public:
  void attach(Pool& pool) { pool_ = &pool; }
  /// The container was just used (or added); its `last_use` is the newest of all.
  void use(ContainerId id);
  /// The container is idle, after having been watched.
  void idle(ContainerId id);
  void remove(ContainerId id);
  /// As KeepAlivePolicy::choose_victims.
  bool choose(Bytes to_free, Instant now, std::vector<ContainerId>& victims);
  /// The container that is chosen next, removed from the order; no_container when none is idle.
  ContainerId take(Instant now);
  /// Puts back what take gave. In the reverse order of taking.
  void put_back(ContainerId id);

 private:
  enum class Place : std::uint8_t { nowhere, listed, aside, returned };
  struct Link {
    ContainerId newer = no_container;
    ContainerId older = no_container;
  };
  void unlink(ContainerId id);
  bool is_top_valid() const;

  Pool* pool_ = nullptr;
  std::vector<Link> links_;
  std::vector<Place> places_;
  ContainerId newest_ = no_container;
  ContainerId oldest_ = no_container;
  RankHeap returned_;  ///< Set aside once, idle again: all older than the list.
};

/// Containers by `Container::priority`, the lowest first, equal ones by last use. Raising a priority costs nothing;
/// lowering one costs a push.
class PriorityOrder {
 public:
  void attach(Pool& pool) { pool_ = &pool; }
  /// The container was just used (or added) and has its new priority.
  void use(ContainerId id);
  void idle(ContainerId id);
  void remove(ContainerId id);
  bool choose(Bytes to_free, Instant now, std::vector<ContainerId>& victims);

 private:
  /// What the heap knows of a container: its one entry that counts.
  struct Queued {
    double rank = 0;
    std::uint64_t last_use = 0;  ///< 0: no entry counts.
  };
  void push(ContainerId id);
  [[nodiscard]] bool is_valid(const RankHeap::Entry& entry) const;
  void drop_outdated();

  Pool* pool_ = nullptr;
  RankHeap heap_;
  std::vector<Queued> queued_;
  std::vector<std::uint8_t> aside_;
  std::size_t live_ = 0;  ///< Entries that count.
};

}  // namespace thaw
