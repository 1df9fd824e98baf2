#pragma once
// Experiment files: what `thaw bench -f FILE` and `-j JSON` say, in the words of this program and of both eras of
// the predecessor, read into one structure. docs/backends.md and docs/experiments.md list every key.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/backend.h"
#include "bench/backend_library.h"
#include "bench/options.h"
#include "bench/sweep.h"
#include "core/error.h"
#include "core/files.h"
#include "core/units.h"
#include "document/document.h"

namespace thaw {

/// Commands that tell facts about the host: group → name → shell text.
struct FactCommands {
  std::string group;
  std::vector<std::pair<std::string, std::string>> commands;
};

/// What files say; what they leave open is empty.
struct FileConfig {
  std::optional<std::vector<std::string>> backends;
  std::vector<NamedCommand> commands;  ///< Programs with names; instead of `function` and `args`.
  std::optional<std::string> function;
  std::optional<std::string> task;
  std::optional<std::string> fn_path;
  std::optional<Argv> args;
  std::optional<std::string> repeat;  ///< A stopping rule as make_stop_rule reads it: "ci:threshold=0.05".
  std::optional<std::string> repeat_metric;  ///< The metric that the rule looks at.
  std::optional<StartMode> start;
  std::optional<int> warmup;
  std::optional<int> copies;
  std::optional<Nanos> timeout;
  std::optional<std::string> experiment;
  std::optional<std::string> directory;
  std::optional<std::string> out;
  std::optional<std::string> description;
  std::optional<std::string> stdin_file;
  std::optional<std::string> prepare;
  std::optional<std::string> conclude;
  std::optional<std::string> pin;
  std::optional<std::int64_t> seed;
  std::optional<bool> verbose;
  std::optional<bool> skip_sys_specs;
  std::optional<bool> append;
  std::optional<bool> allow_failures;
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<FactCommands> sys_spec_commands;
  std::optional<Sweep> sweep;
  std::optional<SweepOrder> sweep_order;  ///< `order`, in the sweep or, of several commands, beside it.
  std::vector<FileConfig> workflow;  ///< Tasks in order; each holds only what it says itself. See `overlay`.

  struct BackendOptions {
    DocumentNode options;         ///< A file's backend_options map, for BackendLibrary::add.
    bool brings_metrics = false;  ///< The same file defines metrics.
  };
  std::vector<BackendOptions> backend_options;  ///< In the order of the files.
  std::vector<MetricSpec> metrics;
  std::vector<DocumentEntry> metric_definitions;  ///< The metrics as written, for the record.
};

/// Reads a map of keys. `environment` of the predecessor is a map of variables or a list of NAME=VALUE.
/// Errors: bad_usage with the place of an unknown key or a wrong value.
Result<FileConfig> parse_config(const DocumentNode& document);
/// One key with its value as text, as a sweep sets it: ("copies", "4"). Errors: bad_usage.
Result<FileConfig> parse_config_option(std::string_view key, const std::string& value);
/// Every key that parse_config knows.
std::span<const std::string_view> config_keys();

/// `over` laid on `base`: a later value replaces an earlier one; variables, fact commands and metrics are merged by
/// name; backend options are kept in order.
FileConfig overlay(FileConfig base, FileConfig over);

/// The configuration as a map that parse_config reads back to the same, for records and --print-config.
DocumentNode to_document(const FileConfig& config);

/// The metrics of a chain, with those of the files in place of equally named ones and behind the others.
std::vector<MetricSpec> combine_metrics(std::vector<MetricSpec> of_chain,
                                        const std::vector<MetricSpec>& of_files);

/// Tells every backend and definition that the files bring to the library. Errors: bad_usage.
Result<> add_to_library(const FileConfig& config, BackendLibrary& library);

/// A file named by -f, found.
struct ConfigFile {
  Path path;
  std::string note;  ///< A sentence for stderr when something else than the named file is read.
};

/// Finds FILE of `-f FILE`: as it stands, else among the shipped files (`backends/perf.yaml`). For a Python plug-in of
/// the predecessor (`backends/mpi.py`) the shipped YAML backend of its name is found.
/// Errors: bad_usage when there is no such file, with the places searched.
Result<ConfigFile> find_config_file(std::string_view name, const Path& share);

/// The files of all -f in order, includes followed, and their notes. Errors: those of reading and parse_config.
struct LoadedConfig {
  FileConfig config;
  std::vector<std::string> notes;
};
Result<LoadedConfig> load_config_files(const std::vector<std::string>& names, const Path& share);

/// `-j JSON`.
Result<FileConfig> parse_inline_config(std::string_view json, const Path& share);

/// The options stored in the predecessor's Markdown file: the JSON after the heading that ends in "runtime options",
/// or the YAML between `---` lines at its start. Errors: bad_usage when there is none.
Result<FileConfig> parse_markdown_config(std::string_view text, std::string_view file);

}  // namespace thaw
