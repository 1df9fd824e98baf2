#include "trace/writer.h"

#include <array>
#include <string>
#include <system_error>
#include <vector>

#include "core/text.h"
#include "trace/loaded_trace.h"
#include "trace/writers/writers.h"

namespace thaw {
namespace {

constexpr std::array forms_table = {
    WritableForm{"pair", "functions.csv and invocations.csv, exact", writers::write_pair},
    WritableForm{"iluvatar", "the pair with the column names of Ilúvatar, whole milliseconds",
                 writers::write_iluvatar},
    WritableForm{"azure2019", "the three tables of the Azure Functions trace 2019, counts per minute",
                 writers::write_azure2019},
    WritableForm{"azure2021", "the table of the Azure Functions trace 2021, a row per invocation",
                 writers::write_azure2021},
};

}  // namespace

std::span<const WritableForm> writable_forms() { return forms_table; }

Result<std::uint64_t> write_trace(const TraceFile& trace, const Path& folder, const WriteOptions& options) {
  std::vector<std::string> names;
  for (const WritableForm& form : forms_table) {
    names.emplace_back(form.name);
    if (form.name != options.form) continue;
    std::error_code code;
    std::filesystem::create_directories(folder, code);
    if (code)
      return fail_at(ErrorKind::environment, "cannot make the folder: " + code.message(), folder.string());
    return form.write(trace, folder, options.is_gzip);
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown form \"{}\"", options.form), "--to",
                 suggest(options.form, names));
}

std::unique_ptr<TraceFile> as_trace_file(Trace trace) {
  return make_loaded_trace("memory", std::move(trace), {}, {});
}

}  // namespace thaw
