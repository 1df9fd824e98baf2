// How fast traces are read and generated.
//
// Inputs are made beforehand and lie in memory, so that the numbers are those of the readers and not of a disk. The
// names are 64 characters as in the published traces; "short" is the smallest row there is.

#include <benchmark/benchmark.h>
#include <zlib.h>

#include <cmath>
#include <string>

#include "core/random.h"
#include "trace/forms.h"

namespace thaw {
namespace {

constexpr int functions = 1000;

std::string name_of(int index, bool is_long) {
  return is_long ? fmt::format("{:064x}", 0x9E3779B97F4A7C15ULL * static_cast<unsigned>(index + 1))
                 : fmt::format("f{}", index);
}

std::string function_table(bool has_long_names) {
  std::string text = "function,memory_mb,cold_ms,warm_ms\n";
  for (int i = 0; i < functions; ++i) text += name_of(i, has_long_names) + ",128,600,100\n";
  return text;
}

std::string invocation_table(bool has_long_names) {
  RandomStream stream(1, "bench.trace");
  std::string text = "time_ms,function\n";
  double time = 0;
  for (int i = 0; i < 400'000; ++i) {
    time += has_long_names ? 100 * stream.uniform() : std::floor(20 * stream.uniform());
    text +=
        fmt::format("{},{}\n", time, name_of(static_cast<int>(functions * stream.uniform()), has_long_names));
  }
  return text;
}

std::string gzipped(const std::string& text) {
  z_stream state{};
  deflateInit2(&state, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, text.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  deflate(&state, Z_FINISH);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::uint64_t drain(const TraceFile& file) {
  auto source = file.open().value();
  InvocationBlock block;
  std::uint64_t count = 0;
  for (;;) {
    if (!source->next(block) || block.size() == 0) return count;
    benchmark::DoNotOptimize(block.time_ms.data());
    count += block.size();
  }
}

/// Bytes are those of the text, compressed or not.
void read_pair(benchmark::State& state, bool has_long_names, bool is_compressed) {
  const std::string text = invocation_table(has_long_names);
  const auto file =
      forms::open_pair(InputFile::in_memory("functions.csv", function_table(has_long_names)),
                       InputFile::in_memory("invocations.csv", is_compressed ? gzipped(text) : text), {})
          .value();
  std::uint64_t count = 0;
  for (auto _ : state) count += drain(*file);
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
  state.SetItemsProcessed(static_cast<std::int64_t>(count));
}
BENCHMARK_CAPTURE(read_pair, hashes, true, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_pair, short_names, false, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_pair, hashes_gzip, true, true)->Unit(benchmark::kMillisecond);

/// Three tables whose popularity falls like 1/rank, as that of the published trace roughly does.
struct Azure2019Text {
  std::string invocations = "HashOwner,HashApp,HashFunction,Trigger", durations, memory;
};

Azure2019Text azure2019(int rows, double calls_per_minute) {
  Azure2019Text text;
  text.durations =
      "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,percentile_Average_"
      "1,"
      "percentile_Average_25,percentile_Average_50,percentile_Average_75,percentile_Average_99,"
      "percentile_Average_100\n";
  text.memory =
      "HashOwner,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct1,AverageAllocatedMb_pct5,"
      "AverageAllocatedMb_pct25,AverageAllocatedMb_pct50,AverageAllocatedMb_pct75,AverageAllocatedMb_pct95,"
      "AverageAllocatedMb_pct99,AverageAllocatedMb_pct100\n";
  for (int minute = 1; minute <= 1440; ++minute) text.invocations += fmt::format(",{}", minute);
  text.invocations += '\n';
  RandomStream stream(1, "bench.trace.azure2019");
  const double scale = calls_per_minute / std::log(rows);
  for (int i = 0; i < rows; ++i) {
    const std::string app = name_of(i + rows, true), function = name_of(i, true);
    text.invocations += fmt::format("{},{},{},http", app, app, function);
    for (int minute = 0; minute < 1440; ++minute) {
      text.invocations += fmt::format(",{}", static_cast<int>(scale / (i + 1) + stream.uniform()));
    }
    text.invocations += '\n';
    text.durations += fmt::format("{},{},{},100,10,50,900,50,60,80,100,200,800,900\n", app, app, function);
    text.memory += fmt::format("{},{},10,128,1,2,3,4,5,6,7,8\n", app, app);
  }
  return text;
}

std::unique_ptr<TraceFile> open_azure(const Azure2019Text& text) {
  return forms::open_azure2019({InputFile::in_memory("invocations.csv", text.invocations),
                                InputFile::in_memory("durations.csv", text.durations),
                                InputFile::in_memory("memory.csv", text.memory)},
                               {})
      .value();
}

void read_azure2019(benchmark::State& state) {
  const Azure2019Text text = azure2019(4000, 60000);
  for (auto _ : state) benchmark::DoNotOptimize(open_azure(text));
  state.SetBytesProcessed(
      static_cast<std::int64_t>(text.invocations.size() + text.durations.size() + text.memory.size()) *
      state.iterations());
}
BENCHMARK(read_azure2019)->Unit(benchmark::kMillisecond);

/// Arguments: functions, and calls per minute in thousands; 46000 and 625 are a day like Azure 2019.
void generate_azure2019(benchmark::State& state) {
  const auto file =
      open_azure(azure2019(static_cast<int>(state.range(0)), 1000.0 * static_cast<double>(state.range(1))));
  std::uint64_t count = 0;
  for (auto _ : state) count += drain(*file);
  state.SetItemsProcessed(static_cast<std::int64_t>(count));
}
BENCHMARK(generate_azure2019)
    ->Args({1000, 60})
    ->Args({46000, 625})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
}  // namespace thaw
