#pragma once
// Functions whose container was evicted not long ago, the oldest first: the ghost lists of S3-FIFO and ARC. A
// function is in a list once, however many of its containers went.

#include <vector>

#include "keepalive/pool.h"

namespace thaw {

class FunctionGhosts {
 public:
  void attach(Pool& pool) { pool_ = &pool; }
  [[nodiscard]] bool contains(FunctionId function) const {
    return function < entries_.size() && entries_[function].is_listed;
  }
  [[nodiscard]] Bytes bytes() const { return bytes_; }

  /// Makes the function the newest.
  void add(FunctionId function) {
    if (function >= entries_.size()) entries_.resize(pool_->functions().size());
    remove(function);
    Entry& added = entries_[function];
    added = {no_function, newest_, true};
    (newest_ != no_function ? entries_[newest_].newer : oldest_) = function;
    newest_ = function;
    bytes_ += pool_->function(function).memory;
  }

  void remove(FunctionId function) {
    if (!contains(function)) return;
    Entry& gone = entries_[function];
    (gone.newer != no_function ? entries_[gone.newer].older : newest_) = gone.older;
    (gone.older != no_function ? entries_[gone.older].newer : oldest_) = gone.newer;
    gone.is_listed = false;
    bytes_ -= pool_->function(function).memory;
  }

  /// Drops the oldest ones until the others hold no more than `limit`.
  void shrink_to(Bytes limit) {
    while (bytes_ > limit && oldest_ != no_function) remove(oldest_);
  }

 private:
  struct Entry {
    FunctionId newer = no_function;
    FunctionId older = no_function;
    bool is_listed = false;
  };
  Pool* pool_ = nullptr;
  std::vector<Entry> entries_;
  FunctionId newest_ = no_function;
  FunctionId oldest_ = no_function;
  Bytes bytes_{};
};

}  // namespace thaw
