#include "trace/sample.h"

#include <algorithm>
#include <numeric>

#include "trace/wasserstein.h"

namespace thaw {
namespace {

/// Counts and resources of a set of functions, by column.
struct ColumnValues {
  std::vector<std::vector<double>> counts, resources;  ///< The non-zero ones.

  explicit ColumnValues(std::size_t columns) : counts(columns), resources(columns) {}
  void clear() {
    for (auto& column : counts) column.clear();
    for (auto& column : resources) column.clear();
  }
  void add(const ArrivalCounts& trace, FunctionIndex function, double scale) {
    const double resource =
        average_ms(trace.functions[function]) * average_mb(trace.functions[function]) / scale;
    const auto& row = trace.counts[function];
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (row[column] == 0) continue;
      counts[column].push_back(row[column]);
      if (resource > 0) resources[column].push_back(row[column] * resource);
    }
  }
};

/// How far a candidate is from the original.
class Judge {
 public:
  Judge(const ArrivalCounts& source, const ArrivalCounts& original, double scale)
      : source_(source), scale_(scale), values_(original.columns()) {
    for (FunctionIndex f = 0; f < original.functions.size(); ++f) values_.add(original, f, scale);
    for (std::size_t column = 0; column < original.columns(); ++column) {
      counts_.emplace_back(values_.counts[column], original.functions.size());
      resources_.emplace_back(values_.resources[column], original.functions.size());
    }
  }

  FunctionSample judged(std::vector<FunctionIndex> functions) {
    values_.clear();
    for (const FunctionIndex function : functions) values_.add(source_, function, scale_);
    FunctionSample sample{.functions = std::move(functions)};
    const std::size_t size = sample.functions.size();
    for (std::size_t column = 0; column < counts_.size(); ++column) {
      sample.count_distance += SparseDistribution(values_.counts[column], size).distance_to(counts_[column]);
      sample.resource_distance +=
          SparseDistribution(values_.resources[column], size).distance_to(resources_[column]);
    }
    sample.count_distance /= static_cast<double>(counts_.size());
    sample.resource_distance /= static_cast<double>(counts_.size());
    return sample;
  }

 private:
  const ArrivalCounts& source_;
  double scale_;
  ColumnValues values_;
  std::vector<SparseDistribution> counts_, resources_;
};

/// `size` of the functions, every subset equally likely (Fisher–Yates, stopped early); ascending.
std::vector<FunctionIndex> random_subset(std::vector<FunctionIndex> functions, std::size_t size,
                                         RandomStream stream) {
  for (std::size_t i = 0; i < size; ++i)
    std::swap(functions[i], functions[i + stream.below(functions.size() - i)]);
  functions.resize(size);
  std::sort(functions.begin(), functions.end());
  return functions;
}

Result<> check(const ArrivalCounts& source, const ArrivalCounts& original, const SampleOptions& options) {
  if (options.least == 0 || options.step == 0 || options.least >= options.most || options.trials == 0) {
    return fail_at(
        ErrorKind::bad_usage,
        fmt::format("sizes must satisfy 0 < min < max with a step and trials above 0, got min {}, max {}, "
                    "step {}, {} trials",
                    options.least, options.most, options.step, options.trials),
        "--min");
  }
  if (!(options.resource_scale > 0)) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("the scale of resources must be above 0, got {}", options.resource_scale),
                   "--resource-scale");
  }
  if (options.most > source.functions.size()) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("a sample of {} functions cannot be taken from {}", options.most,
                               source.functions.size()),
                   "--max", "lower --max (and --min, --step with it)");
  }
  if (source.columns() != original.columns() || source.columns() == 0) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("the source has {} columns and the original {}; they must cover the same time",
                               source.columns(), original.columns()),
                   "--original");
  }
  return {};
}

}  // namespace

double average_ms(const TraceFunction& function) {
  return function.duration ? function.duration->average : function.warm_ms;
}

double average_mb(const TraceFunction& function) {
  return function.memory ? function.memory->average : function.memory_mb;
}

Result<std::vector<FunctionSample>> sample_functions(const ArrivalCounts& source,
                                                     const ArrivalCounts& original,
                                                     const SampleOptions& options) {
  THAW_CHECK(check(source, original, options));
  Judge judge(source, original, options.resource_scale);
  std::uint64_t candidate = 0;
  const auto best_of = [&](const std::vector<FunctionIndex>& from, std::size_t size) {
    FunctionSample best;
    double sum = 0;
    for (std::size_t trial = 0; trial < options.trials; ++trial) {
      FunctionSample sample =
          judge.judged(random_subset(from, size, RandomStream(options.seed, "trace.sample", candidate++)));
      sum += sample.score();
      if (best.functions.empty() || sample.score() < best.score()) best = std::move(sample);
    }
    if (best.score() > 0) best.improvement = sum / static_cast<double>(options.trials) / best.score();
    return best;
  };
  std::vector<std::size_t> sizes;
  for (std::size_t size = options.least; size < options.most; size += options.step) sizes.push_back(size);
  std::vector<FunctionIndex> from(source.functions.size());
  std::iota(from.begin(), from.end(), 0U);
  from = best_of(from, options.most).functions;
  std::vector<FunctionSample> samples;
  for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
    samples.push_back(best_of(from, *size));
    from = samples.back().functions;
  }
  return samples;
}

ArrivalCounts rows_of(const ArrivalCounts& source, const std::vector<FunctionIndex>& functions) {
  ArrivalCounts rows{.column_ms = source.column_ms};
  for (const FunctionIndex function : functions) {
    rows.functions.push_back(source.functions[function]);
    rows.counts.push_back(source.counts[function]);
  }
  return rows;
}

}  // namespace thaw
