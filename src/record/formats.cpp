#include "record/formats.h"

#include "record/catalogue.h"
#include "record/disturbance.h"
#include "record/host_context.h"
#include "record/provenance.h"
#include "record/run_document.h"
#include "record/samples.h"

namespace thaw {
namespace {

FormatPage run_page() {
  return {
      "run.md",
      "run.json",
      {{"",
        "Every measuring command writes one folder, by default `runs/<experiment>/<task>-<UTC time>/`. In "
        "it,\n"
        "`run.json` tells what was run, how, where and when, and what came out; it is enough to run it "
        "again.\n"
        "The file is replaced as a whole (written as `run.json.tmp`, then renamed): at the start with the "
        "status\n"
        "`running`, at the end with the final one. A record that still says `running` after its program is "
        "gone\n"
        "was killed; its rows in [samples.csv](samples.md) are complete up to the row in flight.\n\n"
        "JSON, UTF-8, keys in this order, all present; null means not known. A reader refuses a `schema` "
        "that\n"
        "does not begin with `thaw.` and ignores keys that it does not know. Secrets in command lines and\n"
        "settings are replaced by `***` before they are written.",
        {}},
       {"Keys", "", describe(run_document_fields())},
       {"Entries of columns",
        "One for each column of samples.csv, in its order.",
        {{"name", "", FieldType::text, "Heading of the column"},
         {"unit", "", FieldType::text, "Unit; empty for counts and text"},
         {"type", "", FieldType::text, "boolean, integer, number, text, time, object or list"},
         {"role", "", FieldType::text,
          "`fixed` (in every record), `factor` (set by a sweep) or `metric` (measured)"},
         {"lower_is_better", "", FieldType::boolean, "Not for fixed columns"},
         {"description", "", FieldType::text, "What it is"}}}}};
}

FormatPage samples_page() {
  return {"samples.md",
          "samples.csv",
          {{"",
            "The raw rows of a record: one for each process of each repetition, in the order in which they "
            "ended.\n"
            "Failed ones are there too, marked by their status. After the fixed columns come the factors of "
            "a sweep\n"
            "and the metrics, one column each, under the names that `columns` in [run.json](run.md) "
            "describes.\n\n"
            "CSV as in RFC 4180: a header, LF, UTF-8, `.` as decimal point, fields quoted only when needed; "
            "an empty\n"
            "field is missing, never 0. Numbers have the shortest form that reads back to the same value.\n\n"
            "Every row is handed to the kernel before the next repetition begins. If the program is killed "
            "in the\n"
            "middle of a row, that row has no line end: readers leave it out, and adding rows cuts it off.",
            {}},
           {"Fixed columns", "", describe(sample_fields())}}};
}

std::vector<FieldDescription> describe_facts(std::span<const HostFact> facts) {
  std::vector<FieldDescription> fields;
  for (const HostFact& fact : facts) {
    std::string meaning(fact.field.description);
    if (fact.is_volatile) meaning += " (volatile)";
    fields.push_back({fmt::format("{}.{}", fact.group, fact.field.name), std::string(fact.field.unit),
                      fact.field.type, std::move(meaning)});
  }
  return fields;
}

FormatPage context_page() {
  return {
      "context.md",
      "The context of a run",
      {{"",
        "`context` in [run.json](run.md) has three parts: `run`, `host` and `disturbance`. Facts are read "
        "from files\n"
        "and system calls; no tool is started for them. A fact that the machine does not tell is null. Where "
        "a\n"
        "backend changes the machine (ssh, docker, mpi), one shell script reads the same files there.",
        {}},
       {"run", "What is needed to repeat the run, beside the configuration.", describe(run_provenance_fields())},
       {"host",
        "Group and key of each fact. Volatile facts change by themselves and are no difference between "
        "machines.",
        describe_facts(machine_facts())},
       {"host: how far to trust it", "", describe_facts(trust_facts())},
       {"disturbance",
        "Growth of these counters from before the first to after the last repetition. Null where a counter "
        "is\n"
        "missing or started again.",
        describe(disturbance_fields())}}};
}

FormatPage catalogue_page() {
  return {"catalogue.md",
          "The catalogue of runs",
          {{"",
            "An SQLite file, `runs/catalogue.sqlite` or what `THAW_CATALOGUE` names. It lists the run "
            "folders; it\n"
            "holds nothing that is not in them, so it may be deleted: `thaw runs rescan` makes it anew.\n"
            "`thaw runs query SQL` answers one statement that reads, for example\n\n"
            "```sql\n"
            "SELECT task, started, median, ci95_low, ci95_high\n"
            "FROM runs JOIN metrics USING (path) WHERE metric = 'outer_time' ORDER BY started\n"
            "```\n\n"
            "`PRAGMA user_version` is 1. Unknown text and numbers are NULL.",
            {}},
           {"Table runs", "", describe(catalogue_run_fields())},
           {"Table metrics", "One row for each metric of each run (and cell of a sweep).",
            describe(catalogue_metric_fields())}}};
}

}  // namespace

std::vector<FormatPage> record_format_pages() {
  return {run_page(), samples_page(), context_page(), catalogue_page()};
}

}  // namespace thaw
