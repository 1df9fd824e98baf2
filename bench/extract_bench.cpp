// What one metric of one repetition costs on 100 lines of output: each in-process form, and the shell form that
// it replaces. The goal is 100 µs for the former.

#include <benchmark/benchmark.h>

#include <string>

#include "bench/extract.h"

namespace {

/// 100 lines as a chatty program under perf stat prints them; the line that is looked for comes last.
std::string chatty_output() {
  std::string text;
  for (int line = 0; line < 90; ++line) {
    text += fmt::format("step {} of 90: residual {:.6e}, took {} us, all is well so far\n", line,
                        1.0 / (line + 1), line);
  }
  for (int event = 0; event < 8; ++event) {
    text += fmt::format("      1,234,{:03}      event-{}              #    1.2 K/sec\n", event, event);
  }
  text += "     1.25 msec cpu-clock                 #    0.375 CPUs utilized\n";
  return text + "@@@ Time elapsed: max: 0.12345\n";
}

void measure(benchmark::State& state, std::string_view form) {
  const std::string output = chatty_output();
  const auto extractor = thaw::parse_extractor(*thaw::parse_document(form, "bench"), "m");
  const thaw::RunText text{output, {}, {}};
  for (auto repetition : state) {
    const auto columns = thaw::extract(*extractor, "m", text);
    if (!columns || columns->at(0).values.empty()) state.SkipWithError("nothing found");
    benchmark::DoNotOptimize(columns);
  }
}

void measure_auto(benchmark::State& state, std::string_view form) {
  const std::string output = chatty_output();
  const auto extractor = thaw::parse_extractor(*thaw::parse_document(form, "bench"), "auto");
  for (auto repetition : state) {
    benchmark::DoNotOptimize(thaw::extract(*extractor, "auto", thaw::RunText{output, {}, {}}));
  }
}

constexpr auto unit = benchmark::kMicrosecond;
BENCHMARK_CAPTURE(measure, regex, "{regex: 'max: ([0-9.]+)'}")->Unit(unit);
BENCHMARK_CAPTURE(measure, last_field, "{last_field: '@@@ Time'}")->Unit(unit);
BENCHMARK_CAPTURE(measure, field, "{field: 4, of_line_starting_with: '@@@'}")->Unit(unit);
BENCHMARK_CAPTURE(measure, perf_event, "{perf_event: cpu-clock}")->Unit(unit);
BENCHMARK_CAPTURE(measure, ratio, "{ratio: [{perf_event: event-7}, {perf_event: cpu-clock}], scale: 0.001}")
    ->Unit(unit);
BENCHMARK_CAPTURE(measure_auto, name_value, "{name_value: true}")->Unit(unit);
BENCHMARK_CAPTURE(measure, shell, "grep '@@@ Time' | awk '{print $NF}'")->Unit(unit);

}  // namespace
