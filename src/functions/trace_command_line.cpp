#include "functions/trace_command_line.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace thaw::functions {
namespace {

template <class Number>
Result<> set_count(Number& into, std::string_view text, std::int64_t least, std::int64_t most) {
  const auto number = parse_integer(text);
  if (!number || *number < least || *number > most) {
    return fail(ErrorKind::bad_usage, "a whole number from {} to {} is needed, got \"{}\"", least, most,
                text);
  }
  into = static_cast<Number>(*number);
  return {};
}

Result<> set_time(Nanos& into, std::string_view text) {
  THAW_TRY(into, parse_duration(text));
  return {};
}

/// One option: on the command line, in the environment, or both.
struct Option {
  std::string_view name;         ///< "--port".
  std::string_view value;        ///< "N"; empty: it takes none.
  std::string_view environment;  ///< Names between spaces, the later ones win; empty: none.
  std::string_view group;        ///< Printed before the first of its members.
  std::string_view help;
  Result<> (*set)(TracePlan& plan, std::string_view text);
};

constexpr std::array options = {
    Option{"--port", "N", "FUNC_PORT_ENV PORT", "Where", "port; 0: any free one [default: 8080]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_count(plan.server.port, text, 0, 65535);
           }},
    Option{"--host", "ADDRESS", "HOST", "Where", "numeric address [default: 127.0.0.1]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             plan.server.host = text;
             return {};
           }},
    Option{"--runtime", "TIME", "", "Work of calls that do not say", "time of a call [default: 0]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_time(plan.function.defaults.runtime, text);
           }},
    Option{"--memory", "SIZE", "", "Work of calls that do not say",
           "memory that a call touches [default: 0B]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             THAW_TRY(plan.function.defaults.memory, parse_bytes(text));
             return {};
           }},
    Option{"--io", "PERCENT", "IO_PERCENTAGE", "Work of calls that do not say",
           "share of the time spent waiting [default: 0]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             const auto percent = parse_number(text);
             if (!percent || *percent < 0 || *percent > 100) {
               return Result<>(
                   fail(ErrorKind::bad_usage, "a number from 0 to 100 is needed, got \"{}\"", text));
             }
             plan.function.defaults.io_share = *percent / 100;
             return {};
           }},
    Option{"--mode", "MODE", "", "Work of calls that do not say",
           "cpu: that much processor time; wall: until the time\nis over; sleep: waiting [default: cpu]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             THAW_TRY(plan.function.defaults.mode, parse_mode(text));
             return {};
           }},
    Option{"--multiplier", "N", "ITERATIONS_MULTIPLIER", "Work of calls that do not say",
           "fixed work: N x 100 square roots for each millisecond\ninstead of looking at a clock [default: "
           "0, the clock]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_count(plan.function.defaults.multiplier, text, 0, 1'000'000'000);
           }},
    Option{"--cold-start", "TIME", "COLD_START_BUSY_LOOP_MS", "The function",
           "time used before listening, as --mode says [default: 0]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             // The variable holds plain milliseconds.
             if (const auto ms = parse_integer(text); ms && *ms >= 0 && *ms <= 3'600'000) {
               plan.cold_start = std::chrono::milliseconds(*ms);
               return {};
             }
             return set_time(plan.cold_start, text);
           }},
    Option{"--name", "NAME", "K_SERVICE THAW_FN_NAME", "The function",
           "its name in answers [default: thaw-fn]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             plan.function.name = text;
             return {};
           }},
    Option{"--machine", "NAME", "HOSTNAME THAW_FN_MACHINE", "The function", "the machine's name in answers",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             plan.function.machine = text;
             return {};
           }},
    Option{"--type", "TYPE", "FUNC_TYPE_ENV", "The function",
           "TRACE or EMPTY; EMPTY never works [default: TRACE]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             plan.function.is_empty = to_lower(text) == "empty";
             if (plan.function.is_empty || to_lower(text) == "trace") return {};
             return fail(ErrorKind::bad_usage, "the type is TRACE or EMPTY, got \"{}\"", text);
           }},
    Option{"--base64", "", "", "The function", "answers over HTTP are base64, as OpenWhisk's are",
           [](TracePlan& plan, std::string_view) -> Result<> {
             plan.function.wants_base64 = true;
             return {};
           }},
    Option{"--max-memory", "SIZE", "", "The function", "calls that ask for more fail [default: 10GiB]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             THAW_TRY(plan.function.most_memory, parse_bytes(text));
             return {};
           }},
    Option{"--release-memory", "", "", "The function", "after each call, instead of keeping it for the next",
           [](TracePlan& plan, std::string_view) -> Result<> {
             plan.server.keeps_memory = false;
             return {};
           }},
    Option{"--fault", "RULES", "THAW_FN_FAULT", "Faults",
           "what goes wrong and how often, between commas:\ndelay=TIME status=N hang crash exit=N garbage "
           "reset\n"
           "truncate, each with :SHARE [default share: 1]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             THAW_TRY(plan.function.faults, parse_faults(text));
             return {};
           }},
    Option{"--seed", "N", "", "Faults", "of the shares' draws [default: 1]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_count(plan.function.seed, text, 0, std::int64_t{1} << 62);
           }},
    Option{"--no-fault-header", "", "", "Faults", "ignore the header X-Thaw-Fault of requests",
           [](TracePlan& plan, std::string_view) -> Result<> {
             plan.function.takes_fault_header = false;
             return {};
           }},
    Option{"--threads", "N", "", "Limits", "calls that use the processor at a time [default: 64]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_count(plan.server.most_threads, text, 1, 4096);
           }},
    Option{"--connections", "N", "", "Limits", "most connections at a time [default: 4096]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_count(plan.server.most_connections, text, 1, 100'000);
           }},
    Option{"--max-body", "SIZE", "", "Limits", "largest request body [default: 1MiB]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             THAW_TRY(const Bytes limit, parse_bytes(text));
             plan.server.limits.body_bytes = static_cast<std::size_t>(limit.count());
             return {};
           }},
    Option{"--timeout", "TIME", "", "Limits", "for a request to arrive [default: 10s]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_time(plan.server.read_timeout, text);
           }},
    Option{"--drain", "TIME", "", "Limits", "for running calls after SIGTERM [default: 5s]",
           [](TracePlan& plan, std::string_view text) -> Result<> {
             return set_time(plan.server.drain_timeout, text);
           }},
};

