#pragma once
// Queues of containers for policies made of several of them (SIEVE, S3-FIFO, ARC, W-TinyLFU). A choice of victims may
// move containers about before it finds out that there are not enough; then all of it is taken back. A running
// container that a choice meets steps aside and comes back to the old end of its queue when it is idle, so that
// nobody walks over it twice.

#include <array>
#include <cstdint>
#include <vector>

#include "keepalive/pool.h"

namespace thaw {

class ContainerQueues {
 public:
  using Queue = std::uint8_t;
  static constexpr Queue no_queue = 0xff;
  static constexpr std::size_t most_queues = 4;

  void attach(Pool& pool) { pool_ = &pool; }

  /// Puts a container that is in no queue at the new or the old end of one.
  void push_newest(Queue queue, ContainerId id);
  void push_oldest(Queue queue, ContainerId id);
  /// Takes a container out, wherever it is; nothing when it is in no queue.
  void take_out(ContainerId id);
  /// Moves a container to the new end of a queue, from wherever it is.
  void renew(Queue queue, ContainerId id) {
    take_out(id);
    push_newest(queue, id);
  }

  /// The queue that a container is in or stepped aside from; no_queue when it is in none.
  [[nodiscard]] Queue queue_of(ContainerId id) const {
    return id < nodes_.size() ? nodes_[id].queue : no_queue;
  }
  [[nodiscard]] ContainerId oldest(Queue queue) const { return lists_[queue].oldest; }
  /// The next container towards the new end; no_container at the end.
  [[nodiscard]] ContainerId newer(ContainerId id) const { return nodes_[id].newer; }
  /// Memory of all containers of a queue, those aside included.
  [[nodiscard]] Bytes bytes(Queue queue) const { return lists_[queue].bytes; }
  /// A small figure of the policy's own, 0 at first.
  [[nodiscard]] std::uint8_t mark(ContainerId id) const { return nodes_[id].mark; }
  void set_mark(ContainerId id, std::uint8_t mark);

  /// The oldest container of a queue that is idle, still in it; no_container when there is none. Cost: constant, but
  /// for containers that step aside, once for each of their executions.
  ContainerId oldest_idle(Queue queue, Instant now);
  /// Makes a running container of a queue step aside until it is idle.
  void step_aside(ContainerId id);
  [[nodiscard]] bool is_aside(ContainerId id) const { return id < nodes_.size() && nodes_[id].is_aside; }
  /// A container that was aside is idle, or used again: it returns to the old end of its queue. Others stay.
  void come_back(ContainerId id);
  /// As come_back, but to the old side of `neighbour`, or to the new end when that is no_container.
  void come_back_behind(ContainerId id, ContainerId neighbour);

  /// Whether the containers that are not known to run hold so much. When not, a choice need not begin.
  [[nodiscard]] bool may_free(Bytes wanted) const { return present_ >= wanted; }
  /// From here on, changes can be taken back.
  void begin_choice();
  void keep_choice() { is_recording_ = false; }
  void take_back_choice();

 private:
  struct Node {
    ContainerId newer = no_container;
    ContainerId older = no_container;
    Queue queue = no_queue;
    std::uint8_t mark = 0;
    bool is_aside = false;
  };
  struct List {
    ContainerId newest = no_container;
    ContainerId oldest = no_container;
    Bytes bytes{};
  };
  enum class Act : std::uint8_t { linked, unlinked, marked };
  struct Change {
    ContainerId id = no_container;
    ContainerId newer = no_container;  ///< Neighbours before it was unlinked.
    ContainerId older = no_container;
    Act act = Act::linked;
    Queue queue = no_queue;
    std::uint8_t mark = 0;
  };

  Node& node(ContainerId id);
  [[nodiscard]] Bytes memory_of(ContainerId id) const {
    return pool_->function(pool_->container(id).function).memory;
  }
  /// Between two neighbours, either of which may be no_container.
  void link(Queue queue, ContainerId id, ContainerId newer, ContainerId older);
  void unlink(ContainerId id);

  Pool* pool_ = nullptr;
  std::vector<Node> nodes_;
  std::array<List, most_queues> lists_;
  Bytes present_{};  ///< Memory of the containers in queues, those aside excluded.
  bool is_recording_ = false;
  std::vector<Change> changes_;
  std::vector<ContainerId> stepped_aside_;  ///< During the choice.
};

}  // namespace thaw
