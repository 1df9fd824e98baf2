#include "load/recorder.h"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

namespace thaw {
namespace {

constexpr std::array<std::string_view, cause_count> cause_names = {
    "none",       "connect_refused", "connect_timeout", "function_timeout", "reset",
    "bad_answer", "status",          "local",           "dropped"};

/// 1 ns to an hour with three digits: loss-free to merge and to export.
Histogram latency_histogram() { return *Histogram::create(HistogramRange{}); }

void add_text(std::string& row, std::string_view text) {
  row += text;
  row += ',';
}

void add_count(std::string& row, std::int64_t value) {
  char digits[24];
  row.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  row += ',';
}

/// Missing is empty, never 0.
void add_instant(std::string& row, std::int64_t ns) {
  if (ns == missing_ns) {
    row += ',';
  } else {
    add_count(row, ns);
  }
}

void add_truth(std::string& row, bool truth) { add_text(row, truth ? "true" : "false"); }

}  // namespace

std::string_view name_of(Cause cause) { return cause_names[static_cast<std::size_t>(cause)]; }

LoadTotals::LoadTotals()
    : response(latency_histogram()), service(latency_histogram()), lateness(latency_histogram()) {}

void LoadTotals::add(const Invocation& invocation) {
  ++planned;
  if (invocation.dispatched_ns != missing_ns) lateness.record(invocation.lateness_ns());
  if (invocation.sent_ns != missing_ns) ++sent;
  if (invocation.knows_cold) {
    ++knows_cold;
    if (invocation.is_cold) ++cold;
  }
  if (invocation.cause == Cause::none && invocation.done_ns == missing_ns) {
    ++in_flight;
    return;
  }
  ++by_cause[static_cast<std::size_t>(invocation.cause)];
  if (invocation.done_ns > last_done_ns) last_done_ns = invocation.done_ns;
  if (invocation.cause != Cause::none) return;
  ++ok;
  response.record(invocation.response_ns());
  service.record(invocation.service_ns());
}

void LoadTotals::merge(const LoadTotals& other) {
  planned += other.planned;
  sent += other.sent;
  ok += other.ok;
  in_flight += other.in_flight;
  cold += other.cold;
  knows_cold += other.knows_cold;
  for (std::size_t i = 0; i < cause_count; ++i) by_cause[i] += other.by_cause[i];
  // Equal ranges always merge.
  (void)response.merge(other.response);
  (void)service.merge(other.service);
  (void)lateness.merge(other.lateness);
  last_done_ns = std::max(last_done_ns, other.last_done_ns);
}

std::uint64_t LoadTotals::failed() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < cause_count; ++i) {
    if (static_cast<Cause>(i) != Cause::dropped) sum += by_cause[i];
  }
  return sum;
}

std::string_view load_record_header() {
  return "phase,instance,invocationID,startTime,requestedDuration,grpcConnEstablish,responseTime,"
         "actualDuration,"
         "connectionTimeout,functionTimeout,actualMemoryUsage,memoryAllocationTimeout,timeToSubmitMs,"
         "userCodeExecutionMs,timeToGetResponseMs,function,intended_ns,dispatched_ns,sent_ns,first_byte_ns,"
         "done_ns,"
         "lateness_ns,attempt,status_code,cause,cold\n";
}

Result<std::unique_ptr<Recorder>> Recorder::create(const std::optional<RecordFiles>& files,
                                                   std::size_t /*functions*/) {
  std::unique_ptr<Recorder> recorder(new Recorder);
  if (!files) return recorder;
  recorder->files_ = files;
  recorder->samples_ =
      FileDescriptor(::open(files->samples.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!recorder->samples_.is_open()) {
    return fail_at(ErrorKind::environment, fmt::format("cannot write: {}", std::strerror(errno)),
                   files->samples.string());
  }
  THAW_CHECK(write_all(recorder->samples_.get(), load_record_header(), "the header"));
  recorder->ring_.resize(ring_size);
  recorder->writer_ = std::thread([raw = recorder.get()] { raw->write_rows(); });
  return recorder;
}

Recorder::~Recorder() { (void)finish(); }

void Recorder::take(const Invocation& invocation) {
  (invocation.phase == 1 ? warmup_ : measured_).add(invocation);
  answered_.store(answered_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (!files_) return;
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  // A full ring means a disk that cannot follow: then the rows matter more than the pace.
  while (head - tail_.load(std::memory_order_acquire) == ring_size) std::this_thread::yield();
  ring_[head % ring_size] = invocation;
  head_.store(head + 1, std::memory_order_release);
}

void Recorder::write_rows() {
  for (;;) {
    const bool is_last = is_ending_.load(std::memory_order_acquire);
    std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    text_.clear();
    for (; tail != head && text_.size() < (std::size_t{1} << 18); ++tail) append_row(ring_[tail % ring_size]);
    if (!text_.empty() && !failure_) {
      if (auto written = write_all(samples_.get(), text_, "a row"); !written) failure_ = written.error();
    }
    tail_.store(tail, std::memory_order_release);
    if (tail != head) continue;
    if (is_last) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void Recorder::append_row(const Invocation& invocation) {
  const auto us = [](std::int64_t ns) { return ns == missing_ns ? 0 : ns / 1000; };
  std::string& row = text_;
  add_count(row, invocation.phase);
  add_text(row, invocation.instance.data());
  row += files_->has_seconds ? "sec" : "min";
  row += std::to_string(invocation.column);
  row += ".inv";
  add_count(row, invocation.number);
  add_count(row, static_cast<std::int64_t>(invocation.start_epoch_us));
  add_count(row, std::int64_t{invocation.runtime_ms} * 1000);
  add_count(row, us(invocation.connect_ns));
  add_count(row, invocation.done_ns == missing_ns || invocation.dispatched_ns == missing_ns
                     ? 0
                     : us(invocation.done_ns - invocation.dispatched_ns));
  add_count(row, invocation.actual_us == missing_ns ? 0 : invocation.actual_us);
  const bool is_connect = invocation.cause == Cause::connect_refused ||
                          invocation.cause == Cause::connect_timeout || invocation.cause == Cause::local;
  add_truth(row, is_connect);
  add_truth(row, invocation.cause != Cause::none && invocation.cause != Cause::dropped && !is_connect);
  add_count(row, invocation.actual_memory_kib == missing_ns ? 0 : invocation.actual_memory_kib / 1024);
  add_text(row, "false,0,0,0");
  add_text(row, (*files_->functions)[invocation.function].name);
  add_count(row, invocation.intended_ns);
  add_instant(row, invocation.dispatched_ns);
  add_instant(row, invocation.sent_ns);
  add_instant(row, invocation.first_byte_ns);
  add_instant(row, invocation.done_ns);
  add_instant(row, invocation.dispatched_ns == missing_ns ? missing_ns : invocation.lateness_ns());
  add_count(row, invocation.attempt);
  if (invocation.status != 0) row += std::to_string(invocation.status);
  row += ',';
  add_text(row, invocation.cause == Cause::none && invocation.done_ns == missing_ns
                    ? "in_flight"
                    : name_of(invocation.cause));
  if (invocation.knows_cold) row += invocation.is_cold ? "true" : "false";
  row += '\n';
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
