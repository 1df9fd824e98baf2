// Stops when the mean has settled although the values depend on their predecessors: block-bootstrap resamples of the
// values have nearly the same means as those of the repetition before (after He, Liu, Lama, Lee, Kim & Wang
// 2021, "Performance testing for cloud computing with dependent data bootstrapping").

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "bench/sampling_rule.h"
#include "core/random.h"
#include "stats/autocorrelation.h"

namespace thaw::rules {
namespace {

struct Settings {
  double threshold;
  double level;
  double epsilon;
  std::size_t samples;
};

__extension__ using Wide = unsigned __int128;

/// The sum of `count` terms from uniformly random places. Each word of the stream gives `batch` places: the upper half
/// of its product with the number of terms is one, and the lower half the word for the next; one test of the last
/// remainder makes all of them exactly uniform (Brackett-Rozinsky & Lemire 2025, "Batched ranged random integer
/// generation", algorithm 4). A word is not shared between sums.
template <unsigned batch>
double random_sum(std::span<const double> terms, std::size_t count, RandomStream& random) {
  const std::uint64_t size = terms.size();
  std::uint64_t combinations = 1;
  for (unsigned i = 0; i < batch; ++i) combinations *= size;
  const std::uint64_t least = (0 - combinations) % combinations;
  double sum = 0;
  while (count > 0) {
    std::uint64_t rest = random();
    std::array<std::uint64_t, batch> places{};
#pragma GCC unroll 5
    for (std::uint64_t& place : places) {
      const Wide product = static_cast<Wide>(rest) * size;
      place = static_cast<std::uint64_t>(product >> 64);
      rest = static_cast<std::uint64_t>(product);
    }
    if (rest < least) continue;
    const std::size_t taken = std::min<std::size_t>(count, batch);
    double of_word = 0;  // Apart from the sum, so that the additions of several words overlap.
    if (taken == batch) {
#pragma GCC unroll 5
      for (const std::uint64_t place : places) of_word += terms[place];
    } else {
      for (std::size_t i = 0; i < taken; ++i) of_word += terms[places[i]];
    }
    sum += of_word;
    count -= taken;
  }
  return sum;
}

/// The largest batch in which a word is refused less than once in 256.
auto random_sum_for(std::size_t terms) {
  const auto fits = [&](int batch) { return batch * std::log2(static_cast<double>(terms)) <= 56; };
  return fits(5) ? random_sum<5> : fits(4) ? random_sum<4> : fits(2) ? random_sum<2> : random_sum<1>;
}

/// Means of resamples, each made of blocks of `block` values from random places until it has as many values as the
/// series. The last block is kept whole.
std::vector<double> resampled_means(std::span<const double> series, std::size_t block, std::size_t samples,
                                    RandomStream random) {
  const double offset = series.front();
  std::vector<double> block_sums(series.size() - block +
                                 1);  // From each place, of the values less the offset.
  double sum = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    sum += series[i] - offset;
    if (i >= block) sum -= series[i - block] - offset;
    if (i + 1 >= block) block_sums[i + 1 - block] = sum;
  }
  const std::size_t blocks = (series.size() + block - 1) / block;
  const auto sum_of_random = random_sum_for(block_sums.size());
  std::vector<double> means(samples);
  for (double& mean : means) {
    const double sum_of_blocks = sum_of_random(block_sums, blocks, random);
    mean = offset + sum_of_blocks / static_cast<double>(blocks * block);
  }
  return means;
}

class BlockBootstrap final : public StopRule {
 public:
  BlockBootstrap(const RuleParameters& parameters, RepetitionLimits limits, Settings settings)
      : description_(parameters.describe()), limits_(limits), settings_(settings), seed_(parameters.seed()) {}

  void take(std::span<const double> values, Nanos /*elapsed*/) override {
    series_.insert(series_.end(), values.begin(), values.end());
    ends_.push_back(series_.size());
  }

  Decision decide() override {
    const std::size_t repetition = ends_.size();
    if (series_.size() >= limits_.max)
      return {true, fmt::format("reached the maximum of {} values", limits_.max), 1, true};
    if (series_.size() < limits_.min) {
      return {false, fmt::format("{} of at least {} values", series_.size(), limits_.min),
              static_cast<double>(series_.size()) / static_cast<double>(limits_.min)};
    }
    if (judged_ < repetition) judge(repetition);
    return decision_;
  }

