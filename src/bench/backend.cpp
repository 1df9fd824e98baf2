#include "bench/backend.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 28> backend_keys = {
    "run",       "command_template", "spec",     "run_sys_spec", "reset",        "on_timeout", "resolve",
    "env",       "placeholders",     "requires", "probe",        "probe_options", "hosts",     "hostfile",
    "mpiflags",  "tmp_path",         "composable", "profiling",  "terminal",     "remote",     "copies",
    "description", "version",        "fn_path",  "name",         "backend",      "composition", "metrics"};

/// Keys that describe the command of `run` and are of no use beside another one.
constexpr std::array<std::string_view, 12> companions_of_run = {
    "command_template", "spec",  "run_sys_spec", "resolve", "on_timeout", "requires",
    "env",              "probe", "terminal",     "remote",  "copies",     "composable"};

constexpr std::array<std::string_view, 4> merged_maps = {"env", "placeholders", "resolve", "probe_options"};

}  // namespace
}
