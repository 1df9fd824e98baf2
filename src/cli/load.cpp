#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "cli/cli.h"
#include "core/process.h"
#include "core/text.h"
#include "load/run.h"
#include "trace/rate_plan.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw load --target URL (--rps N | --connections N) --duration D [options]",
    .purpose = "Sends a planned load to functions and records every invocation.",
    .examples =
        "  thaw load --rps 1000 --duration 6s --iat equidistant --target http://127.0.0.1:8080/\n"
        "  thaw load --connections 16 --duration 3s --target http://127.0.0.1:8080/\n",
    .see_also = "thaw trace schedule, thaw sim"};

struct LoadRequest {
  TargetOptions target;
  double rps = 0;
  std::size_t connections = 0;
  std::string duration = "10s", think = "0", iat = "exponential", format, out, spin = "0";
  std::uint64_t seed = default_seed;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A constant or random rate for any duration, to the nanosecond.
class RateInvocations final : public InvocationPlan {
 public:
  RateInvocations(double rps, Nanos duration, bool is_poisson, std::uint64_t seed)
      : mean_ns_(1e9 / rps),
        end_ns_(duration.count()),
        is_poisson_(is_poisson),
        draws_(RandomStream(seed, "arrivals")) {}
  Result<const Invocation*> next() override {
    if (is_poisson_) {
      at_ns_ += draws_.exponential() * mean_ns_;
    } else {
      at_ns_ = static_cast<double>(count_) * mean_ns_;
    }
    if (at_ns_ >= static_cast<double>(end_ns_)) return nullptr;
    invocation_ = Invocation{};
    invocation_.number = static_cast<std::uint32_t>(count_++);
    invocation_.intended_ns = static_cast<std::int64_t>(at_ns_);
    return &invocation_;
  }

 private:
  double mean_ns_;
  std::int64_t end_ns_;
  bool is_poisson_;
  StreamDraws draws_;
  double at_ns_ = 0;
  std::uint64_t count_ = 0;
  Invocation invocation_;
};

}  // namespace

Result<int> run_load(const Arguments& arguments) {
  CLI::App app("", "load");
  set_help(app, help);
  LoadRequest request;
  app.add_option("--target", request.target.url,
                 "URL; {function}, {runtime_ms} and {memory_mib} stand for values");
  app.add_option("--rps", request.rps, "Invocations per second");
  app.add_option("--connections", request.connections, "Closed loop: so many connections, each always busy");
  app.add_option("--duration", request.duration, "How long [default: 10s]");
  app.add_option("--iat", request.iat, "exponential or equidistant");
  app.add_option("--think", request.think, "Closed loop: pause after each answer");
  app.add_option("--spin", request.spin, "Spin so long before each instant instead of sleeping: 50us");
  app.add_option("--seed", request.seed, "Seed");
  app.add_option("--format", request.format, "table or json");
  app.add_option("-o,--out", request.out, "Folder of the record");
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  THAW_TRY(const Nanos duration, parse_duration(request.duration));
  THAW_TRY(const Nanos think, parse_duration(request.think));
  SenderOptions options;
  THAW_TRY(options.spin, parse_duration(request.spin));
  std::vector<TraceFunction> functions(1);
  functions.front().name = "function";
  THAW_TRY(Target target, Target::create(request.target, functions));
  std::optional<RecordFiles> files;
  if (!request.out.empty()) {
    std::filesystem::create_directories(request.out);
    files = RecordFiles{Path(request.out) / "samples.csv", &functions, true};
  }
  THAW_TRY(auto recorder, Recorder::create(files, 1));
  THAW_TRY(auto worker, Http1Worker::create(target, options, system_clock(), *recorder));
  install_interrupt_handlers();
  const auto is_stopped = [] { return interrupt_signal() != 0; };
  const double cpu_before = cpu_seconds();
  const MonotonicTime anchor = system_clock().now() + std::chrono::milliseconds(request.rps > 0 ? 10 : 0);
  if (request.rps > 0) {
    RateInvocations plan(request.rps, duration, request.iat != "equidistant", request.seed);
    THAW_CHECK(worker->run_open(plan, anchor, options.function_timeout, is_stopped));
  } else {
    THAW_CHECK(worker->run_closed(
        request.connections, duration, think, anchor, [](Invocation&) {}, is_stopped));
  }
  LoadSummary summary;
  THAW_CHECK(recorder->finish());
  summary.measured = recorder->measured();
  summary.warmup = recorder->warmup();
  summary.health = worker->health();
  summary.duration_s =
      std::max(to_seconds(duration), static_cast<double>(summary.measured.last_done_ns) * 1e-9);
  summary.cpu_s = cpu_seconds() - cpu_before;
  summary.verdict = judge(summary.measured, summary.health, summary.duration_s, summary.cpu_s);
  summary.out = request.out;
  const std::string text = to_json(summary).dump(request.format == "json" ? -1 : 2) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace thaw::cli
