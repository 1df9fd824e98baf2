#include <algorithm>
#include <cmath>
#include <limits>

#include "trace/plan_train.h"

namespace thaw {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The intervals of one column, one at a time.
class ColumnCursor {
 public:
  ColumnCursor(ArrivalLaw law, double column_us, StreamDraws draws)
      : law_(law), column_us_(column_us), draws_(draws), replay_(draws), from_start_(draws) {}

  /// Begins the next column. `draws_` ends behind everything the column needs.
  void begin(std::uint32_t count) {
    count_ = count;
    place_ = 0;
    at_ = 0;
    is_done_ = false;
    if (count == 0 || law_ == ArrivalLaw::equidistant || law_ == ArrivalLaw::poisson) return;
    replay_ = from_start_ = draws_;
    raw_ = 0;
    for (std::uint32_t i = 0; i < count; ++i) raw_ += arrival::gap(law_, draws_);
    if (arrival::is_shifted(law_)) cut(draws_.uniform() * column_us_);
  }

  [[nodiscard]] bool is_done() const { return is_done_; }

  /// The next interval. The last one, after the last arrival, ends the column.
  double next() {
    if (law_ == ArrivalLaw::poisson && count_ > 0) return next_poisson();
    const std::uint32_t place = place_++;
    is_done_ = place == count_;
    if (count_ == 0) return column_us_;
    if (law_ == ArrivalLaw::equidistant) return place == 0 ? 0 : column_us_ / count_;
    if (!arrival::is_shifted(law_)) return place == 0 ? 0 : next_gap();
    if (place == 0) return begin_us_;
    if (is_done_) return cut_gap_ - begin_us_;
    if (place == count_ - cut_) replay_ = from_start_;
    return next_gap();
  }

 private:
  double next_gap() { return arrival::scaled(arrival::gap(law_, replay_), raw_, column_us_); }

  /// Finds the gap that holds the split; `replay_` then stands behind it, and `cut_` gaps lie before it.
  void cut(double split) {
    double sum = 0;
    for (cut_ = 0; cut_ < count_; ++cut_) {
      cut_gap_ = next_gap();
      sum += cut_gap_;
      if (sum > split) break;
    }
    cut_ = std::min(cut_, count_ - 1);
    begin_us_ = std::max(0.0, sum - split);
  }

  double next_poisson() {
    const double gap = draws_.exponential() / count_ * column_us_;
    is_done_ = at_ + gap >= column_us_;
    if (is_done_) return column_us_ - at_;
    at_ += gap;
    return gap;
  }

  ArrivalLaw law_;
  double column_us_;
  StreamDraws draws_, replay_, from_start_;
  std::uint32_t count_ = 0, place_ = 0;
  std::uint32_t cut_ = 0;  ///< Gaps before the one that is cut.
  double raw_ = 0, begin_us_ = 0, cut_gap_ = 0;
  double at_ = 0;  ///< Of the Poisson process, within the column.
  bool is_done_ = false;
};

class ColumnTrain final : public PlanTrain {
 public:
  ColumnTrain(std::vector<std::uint32_t> counts, ArrivalLaw law, double column_ms, StreamDraws draws)
      : counts_(std::move(counts)), cursor_(law, column_ms * 1000, draws) {
    if (counts_.empty()) {
      next_us_ = infinity;
      return;
    }
    cursor_.begin(counts_.front());
    advance();
  }

  [[nodiscard]] double next_ms() const override { return next_us_ / 1000; }

  void emit(double until_ms, std::vector<PlannedInvocation>& out) override {
    while (next_us_ / 1000 < until_ms) {
      out.push_back({.time_ms = next_us_ / 1000, .column = column_, .number = number_});
      ++number_;
      advance();
    }
  }

 private:
  /// Moves to the next arrival, adding up intervals as lay_out() does.
  void advance() {
    double gap = cursor_.next();
    while (cursor_.is_done()) {
      ++column_;
      number_ = 0;
      if (column_ >= counts_.size()) {
        next_us_ = infinity;
        return;
      }
      cursor_.begin(counts_[column_]);
      gap += cursor_.next();
    }
    next_us_ += gap;
  }

  std::vector<std::uint32_t> counts_;
  ColumnCursor cursor_;
  double next_us_ = 0;
  std::uint32_t column_ = 0;
  std::uint32_t number_ = 0;
};

}  // namespace

std::unique_ptr<PlanTrain> column_train(std::vector<std::uint32_t> counts, ArrivalLaw law, double column_ms,
                                        StreamDraws draws) {
  return std::make_unique<ColumnTrain>(std::move(counts), law, column_ms, draws);
}

}  // namespace thaw
