#pragma once
// What HIST of the research simulator remembers of a function, and what follows from it. Not the hybrid
// histogram as published (Shahrad et al., ATC 2020): it counts from start to start, tests the variance of the
// intervals instead of the spread of the bins, and has no prediction for intervals beyond the histogram.

#include <array>
#include <cstdint>

namespace thaw::faascache {

class ActivationHistory {
 public:
  static constexpr std::size_t minutes = 240;
  static constexpr double default_ttl_ms = 2 * 60 * 60 * 1000;

  /// The function is called: the time since the call before goes into the histogram. Intervals of four hours
  /// or more are not counted. Cost: one step per minute that ever occurred.
  void record(double now_ms);

  [[nodiscard]] double last_seen_ms() const { return last_seen_ms_; }
  /// A container expires this long after its last start.
  [[nodiscard]] double ttl_ms() const { return ttl_ms_; }
  /// Above zero: containers are unloaded when they finish, and come back this long after the last call.
  [[nodiscard]] double prewarm_ms() const { return prewarm_ms_; }

 private:
  void decide();
  void count(std::size_t minute);

  bool is_known_ = false;
  double last_seen_ms_ = 0;
  double ttl_ms_ = default_ttl_ms;
  double prewarm_ms_ = 0;
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double m2_ = 0;  ///< Sum of squared differences from the mean.
  std::array<std::uint32_t, minutes> bins_{};
  std::array<std::uint64_t, 4> occupied_{};  ///< A bit for every bin that is not empty.
};

}  // namespace thaw::faascache
