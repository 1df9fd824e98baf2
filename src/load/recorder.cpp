#include "load/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "load/thread_rank.h"

namespace thaw {
namespace {

/// One thread writes, so that no locked addition is needed.
template <class Number>
void bump(std::atomic<Number>& counter, Number by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

std::size_t bucket_of(std::int64_t ns) {
  const auto& ends = LiveCounters::bucket_ends;
  return static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), ns) - ends.begin());
}

/// Rows are written so many bytes at a time. Where the kernel does not interrupt itself (PREEMPT_NONE) the sending thread
/// cannot wake up on this processor before a write is done: 128 KiB keep it for 0.4 ms.
constexpr std::size_t piece_bytes = std::size_t{8} << 10;

/// As many rows as fit into a piece, or one longer row. REQUIRES: whole rows.
std::size_t end_of_piece(std::string_view rows) {
  if (rows.size() <= piece_bytes) return rows.size();
  const std::size_t last = rows.rfind('\n', piece_bytes - 1);
  return (last != std::string_view::npos ? last : rows.find('\n')) + 1;
}

}  // namespace

void count(const Invocation& invocation, std::int64_t execution_ns, LoadTotals& totals) {
  ++totals.planned;
  totals.last_intended_ns = std::max(totals.last_intended_ns, invocation.intended_ns);
  if (invocation.dispatched_ns != missing_ns) totals.lateness.record(invocation.lateness_ns());
  if (invocation.sent_ns != missing_ns) ++totals.sent;
  if (invocation.attempt > 1) ++totals.retried;
  if (invocation.knows_cold) {
    ++totals.knows_cold;
    if (invocation.is_cold) ++totals.cold;
  }
  if (invocation.is_in_flight()) {
    ++totals.in_flight;
    return;
  }
  ++totals.by_cause[static_cast<std::size_t>(invocation.cause)];
  totals.last_done_ns = std::max(totals.last_done_ns, invocation.done_ns);
  if (invocation.cause != Cause::none) return;
  ++totals.ok;
  totals.response.record(invocation.response_ns());
  totals.service.record(invocation.service_ns());
  if (execution_ns <= 0) return;
  totals.slowdown.add(static_cast<double>(std::max<std::int64_t>(invocation.response_ns(), 1)) /
                      static_cast<double>(execution_ns));
}

void count(const Invocation& invocation, std::int64_t execution_ns, FunctionTotals& totals) {
  ++totals.planned;
  if (invocation.knows_cold) {
    ++totals.knows_cold;
    if (invocation.is_cold) ++totals.cold;
  }
  if (invocation.is_in_flight()) return;
  if (invocation.cause != Cause::none) {
    if (invocation.cause != Cause::dropped) ++totals.failed;
    return;
  }
  ++totals.ok;
  if (!totals.response) totals.response = *Histogram::create(function_latency_range());
  totals.response->record(invocation.response_ns());
  if (execution_ns <= 0) return;
  ++totals.slowdowns;
  totals.reciprocal_slowdown_sum += static_cast<double>(execution_ns) /
                                    static_cast<double>(std::max<std::int64_t>(invocation.response_ns(), 1));
}

void LiveCounters::add(const Invocation& invocation) {
  bump(ended);
  if (invocation.sent_ns != missing_ns) bump(sent);
  if (invocation.is_cold) bump(cold);
  if (invocation.dispatched_ns != missing_ns) {
    const std::int64_t late = invocation.lateness_ns();
    bump(lateness[bucket_of(late)]);
    bump(lateness_sum_us, static_cast<std::uint64_t>(std::max<std::int64_t>(late, 0) / 1000));
    if (late > latest_ns.load(std::memory_order_relaxed)) latest_ns.store(late, std::memory_order_relaxed);
  }
  if (invocation.is_in_flight()) return bump(in_flight);
  bump(by_cause[static_cast<std::size_t>(invocation.cause)]);
  if (invocation.cause != Cause::none) return;
  bump(ok);
  bump(response[bucket_of(invocation.response_ns())]);
  bump(response_sum_us, static_cast<std::uint64_t>(invocation.response_ns() / 1000));
}

