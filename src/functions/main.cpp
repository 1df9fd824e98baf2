// thaw-micro: runs one function, or serves functions over HTTP.

#include <unistd.h>

#include <csignal>

#include "core/files.h"
#include "core/process.h"
#include "functions/command_line.h"
#include "functions/service.h"

namespace thaw::functions {
namespace {

HttpServer* running_server = nullptr;  // For the signal handler only.

int report(const Error& error) {
  (void)write_all(STDERR_FILENO, render(error), "stderr");
  return static_cast<int>(error.kind);
}

int print(std::string_view text) {
  const Result<> written = write_all(STDOUT_FILENO, text, "stdout");
  return written ? 0 : report(written.error());
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(number, &action, nullptr);
}

/// The first process of a container ignores signals without a handler, so that stopping one would take until it is
/// killed.
void end_on_signals_as_first_process() {
  if (::getpid() != 1) return;
  for (const int number : {SIGTERM, SIGINT}) handle(number, [](int got) { ::_exit(128 + got); });
}

/// Runs once.
int run(const Plan& plan) {
  end_on_signals_as_first_process();
  const Invocation call{.clock = system_clock(), .args = plan.args};
  const Result<std::string> output = plan.function->run(call);
  return output ? print(*output) : report(output.error());
}

/// Serves until SIGTERM (exit code 0) or SIGINT (130).
int serve(Plan plan) {
  Service service(system_clock(), {plan.function, std::move(plan.args), plan.may_use_files});
  auto server = HttpServer::listen(plan.server, system_clock(),
                                   [&](const HttpRequest& request) { return service.answer(request); });
  if (!server) return report(server.error());

  running_server = &*server;
  handle(SIGPIPE, SIG_IGN);
  for (const int number : {SIGTERM, SIGINT}) {
    handle(number, [](int got) {
      // A second signal ends at once; the first also stops an MPI program that a request may be waiting for.
      if (interrupt_signal().exchange(got) != 0) ::_exit(got == SIGTERM ? 0 : 130);
      running_server->stop();
    });
  }
  (void)write_all(
      STDERR_FILENO,
      fmt::format("thaw-micro: serving {} on {}\n",
                  plan.function != nullptr ? plan.function->name : "all functions", server->url()),
      "stderr");
  const bool is_drained = server->run();
  const int exit_code = interrupt_signal().load() == SIGINT ? 130 : 0;
  // Requests that are still running use the service: leave without destroying it.
  if (!is_drained) ::_exit(exit_code);
  return exit_code;
}

int run_plan(Plan plan) {
  switch (plan.action) {
    case Plan::Action::help:
      return print(help_text(plan.function));
    case Plan::Action::version:
      return print("thaw-micro " THAW_VERSION "\n");
    case Plan::Action::list: {
      std::string names;
      for (const Function& function : functions()) names += std::string(function.name) + "\n";
      return print(names);
    }
    case Plan::Action::run:
      return run(plan);
    case Plan::Action::serve:
      return serve(std::move(plan));
  }
  return static_cast<int>(ErrorKind::internal);
}

}  // namespace
}  // namespace thaw::functions

int main(int argc, char** argv) {
  using namespace thaw::functions;
  auto plan = read_command_line(std::vector<std::string>(argv, argv + argc), thaw::environment_variable);
  return plan ? run_plan(*std::move(plan)) : report(plan.error());
}
