#include "sim/shards.h"

#include <algorithm>
#include <cmath>

#include "sim/reuse_distance.h"
#include "sim/trace_units.h"

namespace thaw {
namespace {

constexpr std::uint32_t modulus = 1U << 24;  // P

/// The functions below the threshold, and the threshold itself.
class Sample {
 public:
  Sample(std::span<const TraceFunction> functions, const ShardsOptions& options)
      : threshold_(static_cast<std::uint32_t>(
            std::max(1.0, std::round(options.rate * static_cast<double>(modulus))))),
        bits_((functions.size() + 63) / 64) {
    std::uint32_t least = modulus;
    for (std::size_t f = 0; f < functions.size(); ++f) {
      hashes_.push_back(shards_hash(functions[f].name, options.seed));
      least = std::min(least, hashes_.back());
      if (hashes_.back() < threshold_) insert(static_cast<FunctionIndex>(f));
    }
    least_rate_ = (least + 1.0) / modulus;
  }

  [[nodiscard]] bool contains(FunctionIndex f) const { return ((bits_[f >> 6] >> (f & 63)) & 1) != 0; }
  [[nodiscard]] double rate() const { return static_cast<double>(threshold_) / modulus; }
  [[nodiscard]] std::uint32_t hash(FunctionIndex f) const { return hashes_[f]; }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  /// The smallest rate at which any function is sampled.
  [[nodiscard]] double least_rate() const { return least_rate_; }

  /// Functions with this hash or a larger one are out.
  void lower(std::uint32_t threshold) {
    if (!is_sorted_) {
      std::sort(members_.begin(), members_.end(),
                [this](FunctionIndex a, FunctionIndex b) { return hashes_[a] < hashes_[b]; });
      is_sorted_ = true;
    }
    threshold_ = threshold;
    while (!members_.empty() && hashes_[members_.back()] >= threshold) {
      bits_[members_.back() >> 6] &= ~(1ULL << (members_.back() & 63));
      members_.pop_back();
    }
  }

 private:
  void insert(FunctionIndex f) {
    bits_[f >> 6] |= 1ULL << (f & 63);
    members_.push_back(f);
  }

  std::uint32_t threshold_;
  std::vector<std::uint64_t> bits_;
  std::vector<std::uint32_t> hashes_;
  std::vector<FunctionIndex> members_;
  bool is_sorted_ = false;
  double least_rate_ = 1;
};

/// Distances among the sampled functions, scaled and weighted.
class SampledDistances {
 public:
  SampledDistances(std::span<const TraceFunction> functions, const ShardsOptions& options)
      : sample_(functions, options),
        memory_(memory_bytes(functions)),
        most_(options.most),
        distances_(memory_,
                   options.most > 0 ? std::min(options.most + 1, functions.size()) : sample_.size()) {
    for (const TraceFunction& function : functions) init_.push_back(function.init_ms());
  }

  void absorb(const std::vector<FunctionIndex>& functions) {
    double cost = 0;
    for (const FunctionIndex function : functions) {
      cost += init_[function];
      if (sample_.contains(function)) [[unlikely]]
        record(function);
    }
    basis_.init_ms += cost;
    basis_.invocations += functions.size();
  }

  [[nodiscard]] HitRatioCurve curve(bool is_adjusted) {
    basis_.rate = sample_.rate();
    basis_.sampled_functions = distances_.live();
    HitRatioCurve::Correction extra;
    if (is_adjusted) {
      extra.accesses = static_cast<double>(basis_.invocations) - weight_;
      extra.cost_ms = basis_.init_ms - cost_;
      return {sizes_, plain_, basis_, extra};
    }
    // Without the correction the sample stands for itself: its own totals are the denominators.
    CurveBasis sampled = basis_;
    sampled.invocations = static_cast<std::uint64_t>(std::llround(weight_));
    sampled.init_ms = cost_;
    return {sizes_, plain_, sampled, extra};
  }

  [[nodiscard]] const Sample& sample() const { return sample_; }
  [[nodiscard]] bool is_empty() const { return basis_.sampled_invocations == 0; }

 private:
  void record(FunctionIndex function) {
    // Weighing each access by the rate of its moment equals rescaling the buckets when the rate falls (section 4.2).
    const double weight = 1 / sample_.rate();
    const std::int64_t distance = distances_.touch(function);
    ++basis_.sampled_invocations;
    weight_ += weight;
    cost_ += weight * init_[function];
    if (distance != ReuseDistances::first_use) {
      const auto scaled = static_cast<std::int64_t>(std::llround(static_cast<double>(distance) * weight));
      sizes_.add(scaled + memory_[function], weight, weight * init_[function]);
      plain_.add(scaled, weight, 0);
    } else if (most_ > 0) {
      admit(function);
    }
  }

  /// Keeps the sample at its fixed size: the largest hash goes, and becomes the threshold.
  void admit(FunctionIndex function) {
    const auto smaller = [this](FunctionIndex a, FunctionIndex b) {
      return sample_.hash(a) < sample_.hash(b);
    };
    live_.push_back(function);
    std::push_heap(live_.begin(), live_.end(), smaller);
    if (live_.size() <= most_) return;
    const std::uint32_t threshold = sample_.hash(live_.front());
    sample_.lower(threshold);
    while (!live_.empty() && sample_.hash(live_.front()) >= threshold) {
      distances_.forget(live_.front());
      std::pop_heap(live_.begin(), live_.end(), smaller);
      live_.pop_back();
    }
  }

  Sample sample_;
  std::vector<std::int64_t> memory_;
  std::vector<double> init_;
  std::size_t most_;
  ReuseDistances distances_;
  MemoryHistogram sizes_, plain_;
  CurveBasis basis_;
  double weight_ = 0, cost_ = 0;
  std::vector<FunctionIndex> live_;  ///< Heap by hash, for a fixed size.
};

}  // namespace

std::uint32_t shards_hash(std::string_view name, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : name) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001b3;
  }
  hash ^= seed;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  return static_cast<std::uint32_t>(hash >> 40);
}

Result<HitRatioCurve> sample_curve(std::span<const TraceFunction> functions, InvocationSource& invocations,
                                   const ShardsOptions& options) {
  if (!(options.rate > 0 && options.rate <= 1)) {
    return fail_at(ErrorKind::bad_usage, fmt::format("the sampling rate is {}", options.rate), "--shards",
                   "give a rate above 0 and at most 1, for example 0.01");
  }
  SampledDistances distances(functions, options);
  InvocationBlock block;
  while (true) {
    THAW_CHECK(invocations.next(block));
    if (block.size() == 0) break;
    distances.absorb(block.function);
  }
  if (distances.is_empty() && !functions.empty()) {
    return fail_at(
        ErrorKind::bad_usage,
        fmt::format("none of the {} functions is sampled at rate {}", functions.size(), options.rate),
        "--shards",
        fmt::format("few functions need no sampling; else give a rate above {:.3g}",
                    distances.sample().least_rate()));
  }
  return distances.curve(options.is_adjusted);
}

double mean_absolute_error(const HitRatioCurve& estimate, const HitRatioCurve& exact, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 1; i <= count; ++i) {
    const double memory_mb = exact.largest_size() * static_cast<double>(i) / static_cast<double>(count);
    sum += std::abs(estimate.hit_ratio(memory_mb) - exact.hit_ratio(memory_mb));
  }
  return count == 0 ? 0 : sum / static_cast<double>(count);
}

}  // namespace thaw
