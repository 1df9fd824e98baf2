#pragma once
// Space-time of a server cut into windows: how much of each window an interval covers, and what it costs at given
// prices. Internal to bounds.h.

#include <cstdint>
#include <vector>

namespace thaw {

/// A place on the time line in units of a window.
struct WindowPosition {
  std::uint32_t window = 0;
  double fraction = 0;  ///< 0 … 1 within the window.
};

/// Equal windows over a span of time.
class Windows {
 public:
  Windows(std::int64_t begin, std::int64_t end, std::size_t count)
      : begin_(begin), width_(static_cast<double>(end - begin) / static_cast<double>(count)), count_(count) {}

  [[nodiscard]] std::size_t count() const { return count_; }
  /// Instants outside the span are moved to its ends.
  [[nodiscard]] WindowPosition position(std::int64_t instant) const;

 private:
  std::int64_t begin_;
  double width_;
  std::size_t count_;
};

/// A function of time that is constant in each window, with its integral.
class WindowPrices {
 public:
  explicit WindowPrices(std::vector<double> prices) : prices_(std::move(prices)), sums_(prices_.size() + 1) {
    for (std::size_t w = 0; w < prices_.size(); ++w) sums_[w + 1] = sums_[w] + prices_[w];
  }
  /// Integral from `begin` to `end`, in price times windows.
  [[nodiscard]] double between(const WindowPosition& begin, const WindowPosition& end) const {
    return integral(end) - integral(begin);
  }
  [[nodiscard]] const std::vector<double>& values() const { return prices_; }

 private:
  [[nodiscard]] double integral(const WindowPosition& at) const {
    return sums_[at.window] + prices_[at.window] * at.fraction;
  }
  std::vector<double> prices_;
  std::vector<double> sums_;
};

/// How much of each window is used: the sum of weighted intervals.
class WindowUse {
 public:
  explicit WindowUse(std::size_t windows) : partial_(windows), rise_(windows + 1) {}

  void add(const WindowPosition& begin, const WindowPosition& end, double weight) {
    // Every window from begin to the end counts whole, then what lies outside is taken off again.
    rise_[begin.window] += weight;
    rise_[end.window] -= weight;
    partial_[begin.window] -= weight * begin.fraction;
    partial_[end.window] += weight * end.fraction;
  }

  /// By window, in weight times windows.
  [[nodiscard]] std::vector<double> totals() const {
    std::vector<double> totals = partial_;
    double level = 0;
    for (std::size_t w = 0; w < totals.size(); ++w) totals[w] += level += rise_[w];
    return totals;
  }

 private:
  std::vector<double> partial_;
  std::vector<double> rise_;
};

inline WindowPosition Windows::position(std::int64_t instant) const {
  const double exact = width_ > 0 ? static_cast<double>(instant - begin_) / width_ : 0;
  if (exact <= 0) return {0, 0};
  const double last = static_cast<double>(count_ - 1);
  const double window = exact < last ? static_cast<double>(static_cast<std::uint64_t>(exact)) : last;
  const double fraction = exact - window;
  return {static_cast<std::uint32_t>(window), fraction < 1 ? fraction : 1};
}

}  // namespace thaw
