#pragma once
// The streams that the pacer takes: arrival plans, closed loops and workflows, each with its instants in ns and its
// phases.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "load/pacer.h"
#include "trace/call_graph.h"
#include "trace/plan.h"

namespace thaw {

/// Which part of a plan one generator of several sends: every n-th invocation.
struct Shard {
  std::uint64_t index = 0, count = 1;
  [[nodiscard]] bool has(std::uint64_t place) const { return place % count == index % count; }
};
/// "2/3"; the first number counts modulo the second, so "1/2, 2/2" and "0/2, 1/2" are both whole plans.
/// Errors: bad_usage.
Result<Shard> parse_shard(std::string_view text);

/// How a plan's milliseconds become the sender's nanoseconds.
struct PlanTiming {
  double speedup = 1;              ///< Divides all times.
  std::size_t warmup_columns = 0;  ///< Columns before this one are phase 1.
  /// So many columns of the plan are one of the identities: 60 where seconds are planned and minutes are named.
  std::uint32_t columns_per_name = 1;
};

/// Reads a plan ahead in a thread of its own, so that neither a file nor the drawing of a block ever delays a dispatch.
class ReadAhead final : public PlanSource {
 public:
  /// Keeps about `blocks` blocks ready. The source is used by the thread only.
  explicit ReadAhead(std::unique_ptr<PlanSource> source, std::size_t blocks = 4);
  ~ReadAhead() override;
  Result<> next(std::vector<PlannedInvocation>& block) override;

 private:
  struct Slot {
    std::vector<PlannedInvocation> block;
    std::optional<Error> error;
  };
  void read();

  std::unique_ptr<PlanSource> source_;
  std::vector<Slot> ring_;
  std::atomic<std::uint64_t> head_{0}, tail_{0};
  std::atomic<bool> is_stopped_{false};
  std::thread reader_;
};

/// A plan of arrivals.
class PlannedInvocations final : public InvocationPlan {
 public:
  PlannedInvocations(std::unique_ptr<PlanSource> source, const PlanTiming& timing, const Shard& shard);
  Result<const Invocation*> next() override;

 private:
  /// Where a function's last identity was.
  struct Name {
    std::uint32_t column = 0, next_number = 0;
  };
  /// Gives the invocation its place in a wider column.
  void widen(PlannedInvocation& planned);

  std::unique_ptr<PlanSource> source_;
  PlanTiming timing_;
  Shard shard_;
  std::vector<Name> names_;  ///< By function; empty where columns are named as they are planned.
  std::vector<PlannedInvocation> block_;
  std::size_t next_ = 0;
  std::uint64_t place_ = 0;
  Invocation invocation_;
};

/// Keeps so many invocations in flight until the time is over; each answer is followed by the next one.
class ClosedLoop final : public InvocationPlan, public Followers {
 public:
  struct Options {
    std::size_t connections = 1;
    Nanos duration{};
    Nanos warmup{};  ///< Before the duration.
    Nanos think{};   ///< From an answer to what follows it.
    Execution execution{0, 0};
    Nanos column = std::chrono::minutes(1);  ///< Of the identities.
  };
  explicit ClosedLoop(const Options& options) : options_(options) {}
  Result<const Invocation*> next() override;
  void follow(const Invocation& ended, std::vector<Invocation>& next) override;

 private:
  Invocation make(std::int64_t intended_ns);

  Options options_;
  std::size_t begun_ = 0;
  std::vector<std::uint32_t> counts_;  ///< Invocations by column.
  Invocation invocation_;
};

/// Workflows: each arrival of a graph's first function starts the graph; successors are sent, all at once, when every
/// predecessor has answered. One failed call of a workflow is sent a second time; a second failure abandons the workflow.
class Workflows final : public InvocationPlan, public Followers {
 public:
  /// `plan` holds arrivals of all functions; those of functions that begin no graph are left out. Execution times and
  /// memory of a graph's functions are drawn by their own laws, in the order of the arrivals.
  /// Errors: those of ExecutionLaw::of.
  static Result<std::unique_ptr<Workflows>> create(std::unique_ptr<PlanSource> plan,
                                                   const std::vector<TraceFunction>& functions,
                                                   std::vector<CallGraph> graphs, const PlanTiming& timing,
                                                   const Shard& shard, std::uint64_t seed);
  ~Workflows() override;
  Result<const Invocation*> next() override;
  void follow(const Invocation& ended, std::vector<Invocation>& next) override;

  /// Invocations of abandoned workflows that were never sent.
  [[nodiscard]] std::uint64_t abandoned() const { return abandoned_; }

 private:
  struct Running;
  struct FunctionDraws;
  Workflows(std::unique_ptr<PlanSource> plan, std::vector<CallGraph> graphs, const PlanTiming& timing,
            const Shard& shard);
  std::uint32_t start(std::uint32_t graph);
  /// Appends a call that begins when `after` has ended.
  void send(const Invocation& after, std::uint32_t node, std::vector<Invocation>& next);

  PlannedInvocations arrivals_;
  std::vector<CallGraph> graphs_;
  Shard shard_;
  std::vector<std::uint32_t> graph_of_;  ///< By function; none where it begins no graph.
  std::vector<FunctionDraws> draws_;     ///< By function.
  std::vector<std::unique_ptr<Running>> running_;
  std::vector<std::uint32_t> free_;
  std::uint64_t place_ = 0;
  std::uint64_t abandoned_ = 0;
  Invocation invocation_;
};

}  // namespace thaw
