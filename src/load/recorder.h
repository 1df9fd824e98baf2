#pragma once
// Takes what the sender reports: counts and histograms at once, rows of samples.csv through a ring. The sender formats them
// while it has nothing else to do. A thread writes, so that the sender never waits for a disk, and formats the rest.
// Memory does not grow with the number of invocations.

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/files.h"
#include "core/units.h"
#include "load/invocation.h"
#include "load/load_rows.h"
#include "load/stability.h"

namespace thaw {

/// Adds one invocation. `execution_ns` is what slowdown refers to; 0: unknown, it counts for no slowdown.
void count(const Invocation& invocation, std::int64_t execution_ns, LoadTotals& totals);
void count(const Invocation& invocation, std::int64_t execution_ns, FunctionTotals& totals);

/// Counters that other threads may read while the load runs: progress, metrics. One thread writes.
class LiveCounters {
 public:
  /// Upper ends of the latency buckets, ns; the last one is open.
  static constexpr std::array<std::int64_t, 16> bucket_ends = {
      100'000,       250'000,       500'000,        1'000'000,     2'500'000,   5'000'000,
      10'000'000,    25'000'000,    50'000'000,     100'000'000,   250'000'000, 500'000'000,
      1'000'000'000, 2'500'000'000, 10'000'000'000, 60'000'000'000};
  using Buckets = std::array<std::atomic<std::uint64_t>, bucket_ends.size() + 1>;

  void add(const Invocation& invocation);

  std::atomic<std::uint64_t> ended{0}, sent{0}, ok{0}, cold{0}, in_flight{0};
  std::array<std::atomic<std::uint64_t>, cause_count> by_cause{};
  Buckets response{}, lateness{};
  std::atomic<std::uint64_t> response_sum_us{0}, lateness_sum_us{0};
  std::atomic<std::int64_t> latest_ns{0};  ///< The greatest lateness.
};

/// Takes invocations off the hot path, in the writer's thread.
class RowListener {
 public:
  virtual ~RowListener() = default;
  virtual void listen(const Invocation& invocation) = 0;
};

struct RecorderOptions {
  RowContext rows;
  std::int64_t warmup_ns = 0;  ///< Length of the warm-up, for its stability.
  std::vector<Nanos>
      executions;  ///< Of each function, where the target and not the caller says it; else empty.
  std::optional<Path> samples;          ///< Where rows go; none: only totals are kept.
  std::vector<RowListener*> listeners;  ///< Outlive the recorder.
};

class Recorder final : public InvocationSink {
 public:
  /// With a file: opens it and starts the writer. Errors: environment.
  static Result<std::unique_ptr<Recorder>> create(const RecorderOptions& options);
  ~Recorder() override;

  void take(const Invocation& invocation) override;
  /// Rows that are not formatted yet, unless there are listeners, whose thread is the writer's.
  [[nodiscard]] bool has_deferred_work() const override;
  bool do_deferred_work() override;
  /// Everything is on its way to the disk when this returns. Errors: environment (disk full): the rows so far are whole.
  Result<> finish();

  [[nodiscard]] const LoadTotals& measured() const { return measured_; }
  [[nodiscard]] const LoadTotals& warmup() const { return warmup_; }
  /// Of the measured phase, in the order of the plan's functions.
  [[nodiscard]] const std::vector<FunctionTotals>& functions() const { return functions_; }
  /// Of the warm-up.
  [[nodiscard]] WarmupStability stability() const { return stability_.judge(); }
  [[nodiscard]] const LiveCounters& live() const { return live_; }
  /// Whether writing has failed; the run may be stopped then.
  [[nodiscard]] bool has_failed() const { return has_failed_.load(std::memory_order_relaxed); }

 private:
  explicit Recorder(const RecorderOptions& options) : options_(options), stability_(options.warmup_ns) {}
  [[nodiscard]] std::int64_t execution_ns(const Invocation& invocation) const;
  void write_rows();
  bool append_oldest();
  void write_text(std::string_view rows);
  void write_piece(std::string_view piece);
  void keep_whole_rows(std::string_view piece);

  static constexpr std::size_t ring_size = std::size_t{1} << 14;
  /// The sender stops formatting when so many bytes wait to be written; the ring has room for more.
  static constexpr std::size_t most_text_bytes = std::size_t{256} << 10;
  RecorderOptions options_;
  LoadTotals measured_, warmup_;
  std::vector<FunctionTotals> functions_;
  StabilityWatch stability_;
  LiveCounters live_;
  FileDescriptor samples_;
  std::int64_t written_bytes_ = 0;
  std::vector<Invocation> ring_;                    ///< Empty when nobody wants rows.
  alignas(64) std::atomic<std::uint64_t> head_{0};  ///< Written.
  alignas(64) std::atomic<std::uint64_t> tail_{0};  ///< Read, by whoever holds text_mutex_.
  std::mutex text_mutex_;
  std::string text_;  ///< Whole rows, not written yet; guarded by text_mutex_.
  std::atomic<bool> is_ending_{false};
  std::atomic<bool> has_failed_{false};
  std::optional<Error> failure_;  ///< Of the writing thread.
  std::thread writer_;
};

}  // namespace thaw
