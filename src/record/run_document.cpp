#include "record/run_document.h"

#include <unistd.h>

#include <array>

#include "record/redact.h"

namespace thaw {
namespace {

using Document = const RunDocument&;

constexpr std::array<Field<RunDocument>, 17> fields{{
    {"schema", "", FieldType::text, "Name and version of this layout; every key below is always present",
     [](Document run) { return FieldValue(run.schema); }},
    {"id", "", FieldType::text, "Launch id: eight hex digits, the first a letter",
     [](Document run) { return FieldValue(run.id); }},
    {"command", "", FieldType::text, "The subcommand that wrote the record",
     [](Document run) { return FieldValue(run.command); }},
    {"experiment", "", FieldType::text, "The group of runs this one belongs to",
     [](Document run) { return FieldValue(run.experiment); }},
    {"task", "", FieldType::text, "What was measured, in one name",
     [](Document run) { return FieldValue(run.task); }},
    {"status", "", FieldType::text,
     "`running` (also when the program was killed), `completed`, `interrupted` or `failed`",
     [](Document run) { return FieldValue(std::string(name_of(run.status))); }},
    {"started", "", FieldType::time, "Start of the program, UTC",
     [](Document run) { return FieldValue(format_utc(run.started)); }},
    {"ended", "", FieldType::time, "End of the run, UTC; null while it is running",
     [](Document run) { return run.ended ? FieldValue(format_utc(*run.ended)) : FieldValue(); }},
    {"duration_s", "s", FieldType::number, "ended - started",
     [](Document run) {
       return run.ended ? FieldValue(to_seconds(*run.ended - run.started)) : FieldValue();
     }},
    {"command_line", "", FieldType::list, "Arguments of the program, secrets masked",
     [](Document run) { return FieldValue(nlohmann::ordered_json(run.command_line)); }},
    {"seed", "", FieldType::integer, "Seed of every random stream",
     [](Document run) { return FieldValue(nlohmann::ordered_json(run.seed)); }},
    {"configuration", "", FieldType::object, "All settings as resolved; a file with it repeats the run",
     [](Document run) { return FieldValue(run.configuration); }},
    {"context", "", FieldType::object, "The machine and the program; see context.md",
     [](Document run) { return FieldValue(run.context); }},
    {"columns", "", FieldType::list,
     "The columns of samples.csv: name, unit, type, role and description of each",
     [](Document run) { return FieldValue(run.columns); }},
    {"summary", "", FieldType::object, "Results, laid out as the command prints them with --format json",
     [](Document run) { return FieldValue(run.summary); }},
    {"warnings", "", FieldType::list, "What the reader should know before trusting the numbers",
     [](Document run) { return FieldValue(nlohmann::ordered_json(run.warnings)); }},
    {"launches", "", FieldType::list,
     "Earlier starts whose rows are in the same file (append, resume), each as its run.json without this key",
     [](Document run) { return FieldValue(run.launches); }},
}};

}  // namespace

std::string_view name_of(RunStatus status) {
  switch (status) {
    case RunStatus::running:
      return "running";
    case RunStatus::completed:
      return "completed";
    case RunStatus::interrupted:
      return "interrupted";
    case RunStatus::failed:
      return "failed";
  }
  return "failed";
}

FieldTable<RunDocument> run_document_fields() { return fields; }

nlohmann::ordered_json to_json(const RunDocument& document) {
  return redact_json(to_json(run_document_fields(), document));
}

std::string make_launch_id(WallTime started) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string identity = fmt::format("{} {} {}", format_epoch(started), ::getpid(), host.data());
  // FNV-1a, 64 bits, folded to 32.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : identity) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  const auto folded = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  // The first digit is a letter, so that no reader of CSV takes an id for a number.
  return fmt::format("{:x}{:07x}", 10 + (folded >> 28) % 6, folded & 0x0fffffffU);
}

}  // namespace thaw
