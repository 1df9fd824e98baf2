#pragma once
// A queue of things that come due: the earliest first, equal instants in the order of insertion.
//
// A radix heap (Ahuja, Mehlhorn, Orlin & Tarjan, JACM 1990) with digits of four bits: as time never falls, an entry is put
// by the highest digit in which it differs from the last instant taken, and by that digit. It only ever moves to a lower
// place, so that pushing costs one store and taking a few, whatever the number of entries.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "keepalive/policy.h"

namespace thaw {

class InstantQueue {
 public:
  struct Entry {
    Instant at{};
    std::uint32_t id = 0;     ///< Container or function.
    std::uint32_t stamp = 0;  ///< Tells a valid entry from an outdated one.
  };

  [[nodiscard]] bool empty() const { return levels_ == 0; }
  /// When the first is due; `forever` when there is none.
  [[nodiscard]] Instant first() const { return empty() ? forever : earliest_[lowest()]; }

  /// An instant before the last one taken counts as that.
  void push(Instant at, std::uint32_t id, std::uint32_t stamp) { add({std::max(at, last_), id, stamp}); }

  /// The earliest entry that is due by `now`, or nullopt. `refresh(entry)` is asked about entries on their way: it may put
  /// the instant off, or say false to drop an entry that has become void.
  template <class Refresh>
  std::optional<Entry> pop(Instant now, Refresh refresh) {
    while (!empty()) {
      const std::size_t bucket = lowest();
      if (earliest_[bucket] > now) break;
      if (bucket >= digits) {
        sort_out(bucket, refresh);
        continue;
      }
      // All of one instant, in the order of insertion.
      std::vector<Entry>& due = buckets_[bucket];
      const Entry entry = due[taken_++];
      last_ = entry.at;
      if (taken_ == due.size()) {
        taken_ = 0;
        clear(bucket);
      }
      return entry;
    }
    return std::nullopt;
  }
  std::optional<Entry> pop(Instant now) {
    return pop(now, [](Entry&) { return true; });
  }

 private:
  static constexpr unsigned digit_bits = 4;
  static constexpr std::size_t digits = std::size_t{1} << digit_bits;
  static constexpr std::size_t level_count = 64 / digit_bits;

  [[nodiscard]] std::size_t lowest() const {
    const auto level = static_cast<std::size_t>(std::countr_zero(levels_));
    return level * digits + static_cast<std::size_t>(std::countr_zero(occupied_[level]));
  }

  void add(const Entry& entry) {
    const auto at = static_cast<std::uint64_t>(entry.at.count());
    const std::uint64_t difference = at ^ static_cast<std::uint64_t>(last_.count());
    const unsigned level = (63U - static_cast<unsigned>(std::countl_zero(difference | 1))) / digit_bits;
    const auto digit = static_cast<std::size_t>((at >> (level * digit_bits)) % digits);
    const std::size_t bucket = level * digits + digit;
    std::vector<Entry>& entries = buckets_[bucket];
    if (entries.empty() || entry.at < earliest_[bucket]) earliest_[bucket] = entry.at;
    occupied_[level] = static_cast<std::uint16_t>(occupied_[level] | (1U << digit));
    levels_ = static_cast<std::uint16_t>(levels_ | (1U << level));
    entries.push_back(entry);
  }

  void clear(std::size_t bucket) {
    buckets_[bucket].clear();
    const std::size_t level = bucket / digits;
    occupied_[level] = static_cast<std::uint16_t>(occupied_[level] & ~(1U << bucket % digits));
    if (occupied_[level] == 0) levels_ = static_cast<std::uint16_t>(levels_ & ~(1U << level));
  }

  /// Makes the earliest instant of the lowest bucket the last one, which spreads that bucket over lower levels.
  template <class Refresh>
  void sort_out(std::size_t bucket, Refresh refresh) {
    last_ = earliest_[bucket];
    moving_.swap(buckets_[bucket]);
    clear(bucket);
    for (Entry& entry : moving_) {
      if (refresh(entry)) add(entry);
    }
    moving_.clear();
  }

  Instant last_{};
  std::uint16_t levels_ = 0;                           ///< Bit per level that holds entries.
  std::array<std::uint16_t, level_count> occupied_{};  ///< Bit per digit, by level.
  std::size_t taken_ = 0;                              ///< Of the bucket that is being taken.
  std::array<Instant, level_count * digits> earliest_{};
  std::array<std::vector<Entry>, level_count * digits> buckets_;
  std::vector<Entry> moving_;
};

}  // namespace thaw
