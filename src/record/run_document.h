#pragma once
// run.json: what was run, how, where, when, and what came out; enough to run it again.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "record/field_table.h"

namespace thaw {

enum class RunStatus { running, completed, interrupted, failed };

/// "running", "completed", "interrupted" or "failed".
std::string_view name_of(RunStatus status);

/// The content of run.json.
struct RunDocument {
  std::string schema = "thaw.run/1";
  std::string id;       ///< Launch id: eight hex digits.
  std::string command;  ///< "bench".
  std::string experiment;
  std::string task;
  RunStatus status = RunStatus::running;
  WallTime started{};
  std::optional<WallTime> ended;
  std::vector<std::string> command_line;
  std::uint64_t seed = 1;
  nlohmann::ordered_json configuration = nlohmann::ordered_json::object();  ///< As resolved; loadable again.
  nlohmann::ordered_json context = nlohmann::ordered_json::object();
  nlohmann::ordered_json columns = nlohmann::ordered_json::array();  ///< See describe_columns.
  nlohmann::ordered_json summary = nlohmann::ordered_json::object();
  std::vector<std::string> warnings;
  nlohmann::ordered_json launches = nlohmann::ordered_json::array();  ///< Earlier starts that added rows.
};

/// The keys of run.json, in order.
FieldTable<RunDocument> run_document_fields();

/// What run.json says, secrets masked throughout (see redact.h).
nlohmann::ordered_json to_json(const RunDocument& document);

/// A new launch id for `started`: eight hex digits that differ between starts of different time, process or host.
std::string make_launch_id(WallTime started);

}  // namespace thaw
