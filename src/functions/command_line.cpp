#include "functions/command_line.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "core/units.h"
#include "functions/distributions.h"

namespace thaw::functions {
namespace {

constexpr std::string_view help_top =
    R"(thaw-micro: micro functions to measure launchers and platforms with

usage: thaw-micro [--run] FUNCTION [ARGUMENT...]
       thaw-micro --serve [FUNCTION | all] [OPTION...] [-- ARGUMENT...]

Every function prints a line "@@@ Time NAME SECONDS", its own measure.

functions:
)";

constexpr std::string_view help_bottom = R"(
What to do:
  --run            run once, even where PORT is set
  --serve          answer HTTP requests; so does a set environment variable PORT
  --list           print the names of the functions
  --help [NAME]    this text, or that of one function
  --version        print the version
Serving:
  --port N         port; 0: any free one [default: 8080] [environment: PORT]
  --host ADDRESS   numeric address [default: 127.0.0.1] [environment: HOST]
  --max-body SIZE  largest request body, such as 4MiB [default: 1MiB]
  --timeout TIME   for a request to arrive, such as 500ms [default: 10s]
  --connections N  most connections at a time [default: 256]
  --allow-files    let clients name files of this machine

examples:
  # multiply two 200 x 200 matrices
  thaw-micro matmul 200
  # the same as a function behind HTTP, on this machine only
  thaw-micro --serve matmul --port 8080 -- 200
  curl -d '["300"]' http://127.0.0.1:8080/
  # all functions, reachable from outside a container
  PORT=8080 HOST=0.0.0.0 thaw-micro all

see also: thaw bench --help, thaw serve --help
)";

/// Reads the words one by one.
class Reader {
 public:
  Reader(const std::vector<std::string>& words, const Environment& environment)
      : words_(words), environment_(environment) {}

  Result<Plan> read() {
    const std::string program = words_.empty() ? "" : words_[0].substr(words_[0].rfind('/') + 1);
    if (is_function(program)) {
      plan_.function = *find_function(program);
      plan_.args.assign(words_.begin() + 1, words_.end());
      THAW_CHECK(serve_if_asked_by_environment());
      return plan_;
    }
    for (at_ = 1; at_ < words_.size() && !has_ended_; ++at_) THAW_CHECK(word(words_[at_]));
    THAW_CHECK(settle());
    return plan_;
  }

 private:
  Result<> word(const std::string& word) {
    if (word == "--") {
      take_rest(at_ + 1);
      return {};
    }
    if (word.starts_with("-") && word.size() > 1) return option(word);
    if (!has_name_) return name(word);
    plan_.args.push_back(word);
    return {};
  }

  /// The function's name. When it runs, all that follows belongs to it; when it is served, options may follow.
  Result<> name(const std::string& word) {
    has_name_ = true;
    if (word != "all") {
      THAW_TRY(plan_.function, find_function(word));
    }
    if (plan_.action != Plan::Action::serve) take_rest(at_ + 1);
    return {};
  }

  void take_rest(std::size_t from) {
    plan_.args.insert(plan_.args.end(), words_.begin() + static_cast<std::ptrdiff_t>(from), words_.end());
    has_ended_ = true;
  }

  Result<> option(const std::string& given) {
    const std::size_t equals = given.find('=');
    const std::string option = given.substr(0, equals);
    if (option == "--help" || option == "-h") return action(Plan::Action::help);
    if (option == "--version") return action(Plan::Action::version);
    if (option == "--list") return action(Plan::Action::list);
    if (option == "--serve") return action(Plan::Action::serve);
    if (option == "--run") return action(Plan::Action::run);
    if (option == "--allow-files") {
      plan_.may_use_files = true;
      return {};
    }
    const std::vector<std::string> valued = {"--port", "--host", "--max-body", "--timeout", "--connections"};
    if (std::find(valued.begin(), valued.end(), option) == valued.end()) return unknown(option, valued);
    std::string value;
    if (equals != std::string::npos) {
      value = given.substr(equals + 1);
    } else if (at_ + 1 < words_.size()) {
      value = words_[++at_];
    } else {
      return fail_at(ErrorKind::bad_usage, fmt::format("{} needs a value", option), option,
                     "see thaw-micro --help");
    }
    has_port_ = has_port_ || option == "--port";
    has_host_ = has_host_ || option == "--host";
    auto set = set_server(option, value);
    if (!set && set.error().where.empty()) return tl::unexpected(std::move(set).error().in(option));
    return set;
  }

  Result<> action(Plan::Action action) {
    plan_.action = action;
    is_explicit_ = true;
    return {};
  }

