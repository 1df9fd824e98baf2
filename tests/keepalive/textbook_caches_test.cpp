// The queue policies against the algorithms of their papers, written down as they stand there. Where containers are of
// one size and executions never overlap, a pool is a plain cache, and every hit must be the same.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "policy_trial.h"

namespace thaw {
namespace {

using Key = std::uint64_t;
using Requests = std::vector<Key>;

/// Requests by Zipf's law with exponent 0.9.
Requests draw_requests(std::uint64_t seed, std::size_t keys, std::size_t count) {
  RandomStream random(seed, "tests.keepalive.textbook");
  std::vector<double> cumulative;
  double sum = 0;
  for (std::size_t i = 0; i < keys; ++i)
    cumulative.push_back(sum += std::pow(static_cast<double>(i + 1), -0.9));
  Requests requests(count);
  for (Key& key : requests) {
    const auto place = std::lower_bound(cumulative.begin(), cumulative.end(), random.uniform() * sum);
    key = static_cast<Key>(place - cumulative.begin());
  }
  return requests;
}

enum class Sizes { equal, mixed };

/// Size of an object in the unit of the capacity.
std::size_t size_of(Key key, Sizes sizes) { return sizes == Sizes::equal ? 1 : 1 + key % 4; }

/// One letter for each request: h for a hit, m for a miss.
std::string hits_of_policy(const std::string& policy, const Requests& requests, std::size_t capacity,
                           Sizes sizes = Sizes::equal) {
  testing::PolicyTrial trial(policy, 100.0 * static_cast<double>(capacity));
  for (const Key key : std::set<Key>(requests.begin(), requests.end()))
    trial.add("f" + std::to_string(key), {.memory_mb = 100.0 * static_cast<double>(size_of(key, sizes))});
  std::string hits;
  double at_s = 0;
  for (const Key key : requests) {
    hits += trial.invoke("f" + std::to_string(key), at_s += 1) == Outcome::warm ? 'h' : 'm';
  }
  return hits;
}

bool erase(std::list<Key>& list, Key key) {
  const auto found = std::find(list.begin(), list.end(), key);
  if (found == list.end()) return false;
  list.erase(found);
  return true;
}

/// Zhang et al., NSDI 2024, algorithm 1. The head of the list is the newest.
std::string sieve(const Requests& requests, std::size_t capacity) {
  std::list<Key> queue;
  std::map<Key, bool> visited;
  auto hand = queue.end();
  std::string hits;
  for (const Key key : requests) {
    if (const auto known = visited.find(key); known != visited.end()) {
      known->second = true;
      hits += 'h';
      continue;
    }
    hits += 'm';
    if (queue.size() == capacity) {
      auto object = hand != queue.end() ? hand : std::prev(queue.end());
      while (visited[*object]) {
        visited[*object] = false;
        object = object != queue.begin() ? std::prev(object) : std::prev(queue.end());
      }
      hand = object != queue.begin() ? std::prev(object) : queue.end();
      visited.erase(*object);
      queue.erase(object);
    }
    queue.push_front(key);
    visited[key] = false;
  }
  return hits;
}

/// Megiddo & Modha, FAST 2003, figure 4. Fronts are the least recently used.
class Arc {
 public:
  explicit Arc(std::size_t capacity) : c_(static_cast<double>(capacity)) {}

  char request(Key x) {
    if (erase(t1_, x) || erase(t2_, x)) {
      t2_.push_back(x);
      return 'h';
    }
    const bool is_in_b1 = std::find(b1_.begin(), b1_.end(), x) != b1_.end();
    const bool is_in_b2 = std::find(b2_.begin(), b2_.end(), x) != b2_.end();
    if (is_in_b1) {
      p_ = std::min(c_, p_ + std::max(size(b2_) / size(b1_), 1.0));
    } else if (is_in_b2) {
      p_ = std::max(0.0, p_ - std::max(size(b1_) / size(b2_), 1.0));
    }
    if (is_in_b1 || is_in_b2) {
      replace(is_in_b2);
      erase(is_in_b1 ? b1_ : b2_, x);
      t2_.push_back(x);
      return 'm';
    }
    admit(x);
    return 'm';
  }

 private:
  static double size(const std::list<Key>& list) { return static_cast<double>(list.size()); }
  static void move_first(std::list<Key>& from, std::list<Key>& to) {
    to.splice(to.end(), from, from.begin());
  }

  void replace(bool is_in_b2) {
    const bool takes_t1 = !t1_.empty() && (size(t1_) > p_ || (is_in_b2 && size(t1_) == p_));
    takes_t1 ? move_first(t1_, b1_) : move_first(t2_, b2_);
  }
  void admit(Key x) {
    const double first = size(t1_) + size(b1_), all = first + size(t2_) + size(b2_);
    if (first == c_) {
      if (size(t1_) < c_) {
        b1_.pop_front();
        replace(false);
      } else {
        t1_.pop_front();
      }
    } else if (all >= c_) {
      if (all == 2 * c_) b2_.pop_front();
      replace(false);
    }
    t1_.push_back(x);
  }

