#pragma once
// A backend: one layer around a measured command, described by a YAML file and not by code. It says how the layer
// runs what is inside it, which errands belong to it (resetting, looking things up, cleaning up) and which metrics
// can be read from the output. docs/backends.md explains every key.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/extract.h"
#include "bench/pattern.h"
#include "core/error.h"
#include "core/files.h"
#include "document/command_template.h"
#include "document/document.h"

namespace thaw {

/// A number (or text) read from the output of every repetition.
struct MetricSpec {
  std::string name;  ///< "auto": the extractor gives several metrics, names included.
  std::string description;
  std::string unit;
  bool lower_is_better = true;
  bool is_text = false;
  Extractor extract;
};

/// A value that a layer looks up before measuring and again after each reset: the standard output of a command.
struct ResolveSpec {
  std::string name;
  CommandTemplate command;
};

/// A program that must be there, and the Debian package that brings it ("" when unknown).
struct Requirement {
  std::string program;
  std::string package;
};

/// An observer inside this program that watches a repetition, with its options.
struct ProbeSpec {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options;
};

struct BackendSpec {
  std::string name;
  std::string place;  ///< Where it was defined, "share/thaw/backends/perf.yaml:3:3".
  std::string description;
  std::string version;
  std::optional<CommandTemplate> run;  ///< Absent: the layer changes nothing about the command.
  std::optional<CommandTemplate>
      spec;  ///< How an errand or host fact goes through the layer; absent: as if not there.
  std::vector<CommandTemplate> reset;       ///< Makes the next run cold.
  std::vector<CommandTemplate> on_timeout;  ///< Ends what a run left behind out of reach of a signal.
  std::vector<ResolveSpec> resolve;
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<std::pair<std::string, Argv>> placeholders;  ///< A text is one word.
  std::vector<Requirement> requires_programs;
  std::optional<ProbeSpec> probe;
  std::vector<std::string> hosts;
  std::string hostfile;  ///< The file that `hosts` came from; empty when they were written out.
  std::string mpiflags;  ///< Options as shell text.
  std::string tmp_path = "/tmp/";
  bool is_composable = true;  ///< Otherwise only the first backend of a chain.
  bool is_profiling = false;  ///< Measures the run; a hint for front ends.
  bool forgets_exit =
      false;  ///< May end before it has waited for the command; see RunLimits::adopts_abandoned.
  std::optional<Pattern> failure_text;  ///< In the output: the command failed, whatever the exit code says.
  bool is_terminal = false;             ///< Has no place for an inner command: it calls the function itself.
  bool is_remote = false;     ///< What is inside runs elsewhere and does not inherit the environment.
  bool starts_ranks = false;  ///< Starts all copies itself ($MPL).
  std::vector<MetricSpec> metrics;
  DocumentNode definition;  ///< As resolved from all files; kept in the record of a run.
};

/// Reads one entry of `backend_options`. Errors: bad_usage at the entry's place for an unknown key (with the nearest
/// one), a value of the wrong kind, a secret written into the file, or a command that contradicts its flags.
Result<BackendSpec> parse_backend(std::string_view name, const DocumentNode& definition);

/// Every key that parse_backend knows.
std::span<const std::string_view> backend_keys();

/// Reads a `metrics` map. Errors: bad_usage with the metric's place.
Result<std::vector<MetricSpec>> parse_metrics(const DocumentNode& metrics);

/// Lays a user's definition of a backend on another one, key by key; the maps env, placeholders, resolve and
/// probe_options are merged. A user's `run` replaces the command with all that belongs to it (spec, resolve,
/// on_timeout, requires, env, probe, terminal, remote, copies, composable).
/// Errors: bad_usage when the two do not fit together.
Result<DocumentNode> override_backend(DocumentNode base, const DocumentNode& over);

/// Host names from the text of a host file: the first word of each line, as often in a row as `slots=N` behind it says;
/// `#` starts a remark.
std::vector<std::string> parse_hostfile(std::string_view text);

}  // namespace thaw
