#include "load/load_record.h"

#include "record/fact_source.h"
#include "record/host_context.h"
#include "record/provenance.h"
#include "record/redact.h"

namespace thaw {
namespace {

using Json = nlohmann::ordered_json;

Json describe_columns() {
  Json columns = Json::array();
  for (const FieldDescription& field : load_record_columns()) {
    columns.push_back({{"name", field.name},
                       {"unit", field.unit},
                       {"type", type_name(field.type)},
                       {"description", field.description}});
  }
  return columns;
}

}  // namespace

Result<LoadRecord> LoadRecord::create(const LoadRequest& request, const LoadLaunch& launch,
                                      const LoadPlan& plan, Clock& clock) {
  RunPlace place;
  place.root = request.runs;
  place.experiment = "load";
  place.task = plan.law;
  place.started = clock.wall();
  place.folder = request.out;
  THAW_TRY(RunFolder folder, RunFolder::create(place));
  LoadRecord record(std::move(folder));
  RunDocument& document = record.document_;
  document.id = make_launch_id(place.started);
  document.command = "load";
  document.experiment = place.experiment;
  document.task = place.task;
  document.started = place.started;
  document.command_line = redact_words(launch.command_line);
  document.seed = request.plan.seed;
  document.configuration = launch.configuration;
  document.context["run"] = to_json(
      run_provenance_fields(), run_provenance(launch.version, std::filesystem::current_path(), std::nullopt));
  document.context["host"] = host_context(LocalFacts());
  document.columns = describe_columns();
  THAW_CHECK(record.folder_.write(document));
  return record;
}

Result<> LoadRecord::note_platform(const Json& platform) {
  document_.context["platform"] = platform;
  return folder_.write(document_);
}

Result<> LoadRecord::finish(const LoadSummary& summary, RunStatus status, Clock& clock) {
  document_.status = status;
  document_.ended = clock.wall();
  document_.summary = to_json(summary);
  document_.summary.update(exact_parts(summary));
  return folder_.write(document_);
}

}  // namespace thaw
