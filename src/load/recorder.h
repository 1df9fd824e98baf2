#pragma once
// Takes what the senders report: counts and histograms at once, rows of samples.csv through a ring by a thread of its
// own, so that a sender never waits for a disk. Memory does not grow with the number of invocations.

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/files.h"
#include "load/invocation.h"
#include "stats/histogram.h"

namespace thaw {

/// Counts and distributions of a set of invocations. Latencies in nanoseconds.
struct LoadTotals {
  LoadTotals();
  void add(const Invocation& invocation);
  /// Loses nothing. REQUIRES: none.
  void merge(const LoadTotals& other);

  std::uint64_t planned = 0;  ///< Everything that came, sent or not.
  std::uint64_t sent = 0;     ///< Taken up and handed to the kernel.
  std::uint64_t ok = 0;
  std::uint64_t in_flight = 0;  ///< Without an end when the run ended: censored.
  std::uint64_t cold = 0;
  std::uint64_t knows_cold = 0;
  std::array<std::uint64_t, cause_count> by_cause{};
  Histogram response;  ///< Intended start to end, of good answers.
  Histogram service;   ///< Sending to end, of good answers.
  Histogram lateness;  ///< Intended start to dispatch, of everything dispatched.
  std::int64_t last_done_ns = 0;

  [[nodiscard]] std::uint64_t failed() const;
};

/// Where rows go; see docs/formats/load.md for the columns.
struct RecordFiles {
  Path samples;
  const std::vector<TraceFunction>* functions = nullptr;
  bool has_seconds = false;  ///< Columns of the plan are seconds: ids read "sec3.inv0".
};

class Recorder final : public InvocationSink {
 public:
  /// With files: opens them and starts the writer. Errors: environment.
  static Result<std::unique_ptr<Recorder>> create(const std::optional<RecordFiles>& files,
                                                  std::size_t functions);
  ~Recorder() override;

  void take(const Invocation& invocation) override;
  /// Everything is on its way to the disk when this returns. Errors: environment (disk full): rows are missing.
  Result<> finish();

  [[nodiscard]] const LoadTotals& measured() const { return measured_; }
  [[nodiscard]] const LoadTotals& warmup() const { return warmup_; }
  /// Good answers, for a progress line. May be read by other threads.
  [[nodiscard]] std::uint64_t answered() const { return answered_.load(std::memory_order_relaxed); }

 private:
  Recorder() = default;
  void write_rows();
  void append_row(const Invocation& invocation);

  static constexpr std::size_t ring_size = std::size_t{1} << 15;
  LoadTotals measured_, warmup_;
  std::atomic<std::uint64_t> answered_{0};
  std::optional<RecordFiles> files_;
  FileDescriptor samples_;
  std::vector<Invocation> ring_;
  std::atomic<std::uint64_t> head_{0}, tail_{0};  ///< Written, read.
  std::atomic<bool> is_ending_{false};
  std::optional<Error> failure_;
  std::string text_;
  std::thread writer_;
};

/// The columns of samples.csv: the predecessor's fifteen, then ours.
std::string_view load_record_header();

}  // namespace thaw
