#include "cli/load_options.h"

#include <algorithm>

#include "cli/load_words.h"
#include "load/loader_config.h"
#include "record/run_folder.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw load --target URL (--rps N | --trace T | --stages S | --connections N | …) [options]",
    .purpose =
        "Sends a planned load to functions and records every invocation.\n"
        "Latency counts from the intended start; lateness of the generator is reported.",
    .examples =
        "  thaw load --rps 1000 --duration 6s --iat equidistant --target http://127.0.0.1:8080/\n"
        "  thaw load --connections 16 --duration 3s --target http://127.0.0.1:8080/   # closed loop\n"
        "  thaw load --trace azure2019 --from 9h --to 10h --speedup 120 --target "
        "'http://127.0.0.1:8080/function/{function}?ms={runtime_ms}'\n"
        "  thaw load --stages '100/s for 30s, ramp to 1000/s over 1m' --fail-if 'p99 > 200ms' --target URL\n"
        "  thaw load --config loader.json                             # the predecessor's file\n"
        "  thaw load --trace azure2019-busiest-hour --speedup 120 --target embedded --policy gd "
        "--platform-memory 1GB\n"
        "  thaw load --trace azure2019-busiest-hour --to 1m --target docker:image=thaw-fn\n"
        "  thaw load --rps 5000 --duration 1m --shard 1/2 --start-at 2026-11-21T16:00:00Z --target URL\n",
    .see_also = "thaw sim validate, thaw trace schedule, thaw report merge, docs/load.md"};

/// --target embedded, and the options that only it has.
Result<> take_embedded(const CLI::App& app, const LoadWords& t, LoadCommand& command) {
  if (t.target.url == "embedded") {
    command.embedded = t.embedded;
    return {};
  }
  for (const char* const option : {"--policy", "--platform-memory", "--work"}) {
    if (app.count(option) > 0)
      return fail_at(ErrorKind::bad_usage, "is about the embedded platform", option,
                     "give --target embedded");
  }
  return {};
}

/// What is no part of a load's configuration.
bool is_about_this_call(const std::string& name) {
  constexpr std::string_view names[] = {"help",         "config", "repro",   "dry-run", "print-config", "out",
                                        "per-function", "format", "verbose", "quiet",   "rows-copy"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

nlohmann::ordered_json configuration_of(const CLI::App& app) {
  nlohmann::ordered_json json = {{"schema", load_config_schema}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0 || option->get_lnames().empty()) continue;
    const std::string& name = option->get_lnames().front();
    if (is_about_this_call(name)) continue;
    if (option->get_items_expected_max() == 0) {
      json[name] = true;
    } else if (option->get_items_expected_max() > 1) {
      json[name] = option->results();
    } else {
      json[name] = option->results().back();
    }
  }
  return json;
}

/// Words that stand before the typed ones: of a configuration file or a record.
Result<LoaderOptions> words_before(const Arguments& arguments) {
  const auto value_of = [&](std::string_view option) -> std::string {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] == option && i + 1 < arguments.size()) return arguments[i + 1];
      if (arguments[i].starts_with(option) && arguments[i].substr(option.size()).starts_with('='))
        return arguments[i].substr(option.size() + 1);
    }
    return {};
  };
  if (const std::string config = value_of("--config"); !config.empty()) {
    THAW_TRY(const std::string text, read_file(config));
    return options_of_config(text, config);
  }
  if (const std::string repro = value_of("--repro"); !repro.empty()) {
    THAW_TRY(const RunRecord record, read_run(repro));
    return options_of_config(record.document.value("configuration", nlohmann::ordered_json()).dump(), repro);
  }
  return LoaderOptions{};
}

}  // namespace

Result<LoadCommand> parse_load(const Arguments& arguments) {
  CLI::App app("", "load");
  set_help(app, help);
  LoadCommand command;
  LoadWords words;
  add_load_options(app, words, command);
  THAW_TRY(LoaderOptions before, words_before(arguments));
  command.notes = std::move(before.notes);
  before.words.insert(before.words.end(), arguments.begin(), arguments.end());
  THAW_TRY(command.is_done, parse_operands(app, before.words));
  if (command.is_done) return command;
  constexpr std::string_view formats[] = {"table", "json", "csv", "ndjson"};
  THAW_CHECK(check_format(command.format, formats));
  THAW_TRY(command.request, resolve(words));
  command.functions = words.functions;
  command.configuration = configuration_of(app);
  THAW_CHECK(take_embedded(app, words, command));
  if (command.request.target.url.empty() && !command.is_dry_run && !command.is_print_config) {
    return fail_at(ErrorKind::bad_usage, "nothing says where to send", "--target",
                   "give a URL, for example --target http://127.0.0.1:8080/");
  }
  return command;
}

}  // namespace thaw::cli
