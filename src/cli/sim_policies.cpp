#include <cstdio>

#include "cli/cli.h"
#include "core/text.h"
#include "keepalive/policy.h"
#include "keepalive/victim_pickers.h"
#include "record/table.h"
#include "sim/faascache/policy.h"
#include "sim/simulation.h"

namespace thaw::cli {
namespace {

constexpr HelpText help = {
    .usage = "thaw sim policies [NAME] [options]",
    .purpose = "Lists the policies of a model, or the parameters of one.",
    .examples =
        "  thaw sim policies\n"
        "  thaw sim policies ttl                        # its parameters and defaults\n"
        "  thaw sim policies --model course --format json\n",
    .see_also = "thaw sim run, docs/policies.md"};

Table policy_table(Model model) {
  Table table;
  table.columns = {{.key = "policy", .align = Align::left},
                   {.key = "summary", .align = Align::left},
                   {.key = "reference", .align = Align::left}};
  switch (model) {
    case Model::clean:
      for (const PolicyEntry& entry : all_policies()) table.add({entry.name, entry.summary, entry.reference});
      table.notes.emplace_back("thaw sim policies NAME tells the parameters: ttl:keep=20m");
      break;
    case Model::faascache:
      for (const faascache::PolicyName& policy : faascache::policies()) {
        table.add({policy.name, policy.summary, "Fuerst & Sharma, ASPLOS 2021"});
      }
      break;
    case Model::course:
      for (const VictimPickerEntry& entry : victim_pickers()) table.add({entry.name, entry.summary, ""});
      break;
  }
  return table;
}

Table parameter_table(const PolicyEntry& entry) {
  Table table;
  table.title = fmt::format("{}: {}", entry.name, entry.summary);
  if (!entry.reference.empty()) table.title += fmt::format(" ({})", entry.reference);
  table.columns = {{.key = "parameter", .align = Align::left},
                   {.key = "default", .align = Align::left},
                   {.key = "meaning", .align = Align::left}};
  for (const ParameterSpec& parameter : entry.parameters) {
    table.add({parameter.name, parameter.fallback, parameter.meaning});
  }
  return table;
}

}  // namespace

Result<int> run_sim_policies(const Arguments& arguments) {
  CLI::App app("", "sim policies");
  set_help(app, help);
  std::string name, model_name = "clean", format_name = "table";
  app.add_option("NAME", name, "One policy")->group("");
  app.add_option("--model", model_name, "clean, faascache or course [default: clean]")->group("Which");
  app.add_option("--format", format_name, "table, md, csv, json or ndjson [default: table]")->group("Output");
  THAW_TRY(const bool is_done, parse_operands(app, arguments));
  if (is_done) return 0;
  THAW_TRY(const Model model, parse_model(model_name));
  THAW_TRY(const TableFormat format, parse_table_format(format_name));
  Table table = policy_table(model);
  if (!name.empty()) {
    THAW_TRY(const PolicyEntry* entry, find_policy(name));
    table = parameter_table(*entry);
  }
  const std::string text = render(table, format);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace thaw::cli
