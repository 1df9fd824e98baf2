#include "record/formats.h"

#include "record/catalogue.h"
#include "record/disturbance.h"
#include "record/host_context.h"
#include "record/provenance.h"
#include "record/run_document.h"
#include "record/samples.h"

namespace thaw {
namespace {

constexpr const char* about_run = R"(Every measuring command writes one folder, by default
`runs/<experiment>/<task>-<UTC time>/`. In it, `run.json` tells what was run, how, where and when, and what came
out; it is enough to run it again. The file is replaced as a whole (written as `run.json.tmp`, then renamed): at
the start with the status `running`, at the end with the final one. A record that still says `running` after its
program is gone was killed; its rows in [samples.csv](samples.md) are complete up to the row in flight.

JSON, UTF-8, keys in this order, all present; null means not known. A reader refuses a `schema` that does not begin
with `thaw.` and ignores keys that it does not know. Secrets in command lines and settings are replaced by `***`
before they are written.)";

constexpr const char* about_samples =
    R"(The raw rows of a record: one for each process of each repetition, in the
order in which they ended. Failed ones are there too, marked by their status. After the fixed columns come the
factors of a sweep and the metrics, one column each, under the names that `columns` in [run.json](run.md)
describes.

CSV as in RFC 4180: a header, LF, UTF-8, `.` as decimal point, fields quoted only when needed; an empty field is
missing, never 0. Numbers have the shortest form that reads back to the same value.

Every row is handed to the kernel before the next repetition begins. If the program is killed in the middle of a
row, that row has no line end: readers leave it out, and adding rows cuts it off.)";

constexpr const char* about_context =
    R"(`context` in [run.json](run.md) has the parts `run`, `host`, `target` and
`disturbance`. Facts are read from files and system calls; no tool is started for them. A fact that the machine
does not tell is null. Where a backend changes the machine (ssh, docker, mpi), one shell script reads the same
files through the backends; its facts are under `target`, in the form of `host`.)";

constexpr const char* about_host =
    "Group and key of each fact. Volatile facts change by themselves and are no difference between machines.";

constexpr const char* about_disturbance = R"(Growth of these counters from before the first to after the last
repetition. Null where a counter is missing or started again.)";

constexpr const char* about_catalogue =
    R"(An SQLite file, `runs/catalogue.sqlite` or what `THAW_CATALOGUE` names. It
lists the run folders; it holds nothing that is not in them, so it may be deleted: `thaw runs rebuild` makes it anew.
`thaw runs query SQL` answers one statement that reads, for example

```sql
SELECT task, started, median, ci95_low, ci95_high
FROM runs JOIN metrics USING (path) WHERE metric = 'outer_time' ORDER BY started
```

`PRAGMA user_version` is 1. Unknown text and numbers are NULL.)";

std::vector<FieldDescription> column_entry() {
  return {{"name", "", FieldType::text, "Heading of the column"},
          {"unit", "", FieldType::text, "Unit; empty for counts and text"},
          {"type", "", FieldType::text, "boolean, integer, number, text, time, object or list"},
          {"role", "", FieldType::text,
           "`fixed` (in every record), `factor` (set by a sweep) or `metric` (measured)"},
          {"lower_is_better", "", FieldType::boolean, "Not for fixed columns"},
          {"description", "", FieldType::text, "What it is"}};
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

}  // namespace

std::vector<FormatPage> record_format_pages() {
  return {{"run.md",
           "run.json",
           {{"", about_run, {}},
            {"Keys", "", describe(run_document_fields())},
            {"Entries of columns", "One for each column of samples.csv, in its order.", column_entry()}}},
          {"samples.md",
           "samples.csv",
           {{"", about_samples, {}}, {"Fixed columns", "", describe(sample_fields())}}},
          {"context.md",
           "The context of a run",
           {{"", about_context, {}},
            {"run", "What is needed to repeat the run, beside the configuration.",
             describe(run_provenance_fields())},
            {"host", about_host, describe_facts(machine_facts())},
            {"host: how far to trust it", "", describe_facts(trust_facts())},
            {"disturbance", about_disturbance, describe(disturbance_fields())}}},
          {"catalogue.md",
           "The catalogue of runs",
           {{"", about_catalogue, {}},
            {"Table runs", "", describe(catalogue_run_fields())},
            {"Table metrics", "One row for each metric of each run (and cell of a sweep).",
             describe(catalogue_metric_fields())}}}};
}

}  // namespace thaw
