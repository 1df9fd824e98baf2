#include "load/planned_load.h"

#include <algorithm>
#include <chrono>

#include "core/text.h"
#include "load/thread_rank.h"

namespace thaw {

Result<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto index = parse_integer(text.substr(0, slash));
  const auto count = slash == std::string_view::npos ? std::nullopt : parse_integer(text.substr(slash + 1));
  if (index && count && *count >= 1 && *index >= 0 && *index <= *count)
    return Shard{static_cast<std::uint64_t>(*index), static_cast<std::uint64_t>(*count)};
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no shard", text), "--shard",
                 "the second of three generators is --shard 2/3");
}

// --- reading ahead -----------------------------------------------------------------------------------------------------

ReadAhead::ReadAhead(std::unique_ptr<PlanSource> source, std::size_t blocks)
    : source_(std::move(source)), ring_(blocks), reader_([this] { read(); }) {}

ReadAhead::~ReadAhead() {
  is_stopped_.store(true);
  tail_.fetch_add(1);
  tail_.notify_one();
  reader_.join();
}

void ReadAhead::read() {
  stay_behind();
  for (bool has_more = true; has_more;) {
    const std::uint64_t head = head_.load();
    for (std::uint64_t tail = tail_.load(); head - tail == ring_.size() && !is_stopped_.load();
         tail = tail_.load()) {
      tail_.wait(tail);
    }
    if (is_stopped_.load()) return;
    Slot& slot = ring_[head % ring_.size()];
    slot.error.reset();
    if (auto read = source_->next(slot.block); !read) slot.error = std::move(read).error();
    has_more = !slot.error && !slot.block.empty();
    head_.store(head + 1);
    head_.notify_one();
  }
}

Result<> ReadAhead::next(std::vector<PlannedInvocation>& block) {
  const std::uint64_t tail = tail_.load();
  while (head_.load() == tail) head_.wait(tail);
  Slot& slot = ring_[tail % ring_.size()];
  if (slot.error) return tl::unexpected(*slot.error);
  if (slot.block.empty()) {  // The end stays the end.
    block.clear();
    return {};
  }
  block.swap(slot.block);
  tail_.store(tail + 1);
  tail_.notify_one();
  return {};
}

// --- arrivals ----------------------------------------------------------------------------------------------------------

PlannedInvocations::PlannedInvocations(std::unique_ptr<PlanSource> source, const PlanTiming& timing,
                                       const Shard& shard)
    : source_(std::move(source)), timing_(timing), shard_(shard) {}

void PlannedInvocations::widen(PlannedInvocation& planned) {
  if (planned.function >= names_.size()) names_.resize(planned.function + 1);
  Name& name = names_[planned.function];
  planned.column /= timing_.columns_per_name;
  if (name.column != planned.column) name = {planned.column, 0};
  planned.number = name.next_number++;
}

Result<const Invocation*> PlannedInvocations::next() {
  for (;;) {
    if (next_ == block_.size()) {
      THAW_CHECK(source_->next(block_));
      next_ = 0;
      if (block_.empty()) return nullptr;
    }
    PlannedInvocation& planned = block_[next_++];
    const bool is_warmup = planned.column < timing_.warmup_columns;
    // Identities are those of the whole plan, whichever shard sends them.
    if (timing_.columns_per_name > 1) widen(planned);
    if (!shard_.has(place_++)) continue;
    invocation_ = Invocation{};
    invocation_.function = planned.function;
    invocation_.column = planned.column;
    invocation_.number = planned.number;
    invocation_.runtime_ms = planned.runtime_ms;
    invocation_.memory_mib = planned.memory_mib;
    invocation_.phase = is_warmup ? 1 : 2;
    invocation_.intended_ns = static_cast<std::int64_t>(planned.time_ms * 1e6 / timing_.speedup + 0.5);
    return &invocation_;
  }
}

// --- closed loop -------------------------------------------------------------------------------------------------------

Invocation ClosedLoop::make(std::int64_t intended_ns) {
  Invocation invocation;
  invocation.intended_ns = intended_ns;
  invocation.column = static_cast<std::uint32_t>(intended_ns / options_.column.count());
  if (invocation.column >= counts_.size()) counts_.resize(invocation.column + 1);
  invocation.number = counts_[invocation.column]++;
  invocation.runtime_ms = options_.execution.runtime_ms;
  invocation.memory_mib = options_.execution.memory_mib;
  invocation.phase = intended_ns < options_.warmup.count() ? 1 : 2;
  return invocation;
}

Result<const Invocation*> ClosedLoop::next() {
  if (begun_ == options_.connections) return nullptr;
  ++begun_;
  invocation_ = make(0);
  return &invocation_;
}

void ClosedLoop::follow(const Invocation& ended, std::vector<Invocation>& next) {
  std::int64_t intended = ended.done_ns + options_.think.count();
  // A server that refuses is not asked again as fast as this machine can.
  const bool was_answered =
      ended.cause == Cause::none || ended.cause == Cause::status || ended.cause == Cause::platform_dropped;
  if (!was_answered) intended += 1'000'000;
  if (intended < (options_.warmup + options_.duration).count()) next.push_back(make(intended));
}

}  // namespace thaw