Result<std::unique_ptr<Recorder>> Recorder::create(const RecorderOptions& options) {
  std::unique_ptr<Recorder> recorder(new Recorder(options));
  if (options.rows.functions != nullptr) {
    recorder->functions_.resize(options.rows.functions->size());
    for (std::size_t i = 0; i < recorder->functions_.size(); ++i)
      recorder->functions_[i].name = (*options.rows.functions)[i].name;
  }
  if (!options.samples && options.listeners.empty()) return recorder;
  if (options.samples) {
    recorder->samples_ =
        FileDescriptor(::open(options.samples->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!recorder->samples_.is_open()) {
      return fail_at(ErrorKind::environment, fmt::format("cannot write: {}", std::strerror(errno)),
                     options.samples->string());
    }
    recorder->write_text(load_record_header());
    if (recorder->failure_) return tl::unexpected(*recorder->failure_);
  }
  recorder->ring_.resize(ring_size);
  recorder->writer_ = std::thread([raw = recorder.get()] { raw->write_rows(); });
  return recorder;
}

Recorder::~Recorder() { (void)finish(); }

void Recorder::take(const Invocation& invocation) {
  const bool is_measured = invocation.phase != 1;
  const std::int64_t execution = execution_ns(invocation);
  count(invocation, execution, is_measured ? measured_ : warmup_);
  if (!is_measured) stability_.add(invocation);
  if (is_measured && invocation.function < functions_.size())
    count(invocation, execution, functions_[invocation.function]);
  live_.add(invocation);
  if (ring_.empty()) return;
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  // A full ring means a disk or a writer that cannot follow: then the rows matter more than the pace. Sleeping leaves the
  // processor to the writer, whatever this thread's rank is.
  while (head - tail_.load(std::memory_order_acquire) == ring_size)
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  ring_[head % ring_size] = invocation;
  head_.store(head + 1, std::memory_order_release);
}

std::int64_t Recorder::execution_ns(const Invocation& invocation) const {
  if (invocation.function < options_.executions.size())
    return options_.executions[invocation.function].count();
  return std::int64_t{invocation.runtime_ms} * 1'000'000;
}

bool Recorder::has_deferred_work() const {
  return head_.load(std::memory_order_relaxed) != tail_.load(std::memory_order_relaxed) &&
         options_.listeners.empty();
}

// Never waits for the writer, which may have to wait for a processor.
bool Recorder::do_deferred_work() {
  const std::unique_lock lock(text_mutex_, std::try_to_lock);
  return lock && text_.size() < most_text_bytes && append_oldest();
}

/// Formats the oldest row of the ring; false when there is none. REQUIRES: text_mutex_ is held.
bool Recorder::append_oldest() {
  const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  if (tail == head_.load(std::memory_order_acquire)) return false;
  const Invocation& invocation = ring_[tail % ring_size];
  if (samples_.is_open() && !has_failed()) append_row(options_.rows, invocation, text_);
  for (RowListener* listener : options_.listeners) listener->listen(invocation);
  // Room for the sender as early as possible.
  tail_.store(tail + 1, std::memory_order_release);
  return true;
}

void Recorder::write_rows() {
  stay_behind();
  std::string rows;
  for (;;) {
    const bool is_last = is_ending_.load(std::memory_order_acquire);
    for (bool has_more = true; has_more;) {
      {
        const std::lock_guard lock(text_mutex_);
        while (text_.size() < piece_bytes && has_more) has_more = append_oldest();
        rows.swap(text_);
      }
      write_text(rows);
      rows.clear();
    }
    if (is_last) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void Recorder::write_text(std::string_view rows) {
  while (!rows.empty() && !failure_) {
    const std::size_t end = end_of_piece(rows);
    write_piece(rows.substr(0, end));
    rows.remove_prefix(end);
  }
}

void Recorder::write_piece(std::string_view piece) {
  auto written = write_all(samples_.get(), piece, "a row");
  if (written) {
    written_bytes_ += static_cast<std::int64_t>(piece.size());
    return;
  }
  failure_ = std::move(written).error().in(options_.samples->string());
  failure_->hint = "the rows before it are whole; free some space or choose another place with -o";
  has_failed_.store(true, std::memory_order_relaxed);
  keep_whole_rows(piece);
}

void Recorder::keep_whole_rows(std::string_view piece) {
  // What was written of the last piece ends somewhere in a row.
  const off_t end = ::lseek(samples_.get(), 0, SEEK_END);
  const auto of_piece = static_cast<std::size_t>(std::max<std::int64_t>(end - written_bytes_, 0));
  const std::size_t last = of_piece == 0 ? std::string::npos : piece.rfind('\n', of_piece - 1);
  const std::int64_t whole = last == std::string::npos ? 0 : static_cast<std::int64_t>(last) + 1;
  if (::ftruncate(samples_.get(), written_bytes_ + whole) != 0) return;  // Readers leave a torn row out.
}

Result<> Recorder::finish() {
  if (writer_.joinable()) {
    is_ending_.store(true, std::memory_order_release);
    writer_.join();
  }
  if (failure_) return tl::unexpected(*std::exchange(failure_, std::nullopt));
  return {};
}

}  // namespace thaw