  double c_;
  double p_ = 0;
  std::list<Key> t1_, t2_, b1_, b2_;
};

/// Yang et al., SOSP 2023, algorithm 1. Fronts are the tails of the paper. A ghost that comes back is one no longer.
/// An overfull main queue (lines 25 and 26) waits for the next eviction, which line 15 then sends there.
class S3Fifo {
 public:
  S3Fifo(std::size_t capacity, Sizes sizes, double small_share = 0.1, int promote_above = 1)
      : capacity_(static_cast<double>(capacity)),
        small_(small_share * capacity_),
        promote_above_(promote_above),
        sizes_(sizes) {}

  char request(Key x) {
    if (const auto known = freq_.find(x); known != freq_.end()) {
      known->second = std::min(known->second + 1, 3);
      return 'h';
    }
    while (size(s_) + size(m_) + size({x}) > capacity_) evict();
    (erase(g_, x) ? m_ : s_).push_back(x);
    freq_[x] = 0;
    return 'm';
  }

 private:
  [[nodiscard]] double size(const std::list<Key>& list) const {
    double sum = 0;
    for (const Key key : list) sum += static_cast<double>(size_of(key, sizes_));
    return sum;
  }
  static Key take_tail(std::list<Key>& list) {
    const Key t = list.front();
    list.pop_front();
    return t;
  }

  void evict() { size(s_) >= small_ ? evict_small() : evict_main(); }
  void evict_small() {
    for (bool evicted = false; !evicted && !s_.empty();) {
      const Key t = take_tail(s_);
      if (freq_[t] > promote_above_) {
        freq_[t] = 0;
        m_.push_back(t);
        continue;
      }
      freq_.erase(t);
      g_.push_back(t);
      while (size(g_) > 0.9 * capacity_) g_.pop_front();
      evicted = true;
    }
  }
  void evict_main() {
    for (bool evicted = false; !evicted && !m_.empty();) {
      const Key t = take_tail(m_);
      if (freq_[t] > 0) {
        --freq_[t];
        m_.push_back(t);
        continue;
      }
      freq_.erase(t);
      evicted = true;
    }
  }

  double capacity_, small_;
  int promote_above_;
  Sizes sizes_;
  std::list<Key> s_, m_, g_;
  std::map<Key, int> freq_;
};

template <class Cache>
std::string hits_of(Cache cache, const Requests& requests) {
  std::string hits;
  for (const Key key : requests) hits += cache.request(key);
  return hits;
}

/// Keys, and containers that fit.
struct Setting {
  std::size_t keys, capacity;
};
constexpr Setting settings[] = {{30, 10}, {200, 20}, {200, 100}, {1000, 100}};

TEST(TextbookCache, SieveHitsWhereItsPaperSays) {
  for (std::uint64_t seed = 1; const Setting& setting : settings) {
    const Requests requests = draw_requests(seed++, setting.keys, 8000);
    EXPECT_EQ(hits_of_policy("sieve", requests, setting.capacity), sieve(requests, setting.capacity));
  }
}

TEST(TextbookCache, ArcHitsWhereItsPaperSays) {
  for (std::uint64_t seed = 1; const Setting& setting : settings) {
    const Requests requests = draw_requests(seed++, setting.keys, 8000);
    EXPECT_EQ(hits_of_policy("arc", requests, setting.capacity), hits_of(Arc(setting.capacity), requests));
  }
}

TEST(TextbookCache, S3FifoHitsWhereItsPaperSays) {
  for (std::uint64_t seed = 1; const Setting& setting : settings) {
    const Requests requests = draw_requests(seed++, setting.keys, 8000);
    EXPECT_EQ(hits_of_policy("s3-fifo", requests, setting.capacity),
              hits_of(S3Fifo(setting.capacity, Sizes::equal), requests));
  }
}

TEST(TextbookCache, S3FifoHitsWhereItsPaperSaysWithObjectsOfManySizes) {
  for (std::uint64_t seed = 11; const Setting& setting : settings) {
    const Requests requests = draw_requests(seed++, setting.keys, 8000);
    EXPECT_EQ(hits_of_policy("s3-fifo", requests, setting.capacity, Sizes::mixed),
              hits_of(S3Fifo(setting.capacity, Sizes::mixed), requests));
  }
}

TEST(TextbookCache, S3FifoHitsWhereItsPaperSaysWithOtherShares) {
  const Requests requests = draw_requests(21, 200, 8000);
  EXPECT_EQ(hits_of_policy("s3-fifo:small=0.3,promote=0", requests, 40),
            hits_of(S3Fifo(40, Sizes::equal, 0.3, 0), requests));
}

}  // namespace
}  // namespace thaw