constexpr std::string_view help_top =
    R"(thaw-fn: a function that does what it is asked to, to measure platforms with

usage: thaw-fn [OPTION...]

Uses the processor for a time, waits, touches memory, fails. Speaks HTTP/1.1,
clear-text HTTP/2 and gRPC (faas.Executor/Execute) on one port.
)";

constexpr std::string_view help_bottom = R"(
Others:
  --help            this text
  --version         print the version

A call says what it wants as query (?cpu=5&memory=128&io=20&mode=sleep), JSON
body ({"RuntimeInMilliSec": 5, "MemoryInMebiBytes": 128}), headers
(requested_cpu, requested_memory, io_percentage, multiplier) or gRPC message.

examples:
  # on port 8080 of this machine; use 5 ms of processor time and touch 64 MiB
  thaw-fn
  curl 'http://127.0.0.1:8080/?cpu=5&memory=64'
  # the same over clear-text HTTP/2
  curl --http2-prior-knowledge 'http://127.0.0.1:8080/?cpu=5&memory=64'
  # reachable from outside a container
  PORT=8080 HOST=0.0.0.0 thaw-fn
  # one call of a hundred fails, one of a thousand takes the process with it
  thaw-fn --fault status=503:1%,crash:0.1%
  # this call never gets an answer
  curl -H 'X-Thaw-Fault: hang' http://127.0.0.1:8080/

see also: thaw-micro --help, thaw serve --help, thaw load --help
)";

Result<> apply(const Option& option, TracePlan& plan, std::string_view text, std::string_view source) {
  auto set = option.set(plan, text);
  if (set) return {};
  Error error = std::move(set).error();
  error.where = source;
  if (error.hint.empty()) error.hint = "see thaw-fn --help";
  return tl::unexpected(std::move(error));
}

Result<> apply_environment(TracePlan& plan, const Environment& environment) {
  for (const Option& option : options) {
    for (const std::string_view name : split_fields(option.environment)) {
      const auto value = environment(name);
      if (value && !value->empty()) THAW_CHECK(apply(option, plan, *value, name));
    }
  }
  return {};
}

tl::unexpected<Error> unknown(const std::string& word) {
  std::vector<std::string> known = {"--help", "--version"};
  for (const Option& option : options) known.emplace_back(option.name);
  return fail_at(ErrorKind::bad_usage, fmt::format("there is no option {}", word), {}, suggest(word, known));
}

}  // namespace

Result<TracePlan> read_trace_command_line(const std::vector<std::string>& words,
                                          const Environment& environment) {
  TracePlan plan;
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (words[at] == "--help" || words[at] == "-h") plan.action = TracePlan::Action::help;
    if (words[at] == "--version") plan.action = TracePlan::Action::version;
  }
  if (plan.action != TracePlan::Action::serve) return plan;
  THAW_CHECK(apply_environment(plan, environment));
  for (std::size_t at = 1; at < words.size(); ++at) {
    const std::size_t equals = words[at].find('=');
    const std::string name = words[at].substr(0, equals);
    const auto found = std::find_if(options.begin(), options.end(),
                                    [&](const Option& option) { return option.name == name; });
    if (found == options.end()) return unknown(words[at]);
    std::string value;
    if (found->value.empty()) {
      if (equals != std::string::npos) {
        return fail_at(ErrorKind::bad_usage, fmt::format("{} takes no value", name), name,
                       "see thaw-fn --help");
      }
    } else if (equals != std::string::npos) {
      value = words[at].substr(equals + 1);
    } else if (at + 1 < words.size()) {
      value = words[++at];
    } else {
      return fail_at(ErrorKind::bad_usage, fmt::format("{} needs a value", name), name, "see thaw-fn --help");
    }
    THAW_CHECK(apply(*found, plan, value, name));
  }
  return plan;
}

std::string trace_help_text() {
  std::string text(help_top);
  std::string_view group;
  for (const Option& option : options) {
    if (option.group != group) text += fmt::format("\n{}:\n", option.group);
    group = option.group;
    std::string_view rest = option.help;
    std::string left = fmt::format("{}{}{}", option.name, option.value.empty() ? "" : " ", option.value);
    for (;;) {
      const std::size_t end = rest.find('\n');
      text += fmt::format("  {:<17} {}\n", left, rest.substr(0, end));
      left.clear();
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    if (!option.environment.empty())
      text += fmt::format("  {:<17} [environment: {}]\n", "", option.environment);
  }
  return text.append(help_bottom);
}

}  // namespace thaw::functions
