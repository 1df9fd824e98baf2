#include "sim/shared_trace.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "core/random.h"

namespace thaw {
namespace {

constexpr FunctionIndex left_out = std::numeric_limits<FunctionIndex>::max();

/// Keeps the invocations of the functions that take part, under their new numbers.
void renumber(InvocationBlock& block, std::span<const FunctionIndex> renumbered) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const FunctionIndex function = renumbered[block.function[i]];
    if (function == left_out) continue;
    block.time_ms[kept] = block.time_ms[i];
    block.function[kept] = function;
    if (!block.duration_ms.empty()) block.duration_ms[kept] = block.duration_ms[i];
    ++kept;
  }
  block.time_ms.resize(kept);
  block.function.resize(kept);
  if (!block.duration_ms.empty()) block.duration_ms.resize(kept);
}

void append(InvocationBlock& block, const InvocationBlock& more) {
  block.time_ms.insert(block.time_ms.end(), more.time_ms.begin(), more.time_ms.end());
  block.function.insert(block.function.end(), more.function.begin(), more.function.end());
  block.duration_ms.insert(block.duration_ms.end(), more.duration_ms.begin(), more.duration_ms.end());
}

class MemoryPass final : public TracePass {
 public:
  explicit MemoryPass(std::span<const InvocationBlock> blocks) : blocks_(blocks) {}
  Result<const InvocationBlock*> next_block(InvocationBlock& own) override {
    if (next_ < blocks_.size()) return &blocks_[next_++];
    own.clear();
    return &own;
  }

 private:
  std::span<const InvocationBlock> blocks_;
  std::size_t next_ = 0;
};

class StreamedPass final : public TracePass {
 public:
  StreamedPass(std::unique_ptr<InvocationSource> source, std::span<const FunctionIndex> renumbered)
      : source_(std::move(source)), renumbered_(renumbered) {}
  Result<const InvocationBlock*> next_block(InvocationBlock& own) override {
    own.clear();
    while (own.size() < enough) {
      THAW_CHECK(source_->next(part_));
      if (part_.size() == 0) break;
      if (!renumbered_.empty()) renumber(part_, renumbered_);
      append(own, part_);
    }
    return &own;
  }

 private:
  /// Several simulations take turns with the blocks, and each finds the caches full of the others' containers: blocks as
  /// long as this keep that rare.
  static constexpr std::size_t enough = std::size_t{1} << 20;

  std::unique_ptr<InvocationSource> source_;
  std::span<const FunctionIndex> renumbered_;
  InvocationBlock part_;
};

}  // namespace

Result<std::unique_ptr<SharedTrace>> SharedTrace::open(const std::string& path, const ReadOptions& options,
                                                       std::uint64_t most_in_memory, std::uint64_t functions,
                                                       std::uint64_t seed) {
  std::unique_ptr<SharedTrace> trace(new SharedTrace);
  THAW_TRY(trace->file_, open_trace(path, options));
  trace->functions_ = trace->file_->functions();
  if (functions > 0 && functions < trace->functions_.size()) trace->draw_functions(functions, seed);
  const auto count = trace->file_->invocations();
  if (!count || *count <= most_in_memory) THAW_CHECK(trace->load(most_in_memory));
  return trace;
}

void SharedTrace::draw_functions(std::uint64_t count, std::uint64_t seed) {
  std::vector<FunctionIndex> drawn(functions_.size());
  std::iota(drawn.begin(), drawn.end(), FunctionIndex{0});
  RandomStream random(seed, "sim.sweep.functions", count);
  for (std::size_t i = 0; i < count; ++i) std::swap(drawn[i], drawn[i + random.below(drawn.size() - i)]);
  drawn.resize(count);
  std::sort(drawn.begin(), drawn.end());
  renumbered_.assign(functions_.size(), left_out);
  std::vector<TraceFunction> kept;
  for (const FunctionIndex function : drawn) {
    renumbered_[function] = static_cast<FunctionIndex>(kept.size());
    kept.push_back(functions_[function]);
  }
  functions_ = std::move(kept);
}

Result<> SharedTrace::load(std::uint64_t most) {
  THAW_TRY(auto source, pass());
  std::uint64_t count = 0;
  for (;;) {
    InvocationBlock block;
    THAW_TRY(const InvocationBlock* next, source->next_block(block));
    if (next->size() == 0) break;
    count += block.size();
    if (count > most) {
      blocks_ = {};
      return {};
    }
    blocks_.push_back(std::move(block));
  }
  is_in_memory_ = true;
  return {};
}

Result<std::unique_ptr<TracePass>> SharedTrace::pass() const {
  if (is_in_memory_) return std::make_unique<MemoryPass>(blocks_);
  THAW_TRY(auto source, file_->open());
  return std::make_unique<StreamedPass>(std::move(source), renumbered_);
}

}  // namespace thaw
