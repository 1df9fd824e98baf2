#include "trace/synthetic_name.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/parameters.h"
#include "core/text.h"
#include "trace/azure_like.h"
#include "trace/loaded_trace.h"
#include "trace/mixed_trace.h"
#include "trace/toy_traces.h"

namespace thaw {
namespace {

constexpr std::string_view prefix = "synth:";

constexpr std::array common_specs = {
    ParameterSpec{"functions", "1000", "Functions."},
    ParameterSpec{"invocations", "0", "Invocations; 0: 1000 for each function, or a toy's own number."},
    ParameterSpec{"seed", "1", "Of everything random."},
    ParameterSpec{"duration", "24h", "Length of the trace."},
    ParameterSpec{"periodic", "0.2", "azure2019: share of timers."},
    ParameterSpec{"bursty", "0.4", "azure2019: share of bursty functions."},
    ParameterSpec{"bursts", "0", "mixed: 1 when every fourth function is called in groups."},
};

/// Another trace's invocations of a window, with times from its begin.
class WindowedFile final : public TraceFile {
 public:
  WindowedFile(std::unique_ptr<TraceFile> whole, const ReadOptions& options)
      : whole_(std::move(whole)), begin_ms_(options.begin_ms), end_ms_(options.end_ms) {}

  [[nodiscard]] std::string_view form() const override { return whole_->form(); }
  [[nodiscard]] const std::vector<TraceFunction>& functions() const override { return whole_->functions(); }
  [[nodiscard]] Result<std::unique_ptr<InvocationSource>> open() const override {
    THAW_TRY(auto source, whole_->open());
    return std::make_unique<Source>(std::move(source), begin_ms_, end_ms_);
  }
  [[nodiscard]] const std::vector<Repair>& repairs() const override { return whole_->repairs(); }
  [[nodiscard]] const std::vector<Repair>& remarks() const override { return whole_->remarks(); }

 private:
  class Source final : public InvocationSource {
   public:
    Source(std::unique_ptr<InvocationSource> whole, double begin_ms, double end_ms)
        : whole_(std::move(whole)), begin_ms_(begin_ms), end_ms_(end_ms) {}

    Result<> next(InvocationBlock& block) override {
      do {
        THAW_CHECK(whole_->next(block));
        if (block.size() == 0) return {};
        if (block.time_ms.front() >= end_ms_) {
          block.clear();
          return {};
        }
        cut(block);
      } while (block.size() == 0);
      return {};
    }

   private:
    void cut(InvocationBlock& block) const {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < block.size(); ++i) {
        if (block.time_ms[i] < begin_ms_ || block.time_ms[i] >= end_ms_) continue;
        block.time_ms[kept] = block.time_ms[i] - begin_ms_;
        block.function[kept++] = block.function[i];
      }
      block.time_ms.resize(kept);
      block.function.resize(kept);
    }

    std::unique_ptr<InvocationSource> whole_;
    double begin_ms_, end_ms_;
  };

  std::unique_ptr<TraceFile> whole_;
  double begin_ms_, end_ms_;
};

Result<std::unique_ptr<TraceFile>> open_azure_like(const Parameters& parameters, const ReadOptions& options) {
  THAW_TRY(const std::uint64_t functions, parameters.integer("functions", 1));
  THAW_TRY(const std::uint64_t invocations, parameters.integer("invocations", 0));
  THAW_TRY(const std::uint64_t seed, parameters.integer("seed", 0));
  THAW_TRY(const Nanos duration, parameters.duration("duration"));
  THAW_TRY(const double periodic, parameters.number("periodic", 0, 1));
  THAW_TRY(const double bursty, parameters.number("bursty", 0, 1));
  THAW_TRY(AzureLikeTrace trace,
           AzureLikeTrace::create({.functions = functions,
                                   .invocations = invocations > 0 ? invocations : 1000 * functions,
                                   .duration_ms = to_seconds(duration) * 1e3,
                                   .periodic_share = periodic,
                                   .bursty_share = bursty,
                                   .seed = seed}));
  auto file = as_trace_file(std::move(trace));
  if (options.begin_ms <= 0 && options.end_ms == ReadOptions().end_ms) return file;
  return std::make_unique<WindowedFile>(std::move(file), options);
}

Result<std::unique_ptr<TraceFile>> open_mixed(const Parameters& parameters, const ReadOptions& options) {
  const bool has_functions = parameters.is_set("functions");
  THAW_TRY(const std::uint64_t functions, parameters.integer("functions", 1));
  THAW_TRY(const std::uint64_t invocations, parameters.integer("invocations", 0));
  THAW_TRY(const std::uint64_t bursts, parameters.integer("bursts", 0));
  MixedTraceOptions mixed;
  if (has_functions) mixed.functions = functions;
  mixed.invocations = invocations > 0 ? invocations : 1000 * mixed.functions;
  THAW_TRY(mixed.seed, parameters.integer("seed", 0));
  THAW_TRY(const Nanos duration, parameters.duration("duration"));
  mixed.duration_ms = to_seconds(duration) * 1e3;
  mixed.has_bursts = bursts > 0;
  THAW_TRY(Trace trace, make_mixed_trace(mixed));
  return make_loaded_trace("mixed", std::move(trace), options, {});
}

Result<std::unique_ptr<TraceFile>> open_toy(const ToyTrace& toy, const Parameters& parameters,
                                            const ReadOptions& options) {
  for (const char* name : {"functions", "duration", "periodic", "bursty", "bursts"}) {
    if (!parameters.is_set(name)) continue;
    return fail(ErrorKind::bad_usage, "the toy trace {} takes invocations and seed, not {}", toy.name, name);
  }
  THAW_TRY(const std::uint64_t invocations, parameters.integer("invocations", 0));
  THAW_TRY(const std::uint64_t seed, parameters.integer("seed", 0));
  return make_loaded_trace(toy.name, toy.make(invocations > 0 ? invocations : toy.invocations, seed), options,
                           {});
}

}  // namespace

bool is_synthetic_name(std::string_view name) { return name.starts_with(prefix); }

Result<std::unique_ptr<TraceFile>> open_synthetic(std::string_view name, const ReadOptions& options) {
  const std::string_view spec = name.substr(prefix.size());
  const std::size_t colon = spec.find(':');
  const std::string law = to_lower(spec.substr(0, colon));
  Parameters parameters(fmt::format("the synthetic trace {}", law), law, common_specs, 0);
  if (colon != std::string_view::npos) {
    std::string list(spec.substr(colon + 1));
    std::replace(list.begin(), list.end(), ':', ',');
    THAW_CHECK(parameters.set_all(list, ""));
  }
  if (law == "azure2019") return open_azure_like(parameters, options);
  if (law == "mixed") return open_mixed(parameters, options);
  if (const auto toy = find_toy_trace(law)) return open_toy(**toy, parameters, options);
  std::vector<std::string> laws = {"azure2019", "mixed"};
  for (const ToyTrace& toy : toy_traces()) laws.emplace_back(toy.name);
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no synthetic trace \"{}\"", law),
                 std::string(name), suggest(law, laws));
}

}  // namespace thaw
