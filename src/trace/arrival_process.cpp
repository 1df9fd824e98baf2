#include "trace/arrival_process.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "trace/binomial.h"
#include "trace/slice_merge.h"

namespace thaw {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t poisson_cell =
    32;  ///< Mean arrivals in a cell: spreads the cost of the binomial draw.
constexpr std::uint64_t burst = 8;
constexpr double burst_width = 0.1;  ///< Of the cell.

class MergedProcesses final : public InvocationSource {
 public:
  MergedProcesses(std::vector<ArrivalProcess> processes, double slice_ms)
      : processes_(std::move(processes)), grid_{infinity, {slice_ms}}, next_ms_(processes_.size()) {
    for (std::size_t i = 0; i < processes_.size(); ++i) next_ms_[i] = processes_[i].next_ms();
  }

  Result<> next(InvocationBlock& block) override {
    block.clear();
    const double start = earliest(next_ms_);
    if (!std::isfinite(start)) return {};
    const double end = grid_.end_of_slice(start);
    items_.clear();
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      if (next_ms_[i] >= end) continue;
      processes_[i].emit(end, static_cast<FunctionIndex>(i), items_);
      next_ms_[i] = processes_[i].next_ms();
    }
    sorter_.sort(items_, start, end);
    block.time_ms.resize(items_.size());
    block.function.resize(items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      block.time_ms[i] = items_[i].time_ms;
      block.function[i] = items_[i].function;
    }
    return {};
  }

 private:
  std::vector<ArrivalProcess> processes_;
  SliceGrid grid_;
  std::vector<double> next_ms_;
  std::vector<TimedFunction> items_;
  SliceSorter<TimedFunction> sorter_;
};

}  // namespace

ArrivalProcess::ArrivalProcess(ArrivalKind kind, std::uint64_t count, double duration_ms, RandomStream stream)
    : kind_(kind), left_(count), stream_(stream) {
  if (kind_ == ArrivalKind::periodic) {
    cell_ms_ = duration_ms / static_cast<double>(std::max<std::uint64_t>(count, 1));
    phase_ = stream_.uniform();
    next_ms_ = count > 0 ? phase_ * cell_ms_ : infinity;
    return;
  }
  const std::uint64_t size = kind_ == ArrivalKind::poisson ? poisson_cell : burst;
  cells_ = std::max<std::uint64_t>(1, count / size);
  cell_ms_ = duration_ms / static_cast<double>(cells_);
  fill_pending();
}

std::uint64_t ArrivalProcess::draw_cell_count() {
  const std::uint64_t cells_left = cells_ - cell_;
  const std::uint64_t count = kind_ == ArrivalKind::poisson
                                  ? draw_binomial(left_, 1 / static_cast<double>(cells_left), stream_)
                                  : (left_ + cells_left - 1) / cells_left;
  left_ -= count;
  return count;
}

template <class Sink>
void ArrivalProcess::draw_cell(std::uint64_t count, Sink sink) {
  auto begin = static_cast<double>(cell_);
  double width = 1;
  if (kind_ == ArrivalKind::bursty) {
    begin += (1 - burst_width) * stream_.uniform();
    width = burst_width;
  }
  for (std::uint64_t i = 0; i < count; ++i) sink((begin + width * stream_.uniform()) * cell_ms_);
}

void ArrivalProcess::fill_pending() {
  pending_.clear();
  for (; pending_.empty() && cell_ < cells_; ++cell_)
    draw_cell(draw_cell_count(), [this](double time_ms) { pending_.push_back(time_ms); });
  std::sort(pending_.begin(), pending_.end(), std::greater<>());
  next_ms_ = pending_.empty() ? infinity : pending_.back();
}

void ArrivalProcess::emit(double until_ms, FunctionIndex function, std::vector<TimedFunction>& out) {
  if (kind_ == ArrivalKind::periodic) return emit_periodic(until_ms, function, out);
  while (next_ms_ < until_ms) {
    while (!pending_.empty() && pending_.back() < until_ms) {
      out.push_back({pending_.back(), function});
      pending_.pop_back();
    }
    if (!pending_.empty()) {
      next_ms_ = pending_.back();
      return;
    }
    // Cells wholly within the slice need not be sorted: the slice is.
    for (; cell_ < cells_ && static_cast<double>(cell_ + 1) * cell_ms_ < until_ms; ++cell_)
      draw_cell(draw_cell_count(), [&](double time_ms) { out.push_back({time_ms, function}); });
    fill_pending();
  }
}

void ArrivalProcess::emit_periodic(double until_ms, FunctionIndex function, std::vector<TimedFunction>& out) {
  while (next_ms_ < until_ms) {
    out.push_back({next_ms_, function});
    ++cell_;
    --left_;
    next_ms_ = left_ > 0 ? (phase_ + static_cast<double>(cell_)) * cell_ms_ : infinity;
  }
}

std::unique_ptr<InvocationSource> merge_processes(std::vector<ArrivalProcess> processes, double slice_ms) {
  return std::make_unique<MergedProcesses>(std::move(processes), slice_ms);
}

}  // namespace thaw
