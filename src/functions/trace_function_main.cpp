// thaw-fn: serves the trace function.

#include <unistd.h>

#include <array>
#include <csignal>

#include "core/files.h"
#include "functions/trace_command_line.h"

namespace thaw::functions {
namespace {

TraceServer* running_server = nullptr;  // For the signal handler only.
volatile std::sig_atomic_t first_signal = 0;

int report(const Error& error) {
  (void)write_all(STDERR_FILENO, render(error), "stderr");
  return static_cast<int>(error.kind);
}

int print(std::string_view text) {
  const Result<> written = write_all(STDOUT_FILENO, text, "stdout");
  return written ? 0 : report(written.error());
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

void stop_on_signals(TraceServer& server) {
  running_server = &server;
  struct sigaction action {};
  action.sa_handler = [](int got) {
    if (first_signal != 0) ::_exit(got == SIGTERM ? 0 : 130);  // The second one ends at once.
    first_signal = got;
    running_server->stop();
  };
  for (const int number : {SIGTERM, SIGINT}) ::sigaction(number, &action, nullptr);
}

/// Serves until SIGTERM (exit code 0) or SIGINT (130).
int serve(const TracePlan& plan) {
  if (plan.cold_start > Nanos(0)) {
    WorkMemory none;
    (void)perform({.mode = plan.function.defaults.mode, .runtime = plan.cold_start}, system_clock(), none);
  }
  auto server = TraceServer::listen(plan.server, plan.function, system_clock());
  if (!server) return report(server.error());
  stop_on_signals(*server);
  (void)write_all(STDERR_FILENO,
                  fmt::format("thaw-fn: serving {} on {}\n", plan.function.name, server->url()), "stderr");
  const bool is_drained = server->run();
  const int exit_code = first_signal == SIGINT ? 130 : 0;
  // Calls that still run use the server: leave without destroying it.
  if (!is_drained) ::_exit(exit_code);
  return exit_code;
}

int run(int argc, char** argv) {
  const auto environment = [](std::string_view name) { return environment_variable(name); };
  auto plan = read_trace_command_line(std::vector<std::string>(argv, argv + argc), environment);
  if (!plan) return report(plan.error());
  switch (plan->action) {
    case TracePlan::Action::help:
      return print(trace_help_text());
    case TracePlan::Action::version:
      return print("thaw-fn " THAW_VERSION "\n");
    case TracePlan::Action::serve:
      break;
  }
  if (plan->function.machine == TraceFunctionOptions{}.machine) plan->function.machine = host_name();
  return serve(*plan);
}

}  // namespace
}  // namespace thaw::functions

int main(int argc, char** argv) { return thaw::functions::run(argc, argv); }