  std::string describe() const override { return description_; }

 private:
  /// Brings `decision_` and `means_` from an earlier repetition to this one. Repetitions for which no decision was asked
  /// count as if it had been: each draws from its own random stream.
  void judge(std::size_t repetition) {
    for (std::size_t earlier = repetition - 1; earlier > judged_; --earlier) {
      if (auto means = means_after(earlier); !means.empty()) {
        means_ = std::move(means);
        break;
      }
    }
    judged_ = repetition;
    std::vector<double> means = means_after(repetition);
    if (means.empty()) {
      decision_ = {false, "no lag without correlation yet", share_of_max()};
    } else if (means_.empty()) {
      decision_ = {false, "first resamples drawn", share_of_max()};
    } else {
      decision_ = compare(means_, means);
    }
    if (!means.empty()) means_ = std::move(means);
  }

  /// The means of the resamples after a repetition; none while the values are too few or correlated at all lags.
  std::vector<double> means_after(std::size_t repetition) const {
    const std::span<const double> series(series_.data(), ends_[repetition - 1]);
    if (series.size() < limits_.min) return {};
    const auto block = first_negligible_lag(series, settings_.epsilon);
    if (!block) return {};
    return resampled_means(series, *block, settings_.samples,
                           RandomStream(seed_, "bench/block-bootstrap", repetition));
  }

  Decision compare(const std::vector<double>& before, const std::vector<double>& now) const {
    std::vector<double> changes(now.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      const double change = now[i] - before[i];
      changes[i] = change == 0 ? 0 : change / before[i];
    }
    std::ranges::sort(changes);
    const auto n = static_cast<double>(changes.size());
    const double low = changes[static_cast<std::size_t>(n * (1 - settings_.level) / 2)];
    const double high =
        changes[std::min(changes.size() - 1, static_cast<std::size_t>((1 + settings_.level) * n / 2))];
    const bool stop = low > -settings_.threshold && high < settings_.threshold;
    return {stop,
            fmt::format("means of resamples changed by {:.4g} to {:.4g}, {}within {:.4g}", low, high,
                        stop ? "" : "not ", settings_.threshold),
            stop ? 1
                 : progress_of_shrinking(series_.size(), std::max(std::abs(low), std::abs(high)),
                                         settings_.threshold, limits_.max)};
  }

  double share_of_max() const {
    if (limits_.max == RuleParameters::unlimited) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(series_.size()) / static_cast<double>(limits_.max);
  }

  std::string description_;
  RepetitionLimits limits_;  ///< Of values, not of repetitions.
  Settings settings_;
  std::uint64_t seed_;
  std::vector<double> series_;
  std::vector<std::size_t> ends_;  ///< Number of values after each repetition.
  std::size_t judged_ = 0;         ///< The repetition of `decision_`.
  Decision decision_;
  std::vector<double> means_;  ///< Of the last repetition up to `judged_` that had any.
};

}  // namespace

std::span<const ParameterSpec> bb_parameters() {
  static constexpr ParameterSpec specs[] = {
      {"threshold", "0.03", "largest relative change of the means", "error_threshold bb_threshold"},
      {"level", "0.95", "share of the resamples that must change less", "cl_limit"},
      {"epsilon", "0.01", "correlation that no longer matters; sets the block length", ""},
      {"samples", "1000", "number of resamples", "num_samples"},
      {"min", "20", "values before the first resamples", "starting_sample"},
      {"max", "200", "values at which it stops anyway; none = no limit"},
  };
  return specs;
}

Result<std::unique_ptr<StopRule>> make_bb(const RuleParameters& parameters) {
  THAW_TRY(RepetitionLimits limits, RepetitionLimits::read(parameters));
  limits.min = std::max<std::uint64_t>(limits.min, 2);
  THAW_TRY(const double threshold, parameters.number("threshold", 0, 1e9));
  THAW_TRY(const double level, parameters.number("level", 0, 1));
  THAW_TRY(const double epsilon, parameters.number("epsilon", 0, 1));
  THAW_TRY(const std::uint64_t samples, parameters.integer("samples", 1));
  return std::make_unique<BlockBootstrap>(
      parameters, limits, Settings{threshold, level, epsilon, static_cast<std::size_t>(samples)});
}

}  // namespace thaw::rules