  Result<> unknown(const std::string& option, std::vector<std::string> known) const {
    known.insert(known.end(), {"--help", "--version", "--list", "--serve", "--run", "--allow-files"});
    std::string advice = suggest(option, known);
    if (has_name_) advice = "options of the function itself go behind --";
    return fail_at(ErrorKind::bad_usage, fmt::format("there is no option {}", option), {}, std::move(advice));
  }

  /// A whole number in [least, most]. Errors: bad_usage.
  static Result<std::int64_t> count(const std::string& value, std::int64_t least, std::int64_t most) {
    const auto number = parse_integer(value);
    if (number && *number >= least && *number <= most) return *number;
    return fail(ErrorKind::bad_usage, "a whole number from {} to {} is needed, got \"{}\"", least, most,
                value);
  }

  Result<> set_server(const std::string& option, const std::string& value) {
    if (option == "--host") {
      plan_.server.host = value;
    } else if (option == "--port") {
      THAW_TRY(const std::int64_t port, count(value, 0, 65535));
      plan_.server.port = static_cast<std::uint16_t>(port);
    } else if (option == "--connections") {
      THAW_TRY(const std::int64_t connections, count(value, 1, 10'000));
      plan_.server.most_connections = static_cast<int>(connections);
    } else if (option == "--max-body") {
      THAW_TRY(const Bytes limit, parse_bytes(value));
      plan_.server.limits.body_bytes = static_cast<std::size_t>(limit.count());
    } else {
      THAW_TRY(plan_.server.read_timeout, parse_duration(value));
      if (plan_.server.read_timeout <= Nanos(0))
        return fail(ErrorKind::bad_usage, "a time above 0 is needed");
    }
    return {};
  }

  /// PORT means "serve" unless the command line said what to do.
  Result<> serve_if_asked_by_environment() {
    const auto port = environment_("PORT").value_or("");
    if (!is_explicit_) plan_.action = !port.empty() ? Plan::Action::serve : Plan::Action::run;
    if (plan_.action != Plan::Action::serve) return {};
    if (!port.empty() && !has_port_) {
      auto set = set_server("--port", port);
      if (!set) return tl::unexpected(std::move(set).error().in("PORT"));
    }
    if (const auto host = environment_("HOST"); host && !host->empty() && !has_host_)
      plan_.server.host = *host;
    return {};
  }

  Result<> settle() {
    THAW_CHECK(serve_if_asked_by_environment());
    if (plan_.action == Plan::Action::run && plan_.function == nullptr) {
      return fail_at(ErrorKind::bad_usage, has_name_ ? "\"all\" can only be served" : "no function was named",
                     {}, "thaw-micro --list prints the names, thaw-micro --help all the rest");
    }
    if (plan_.action == Plan::Action::serve && plan_.function == nullptr && !plan_.args.empty()) {
      return fail_at(ErrorKind::bad_usage,
                     fmt::format("argument \"{}\" belongs to no function", plan_.args[0]), {},
                     "name one function to give it arguments of its own");
    }
    return {};
  }

  const std::vector<std::string>& words_;
  const Environment& environment_;
  Plan plan_;
  std::size_t at_ = 0;
  bool has_name_ = false;
  bool has_ended_ = false;
  bool is_explicit_ = false;  ///< The action was said, not guessed.
  bool has_port_ = false;
  bool has_host_ = false;
};

std::string distribution_help() {
  std::string text = "\ndistributions (u uniform on (0,1), z standard normal, i the index), in seconds:\n";
  for (const Distribution& distribution : distributions()) {
    text += fmt::format("  {}", distribution.name);
    for (const Parameter& parameter : distribution.parameters) {
      if (parameter.name.empty()) continue;
      std::string name(parameter.name);
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
      text += fmt::format(" [{}={:g}]", name, parameter.default_value);
    }
    text += fmt::format("\n      {}\n", distribution.formula);
  }
  return text;
}

}  // namespace

Result<Plan> read_command_line(const std::vector<std::string>& words, const Environment& environment) {
  return Reader(words, environment).read();
}

std::string help_text(const Function* function) {
  if (function != nullptr) {
    std::string text =
        fmt::format("usage: thaw-micro {}{}{}\n{}\n", function->name, function->arguments.empty() ? "" : " ",
                    function->arguments, function->summary);
    if (function->name == "distributions") text += distribution_help();
    return text;
  }
  std::string text(help_top);
  for (const Function& each : functions()) {
    text += fmt::format("  {:<16} {}\n", each.name, each.summary);
  }
  return text.append(help_bottom);
}

}  // namespace thaw::functions
