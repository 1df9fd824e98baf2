#pragma once
// Conditions on the result of a load: "p99 > 200ms", "errors > 1%", "lateness p99 > 1ms", "slowdown > 5".

#include <string>
#include <string_view>
#include <vector>

#include "record/load_totals.h"

namespace thaw {

/// One comparison of a figure with a limit.
class Condition {
 public:
  /// "[response|service|lateness] mean|p50|p90|p99|p999|max OP DURATION", where OP is > >= < <=;
  /// "errors|platform_dropped|dropped|in_flight|cold OP COUNT or PERCENT" of all planned; "slowdown [mean|p50|p99] OP
  /// FACTOR", without a word the harmonic mean; "throughput OP RATE"; "ok|planned OP COUNT".
  /// Errors: bad_usage with the nearest word.
  static Result<Condition> parse(std::string_view text);

  /// Whether it holds, `seconds` being the measured time. A figure that does not exist (no answers) fulfils nothing.
  [[nodiscard]] bool holds(const LoadTotals& totals, double seconds) const;
  /// Whether there is such a figure at all.
  [[nodiscard]] bool is_known(const LoadTotals& totals, double seconds) const;
  /// "p99 > 200ms, it is 213 ms".
  [[nodiscard]] std::string explain(const LoadTotals& totals, double seconds) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  enum class Operator : std::uint8_t { above, at_least, below, at_most };
  [[nodiscard]] double value(const LoadTotals& totals, double seconds) const;

  std::string text_;
  std::string subject_;    ///< "response", "errors", "slowdown", …
  std::string statistic_;  ///< "p99", "mean", …; empty where the subject needs none.
  Operator operator_ = Operator::above;
  bool is_share_ = false;  ///< Of everything planned.
  double limit_ = 0;       ///< Seconds, a share, a count or a factor.
};

}  // namespace thaw
