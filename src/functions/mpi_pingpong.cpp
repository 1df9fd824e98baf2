#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>

#include "core/files.h"
#include "core/process.h"
#include "core/text.h"
#include "functions/arguments.h"
#include "functions/functions.h"

namespace thaw::functions {
namespace {

constexpr std::string_view companion_name = "thaw-mpi-pingpong";
constexpr std::int64_t most_rounds = 10'000'000;
constexpr std::int64_t most_bytes = 1 << 30;

/// The MPI program itself: MPI libraries cannot be linked statically, so it is a program of its own.
Result<Path> find_companion() {
  std::error_code error;
  const Path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const Path& candidate : {folder / companion_name, folder / "../libexec/thaw" / companion_name}) {
    if (const auto found = find_program(candidate.string())) return *found;
  }
  if (const auto found = find_program(companion_name)) return *found;
  return fail_at(ErrorKind::environment, fmt::format("the MPI program {} was not found", companion_name),
                 "mpi-pingpong",
                 "install an MPI library (apt install libopenmpi-dev) and build again, or put the program "
                 "beside thaw-micro or on PATH");
}

/// Whether an MPI launcher started this process as one of its ranks.
bool is_rank() {
  for (const std::string_view name : {"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMIX_RANK"}) {
    if (environment_variable(name)) return true;
  }
  return false;
}

/// "mpirun -np 2" with what the installed MPI needs to start anywhere.
Result<Argv> two_rank_launcher() {
  auto mpirun = find_program("mpirun");
  if (!mpirun) mpirun = find_program("mpiexec");
  if (!mpirun) {
    return fail_at(ErrorKind::environment, "neither mpirun nor mpiexec is on PATH", "mpi-pingpong",
                   "install MPI: apt install openmpi-bin");
  }
  Argv launcher = {mpirun->string(), "-np", "2"};
  THAW_TRY(const ToolOutput version, run_tool({{mpirun->string(), "--version"}, {}}));
  if (version.out.find("Open MPI") != std::string::npos) {
    launcher.emplace_back("--oversubscribe");
    if (::geteuid() == 0) launcher.emplace_back("--allow-run-as-root");
  }
  return launcher;
}

/// The companion's command: as it is when a launcher has started us, else below a launcher of our own.
Result<Argv> pingpong_command(const std::vector<std::string>& args) {
  THAW_TRY(const Path companion, find_companion());
  Argv command;
  if (!is_rank()) {
    THAW_TRY(command, two_rank_launcher());
  }
  command.push_back(companion.string());
  command.insert(command.end(), args.begin(), args.end());
  return command;
}

/// Replaces this process; comes back only with an error.
Error become(const Argv& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  return {ErrorKind::environment, fmt::format("cannot run: {}", std::strerror(errno)), command[0], {}};
}

/// Runs the command for a served call, one at a time: two at once would measure each other.
Result<std::string> output_of(const Argv& command) {
  static std::mutex one_at_a_time;
  const std::scoped_lock lock(one_at_a_time);
  THAW_TRY(ToolOutput output, run_tool({command, {}}, {}, std::chrono::minutes(5)));
  if (output.succeeded()) return std::move(output.out);
  return fail_at(ErrorKind::run_failed,
                 fmt::format("the MPI program failed ({}, exit code {}): {}",
                             outcome_name(output.report.outcome), output.report.exit_code, trim(output.err)),
                 "mpi-pingpong");
}

}  // namespace

/// mpi-pingpong: on the command line this process becomes the MPI program, so that it can itself be run by mpirun.
Result<std::string> run_mpi_pingpong(const Invocation& call) {
  Positionals args("mpi-pingpong", call.args);
  THAW_CHECK(args.integer("the number of rounds", 1000, 1, most_rounds));
  THAW_CHECK(args.integer("the largest message in bytes", 65536, 0, most_bytes));
  THAW_CHECK(args.finish());

  THAW_TRY(const Argv command, pingpong_command(call.args));
  if (call.is_served) return output_of(command);
  return tl::unexpected(become(command));
}

}  // namespace thaw::functions
