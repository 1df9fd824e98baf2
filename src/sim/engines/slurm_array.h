#pragma once
// The files and the words of a Slurm array job that computes a sweep, one part a task. Nothing here calls Slurm.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/shell.h"
#include "sim/engine.h"
#include "sim/sweep_part.h"

namespace thaw {

/// What has been submitted for a record; kept in it, so that whoever resumes it goes on in the same way.
struct SlurmState {
  std::uint64_t parts = 1;
  std::vector<std::string> options;  ///< Words for sbatch, as the user gave them.
  unsigned workers = 0;
  std::vector<std::string> jobs;  ///< Ids, oldest first.
};
Path slurm_folder(const Path& record);
Path slurm_state_file(const Path& record);
/// Errors: bad_input, environment.
Result<SlurmState> read_slurm_state(const Path& record);
Result<> write_slurm_state(const Path& record, const SlurmState& state);

/// So many parts that each has `points_per_task` points; with 0 at most 200 parts of at least 4 points.
std::uint64_t number_of_parts(std::uint64_t points, std::uint64_t points_per_task);

/// The parts that hold these points.
std::vector<std::uint64_t> parts_with(const std::vector<std::uint64_t>& todo, std::uint64_t points,
                                      std::uint64_t parts);

/// Numbers in order as --array takes them: "1-3,7".
std::string array_list(const std::vector<std::uint64_t>& numbers);

/// The script of a task.
std::string task_script(const Path& program, const Path& record, const SlurmState& state);

/// The words that submit the script; `name` finds the job again.
Argv sbatch_words(const Path& record, const SlurmState& state, std::string_view name, std::string_view array);

/// The tasks of a job that Slurm still knows.
struct SlurmQueue {
  std::uint64_t running = 0;
  std::uint64_t waiting = 0;
  std::string reason;  ///< Why the first of the waiting ones waits.
  [[nodiscard]] bool is_empty() const { return running + waiting == 0; }
};
/// Reads what squeue printed with --format "%T|%r".
SlurmQueue parse_queue(std::string_view text);

}  // namespace thaw
