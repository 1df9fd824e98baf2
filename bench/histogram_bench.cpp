// What one latency costs to record, and what a report costs to read.
//
// The values are lognormal around 1 ms in nanoseconds, drawn beforehand; one pass over them is one iteration,
// so the time per item is the cost of one record.

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "core/random.h"
#include "stats/histogram.h"
#include "stats/histogram_codec.h"

namespace thaw {
namespace {

std::vector<std::int64_t> latencies(double spread) {
  RandomStream stream(1, "bench.histogram");
  std::vector<std::int64_t> values(1 << 14);
  for (auto& value : values) value = static_cast<std::int64_t>(1e6 * std::exp(spread * stream.normal()));
  return values;
}

void set_per_item(benchmark::State& state, std::size_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
  state.counters["per_item"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(items),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// The argument is the spread in hundredths: 0 always hits one bin, 100 spans about two powers of ten.
void record(benchmark::State& state) {
  const auto values = latencies(static_cast<double>(state.range(0)) / 100);
  Histogram histogram = Histogram::create().value();
  for (auto _ : state) {
    for (const std::int64_t value : values) histogram.record(value);
    benchmark::ClobberMemory();
  }
  set_per_item(state, values.size());
}
BENCHMARK(record)->Arg(0)->Arg(10)->Arg(100);

void record_out_of_range(benchmark::State& state) {
  const auto values = latencies(1);
  Histogram histogram = Histogram::create({.lowest = 1, .highest = 1000}).value();
  for (auto _ : state) {
    for (const std::int64_t value : values) histogram.record(value);
    benchmark::ClobberMemory();
  }
  set_per_item(state, values.size());
}
BENCHMARK(record_out_of_range);

Histogram recorded() {
  Histogram histogram = Histogram::create().value();
  for (const std::int64_t value : latencies(1)) histogram.record(value);
  return histogram;
}

void quantile(benchmark::State& state) {
  const Histogram histogram = recorded();
  for (auto _ : state) benchmark::DoNotOptimize(histogram.quantile(0.99));
}
BENCHMARK(quantile);

void merge(benchmark::State& state) {
  Histogram total = Histogram::create().value();
  const Histogram part = recorded();
  for (auto _ : state) benchmark::DoNotOptimize(total.merge(part).has_value());
}
BENCHMARK(merge);

void encode_interval(benchmark::State& state) {
  const Histogram histogram = recorded();
  for (auto _ : state) benchmark::DoNotOptimize(encode_compressed(histogram));
}
BENCHMARK(encode_interval);

}  // namespace
}  // namespace thaw
