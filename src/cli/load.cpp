// `thaw load`: parse, run, print.

#include <spdlog/spdlog.h>

#include <cstdio>

#include "cli/load_options.h"
#include "cli/load_platform.h"
#include "cli/progress.h"
#include "core/process.h"
#include "core/units.h"
#include "load/run.h"
#include "thaw/version.h"

namespace thaw::cli {
namespace {

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Result<int> print_plan(const LoadCommand& command) {
  THAW_TRY(LoadPlan plan, choose_plan(command.request.plan));
  for (const Repair& remark : plan.remarks) spdlog::warn("{} ({})", remark.what, remark.count);
  THAW_TRY(const PlannedNumbers numbers, count_plan(plan));
  nlohmann::ordered_json json = {{"schema", "thaw.load-plan/1"},
                                 {"functions", numbers.functions},
                                 {"invocations", numbers.invocations},
                                 {"warmup_invocations", numbers.warmup_invocations},
                                 {"workflows", numbers.workflows},
                                 {"total_runtime_s", numbers.total_runtime_s},
                                 {"last_s", numbers.last_s},
                                 {"length_s", plan.length_s},
                                 {"most_per_second", numbers.most_per_second},
                                 {"law", plan.law}};
  if (command.format == "json" || command.format == "ndjson") {
    print(json.dump() + "\n");
    return 0;
  }
  for (const auto& [key, value] : json.items()) {
    if (key != "schema")
      fmt::print("{:<20} {}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return 0;
}

std::string progress_text(const LiveCounters& live, double elapsed_s, double length_s) {
  const auto read = [](const std::atomic<std::uint64_t>& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  const std::uint64_t ok = read(live.ok), ended = read(live.ended);
  std::string text = fmt::format("thaw: {:.0f} s", std::max(0.0, elapsed_s));
  if (length_s > 0) text += fmt::format(" of {:.0f} s", length_s);
  text += fmt::format(", {} ok, {} failed", ok, ended - ok);
  const double sum_us = static_cast<double>(read(live.response_sum_us));
  if (ok > 0) text += fmt::format(", mean {:.3g} ms", sum_us / static_cast<double>(ok) / 1000);
  const std::int64_t latest = live.latest_ns.load(std::memory_order_relaxed);
  return text + fmt::format(", latest dispatch {:.3g} ms", static_cast<double>(latest) / 1e6);
}

void print_table(const LoadResult& result, bool by_function) {
  const LoadSummary& summary = result.summary;
  print(render(to_table(summary, by_function), TableFormat::text));
  const auto& lateness = summary.measured.lateness;
  if (lateness.count() > 0) {
    const auto human = [](std::int64_t ns) { return human_seconds(static_cast<double>(ns) * 1e-9); };
    fmt::print("lateness: p50 {}, p99 {}, max {}\n", human(*lateness.quantile(0.5)),
               human(*lateness.quantile(0.99)), human(*lateness.max()));
  }
  for (std::size_t i = 1; i < cause_count; ++i) {
    if (summary.measured.by_cause[i] > 0)
      fmt::print("{}: {}\n", name_of(static_cast<Cause>(i)), summary.measured.by_cause[i]);
  }
  if (summary.warmup.planned > 0) {
    const auto stable = summary.stability.is_stable;
    fmt::print("warm-up: {} invocations, {} ({})\n", summary.warmup.planned,
               !stable   ? "stability unknown"
               : *stable ? "stable"
                         : "not stable",
               summary.stability.reason);
  }
  fmt::print("generator: {}\n", summary.verdict);
  if (summary.out) fmt::print("record: {}\n", *summary.out);
}

void print_result(const LoadResult& result, const LoadCommand& command) {
  if (command.format == "json") return print(to_json(result.summary).dump() + "\n");
  if (command.format == "csv")
    return print(render(to_table(result.summary, command.by_function), TableFormat::csv));
  if (command.format == "ndjson")
    return print(render(to_table(result.summary, command.by_function), TableFormat::ndjson));
  print_table(result, command.by_function);
}

/// A target that exists for this load only.
class OwnTarget {
 public:
  /// Where the command asks for one, the request will start it. REQUIRES: this object stays where it is.
  Result<> prepare(const LoadCommand& command, LoadRequest& request) {
    if (command.embedded) {
      THAW_TRY(embedded_, EmbeddedPlatform::create(*command.embedded, request.plan));
      request.start_target = embedded_->starter();
    } else if (names_platform(request.target.url)) {
      THAW_TRY(DeployedPlatform made,
               DeployedPlatform::create(request.target.url, command.functions, request.plan));
      deployed_.emplace(std::move(made));
      request.start_target = deployed_->starter();
    }
    return {};
  }
  void stop() {
    if (embedded_) embedded_->stop();
    if (deployed_) deployed_->stop();
  }

 private:
  std::optional<EmbeddedPlatform> embedded_;
  std::optional<DeployedPlatform> deployed_;
};

int exit_code(const LoadResult& result) {
  if (interrupt_signal() != 0) return 128 + interrupt_signal();
  if (!result.broken.empty() || result.was_aborted) return static_cast<int>(ErrorKind::check_failed);
  if (result.summary.measured.planned == 0 || result.summary.measured.ok > 0) return 0;
  spdlog::error("no invocation had a good answer");
  return static_cast<int>(ErrorKind::run_failed);
}

Result<int> send_load(const LoadCommand& command, const Arguments& arguments) {
  LoadLaunch launch{version, {"thaw", "load"}, command.configuration};
  launch.command_line.insert(launch.command_line.end(), arguments.begin(), arguments.end());
  install_interrupt_handlers();
  ProgressLine line(system_clock(), !command.log.is_quiet);
  LoadObserver observer;
  observer.on_progress = [&](const LiveCounters& live, double elapsed_s, double length_s) {
    line.show(progress_text(live, elapsed_s, length_s));
  };
  observer.on_warning = [&](const std::string& text) { spdlog::warn("{}", text); };
  observer.is_stopped = [] { return interrupt_signal() != 0; };
  LoadRequest request = command.request;
  OwnTarget target;
  THAW_CHECK(target.prepare(command, request));
  const auto run = thaw::run_load(request, launch, system_clock(), observer);
  // Putting functions on a platform takes its time; who interrupts that gets the code of an interrupt.
  if (!run && interrupt_signal() != 0) {
    spdlog::error("{}", run.error().what);
    return 128 + interrupt_signal();
  }
  THAW_TRY(const LoadResult result, run);
  target.stop();
  line.clear();
  print_result(result, command);
  for (const std::string& text : result.broken) spdlog::error("{}", text);
  return exit_code(result);
}

}  // namespace

Result<int> run_load(const Arguments& arguments) {
  THAW_TRY(const LoadCommand command, parse_load(arguments));
  if (command.is_done) return 0;
  apply(command.log);
  for (const std::string& text : command.notes) spdlog::info("{}", text);
  if (command.is_print_config) {
    print(command.configuration.dump(2) + "\n");
    return 0;
  }
  return command.is_dry_run ? print_plan(command) : send_load(command, arguments);
}

}  // namespace thaw::cli
