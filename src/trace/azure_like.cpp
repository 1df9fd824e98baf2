#include "trace/azure_like.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "trace/arrival_process.h"

namespace thaw {
namespace {

struct RatePoint {
  double q;        ///< Share of the functions that are at most as popular.
  double per_day;  ///< Their greatest rate.
};
/// The last rate solves azure_share_of_invocations(0.814) = 0.004.
constexpr std::array<RatePoint, 4> rate_points = {
    {{0, 1}, {0.45, 24}, {0.814, 1440}, {1, 1158013.8790187633}}};

/// Invocations a day of the functions up to `q`, for one function in total: ∫ of a piecewise exponential.
double invocations_below(double q) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < rate_points.size() && q > rate_points[i].q; ++i) {
    const RatePoint& a = rate_points[i];
    const RatePoint& b = rate_points[i + 1];
    const double slope = std::log(b.per_day / a.per_day) / (b.q - a.q);
    sum += a.per_day * std::expm1(slope * (std::min(q, b.q) - a.q)) / slope;
  }
  return sum;
}

/// Time to initialise, s: log-normal with median 0.5 s. Chosen, not published.
constexpr double init_mu = -0.69;
constexpr double init_sigma = 0.7;

TraceFunction drawn_function(std::size_t index, std::uint64_t seed) {
  RandomStream stream(seed, "trace.azure-like.functions", index);
  TraceFunction function;
  function.name = fmt::format("f{:06}", index);
  function.warm_ms = 1000 * std::exp(azure_duration_mu + azure_duration_sigma * stream.normal());
  function.memory_mb = azure_memory_quantile((static_cast<double>(stream() >> 12) + 0.5) * 0x1.0p-52);
  function.cold_ms = function.warm_ms + 1000 * std::exp(init_mu + init_sigma * stream.normal());
  return function;
}

ArrivalKind drawn_kind(const AzureLikeOptions& options, std::uint64_t count, std::size_t index) {
  constexpr double shortest_period_ms = 1000;
  const double u = RandomStream(options.seed, "trace.azure-like.kinds", index).uniform();
  const bool may_be_timer = options.duration_ms / static_cast<double>(count) >= shortest_period_ms;
  if (u < options.periodic_share) return may_be_timer ? ArrivalKind::periodic : ArrivalKind::poisson;
  return u < options.periodic_share + options.bursty_share ? ArrivalKind::bursty : ArrivalKind::poisson;
}

/// Every order of the counts equally likely (Fisher–Yates), so that a function's number says nothing of its rate.
void shuffle(std::vector<std::uint64_t>& counts, std::uint64_t seed) {
  RandomStream stream(seed, "trace.azure-like.order");
  for (std::size_t i = counts.size(); i > 1; --i) std::swap(counts[i - 1], counts[stream.below(i)]);
}

class AzureLikeFile final : public TraceFile {
 public:
  explicit AzureLikeFile(AzureLikeTrace trace) : trace_(std::move(trace)) {}

  [[nodiscard]] std::string_view form() const override { return "azure-like"; }
  [[nodiscard]] const std::vector<TraceFunction>& functions() const override { return trace_.functions(); }
  [[nodiscard]] Result<std::unique_ptr<InvocationSource>> open() const override { return trace_.open(); }
  [[nodiscard]] std::optional<std::uint64_t> invocations() const override {
    return std::accumulate(trace_.counts().begin(), trace_.counts().end(), std::uint64_t{0});
  }
  [[nodiscard]] const std::vector<Repair>& repairs() const override { return none_; }
  [[nodiscard]] const std::vector<Repair>& remarks() const override { return none_; }

 private:
  AzureLikeTrace trace_;
  std::vector<Repair> none_;
};

Result<> check(const AzureLikeOptions& options) {
  if (options.functions == 0 || options.functions > std::uint64_t{1} << 32) {
    return fail_at(ErrorKind::bad_usage, fmt::format("{} functions are impossible", options.functions),
                   "--functions");
  }
  if (options.invocations < options.functions) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("{} invocations are fewer than {} functions; each has at least one",
                               options.invocations, options.functions),
                   "--invocations");
  }
  const bool are_shares = options.periodic_share >= 0 && options.bursty_share >= 0 &&
                          options.periodic_share + options.bursty_share <= 1;
  if (!are_shares) {
    return fail_at(
        ErrorKind::bad_usage,
        fmt::format("the shares of periodic and bursty functions must be 0 … 1 together, got {} and {}",
                    options.periodic_share, options.bursty_share),
        "--periodic");
  }
  if (options.duration_ms > 0) return {};
  return fail_at(ErrorKind::bad_usage, "the trace has no duration", "--duration");
}

}  // namespace

double azure_share_of_invocations(double q) { return invocations_below(q) / invocations_below(1); }

double azure_memory_quantile(double p) {
  const double x = std::expm1(-std::log1p(-p) / azure_memory_k);
  return azure_memory_lambda * std::pow(x, 1 / azure_memory_c);
}

std::vector<std::uint64_t> azure_counts(std::size_t functions, std::uint64_t total) {
  const auto n = static_cast<double>(functions);
  std::vector<std::uint64_t> counts(functions);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < functions; ++i) {
    const double share = azure_share_of_invocations(static_cast<double>(i + 1) / n) -
                         azure_share_of_invocations(static_cast<double>(i) / n);
    counts[i] = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(share * static_cast<double>(total)));
    sum += counts[i];
  }
  // What rounding left goes to the most popular, one each; what the minimum of one cost comes from them.
  for (std::size_t i = functions; sum != total; i = i > 1 ? i - 1 : functions) {
    std::uint64_t& count = counts[i - 1];
    if (sum < total) {
      const std::uint64_t part = std::max<std::uint64_t>(1, (total - sum) / functions);
      count += part;
      sum += part;
    } else if (count > 1) {
      const std::uint64_t part = std::min(sum - total, std::max<std::uint64_t>(1, count / 16));
      count -= part;
      sum -= part;
    }
  }
  return counts;
}

Result<AzureLikeTrace> AzureLikeTrace::create(const AzureLikeOptions& options) {
  THAW_CHECK(check(options));
  AzureLikeTrace trace;
  trace.options_ = options;
  trace.counts_ = azure_counts(options.functions, options.invocations);
  shuffle(trace.counts_, options.seed);
  for (std::size_t i = 0; i < options.functions; ++i) {
    trace.functions_.push_back(drawn_function(i, options.seed));
    trace.kinds_.push_back(drawn_kind(options, trace.counts_[i], i));
  }
  return trace;
}

std::unique_ptr<TraceFile> as_trace_file(AzureLikeTrace trace) {
  return std::make_unique<AzureLikeFile>(std::move(trace));
}

std::unique_ptr<InvocationSource> AzureLikeTrace::open() const {
  std::vector<ArrivalProcess> processes;
  processes.reserve(functions_.size());
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    processes.emplace_back(kinds_[i], counts_[i], options_.duration_ms,
                           RandomStream(options_.seed, "trace.azure-like.arrivals", i));
  }
  const double slice_ms =
      options_.duration_ms * options_.invocations_per_block / static_cast<double>(options_.invocations);
  return merge_processes(std::move(processes), slice_ms);
}

}  // namespace thaw
