// `thaw serve`: the local function platform until it is asked to end.

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <mutex>

#include "cli/cli.h"
#include "cli/serve_request.h"
#include "core/process.h"
#include "platform/gateway.h"
#include "platform/sandbox.h"
#include "record/table.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw serve [FILE] [--trace T] [options]",
    .purpose =
        "Runs functions on this machine: an HTTP gateway, sandboxes, and the keep-alive policies of thaw "
        "sim.",
    .examples =
        "  thaw serve functions.yaml --memory 2GiB --policy gd      # functions from a file\n"
        "  thaw serve --trace traces/20b --policy lru --events events.ndjson\n"
        "  thaw serve --command 'python3 -m http.server {port}'     # for functions added later:\n"
        "  curl -X PUT -d '{\"memory\":\"64MiB\"}' localhost:8080/functions/hello\n"
        "  curl -X POST localhost:8080/function/hello\n",
    .see_also = "thaw load, thaw sim, docs/serve.md"};

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

/// Warnings come from several threads.
void warn(const std::string& text) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  spdlog::warn("{}", text);
}

/// Each connection and each instance takes descriptors.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

void list_sandboxes(TableFormat format) {
  Table table;
  table.columns = {{.key = "sandbox", .align = Align::left}, {.key = "summary", .align = Align::left}};
  for (const SandboxEntry& entry : sandbox_kinds()) table.add({entry.name, entry.summary});
  print(render(table, format));
}

void list_functions(const std::vector<FunctionSpec>& functions, TableFormat format) {
  Table table;
  table.columns = {{.key = "function", .align = Align::left},
                   {.key = "sandbox", .align = Align::left},
                   {.key = "memory_mb"},
                   {.key = "init_ms"},
                   {.key = "execution_ms"},
                   {.key = "runs", .align = Align::left}};
  for (const FunctionSpec& spec : functions) {
    const std::string runs = spec.sandbox == "docker" ? spec.image : shell_join(spec.command);
    table.add({spec.name, spec.sandbox, Cell(static_cast<double>(spec.memory.count()) * 1e-6),
               Cell(to_seconds(spec.init) * 1000), Cell(to_seconds(spec.execution) * 1000), runs});
  }
  print(render(table, format));
}

void announce(const Gateway& gateway, std::size_t functions, TableFormat format) {
  if (format == TableFormat::text) return print(gateway.url() + "\n");
  const nlohmann::ordered_json json{
      {"schema", "thaw.serve/1"}, {"url", gateway.url()}, {"functions", functions}};
  print(json.dump() + "\n");
}

void summarise(const Gateway& gateway) {
  std::uint64_t cold = 0, warm = 0, dropped = 0, failed = 0;
  for (const auto& function : gateway.functions()) {
    const auto& counts = function["counts"];
    cold += counts["cold"].get<std::uint64_t>();
    warm += counts["warm"].get<std::uint64_t>();
    dropped += counts["dropped"].get<std::uint64_t>();
    failed += counts["failed"].get<std::uint64_t>();
  }
  spdlog::info("{} cold, {} warm, {} dropped, {} failed", cold, warm, dropped, failed);
}

Result<int> serve(ServePlan plan, TableFormat format) {
  allow_many_descriptors();
  THAW_CHECK(start_process_guard());
  install_interrupt_handlers();
  plan.options.warn = warn;
  if (!plan.options.logs.empty()) {
    std::error_code error;
    std::filesystem::create_directories(plan.options.logs, error);
    if (error)
      return fail_at(ErrorKind::environment, error.message(), "--logs: " + plan.options.logs.string());
  }
  THAW_TRY(const auto gateway, Gateway::start(std::move(plan.options), plan.functions, system_clock()));
  announce(*gateway, plan.functions.size(), format);
  while (interrupt_signal() == 0) {
    system_clock().sleep_until(system_clock().now() + std::chrono::milliseconds(20));
  }
  spdlog::info("ends: waiting for running invocations");
  gateway->stop();
  summarise(*gateway);
  // Being asked to end is how a server ends.
  return interrupt_signal() == SIGTERM ? 0 : 130;
}

}  // namespace

Result<int> run_serve(const Arguments& arguments) {
  CLI::App app("", "serve");
  set_help(app, help);
  ServeRequest request;
  add_serve_options(app, request);
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  apply(request.log);
  if (request.format.empty()) request.format = ::isatty(STDOUT_FILENO) != 0 ? "table" : "json";
  THAW_TRY(const TableFormat format, parse_table_format(request.format));
  if (request.lists_sandboxes) {
    list_sandboxes(format);
    return 0;
  }
  THAW_TRY(ServePlan plan, plan_service(request));
  if (request.prints_configuration) {
    print(configuration_text(plan));
    return 0;
  }
  if (request.is_dry_run) {
    list_functions(plan.functions, format);
    return 0;
  }
  return serve(std::move(plan), format);
}

}  // namespace thaw::cli
