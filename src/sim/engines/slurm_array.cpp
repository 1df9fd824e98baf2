#include "sim/engines/slurm_array.h"

#include <algorithm>

#include "core/text.h"
#include "record/json_text.h"

namespace thaw {

using Json = nlohmann::ordered_json;

Path slurm_folder(const Path& record) { return record / "slurm"; }
Path slurm_state_file(const Path& record) { return slurm_folder(record) / "job.json"; }

Result<SlurmState> read_slurm_state(const Path& record) {
  const Path file = slurm_state_file(record);
  THAW_TRY(const Json json, read_json_file(file));
  try {
    SlurmState state;
    json.at("parts").get_to(state.parts);
    json.at("options").get_to(state.options);
    json.at("workers").get_to(state.workers);
    json.at("jobs").get_to(state.jobs);
    if (state.parts > 0) return state;
    return fail_at(ErrorKind::bad_input, "there are no parts", file.string());
  } catch (const Json::exception& error) {
    return fail_at(ErrorKind::bad_input,
                   fmt::format("this is not the state of a Slurm job: {}", error.what()), file.string(),
                   "remove the file; --resume then submits what is missing");
  }
}

Result<> write_slurm_state(const Path& record, const SlurmState& state) {
  const Json json = {
      {"parts", state.parts}, {"options", state.options}, {"workers", state.workers}, {"jobs", state.jobs}};
  return write_file_atomically(slurm_state_file(record),
                               json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::uint64_t number_of_parts(std::uint64_t points, std::uint64_t points_per_task) {
  // Starting a task costs Slurm about a second, and its arrays are limited to 1001 tasks unless configured otherwise.
  const std::uint64_t fitting = std::max<std::uint64_t>(4, (points + 199) / 200);
  const std::uint64_t each = points_per_task != 0 ? points_per_task : fitting;
  return std::max<std::uint64_t>(1, (points + each - 1) / each);
}

std::vector<std::uint64_t> parts_with(const std::vector<std::uint64_t>& todo, std::uint64_t points,
                                      std::uint64_t parts) {
  std::vector<std::uint64_t> numbers;
  SweepPart part{1, parts};
  for (const std::uint64_t point : todo) {
    while (point >= part.end(points)) ++part.number;
    if (numbers.empty() || numbers.back() != part.number) numbers.push_back(part.number);
  }
  return numbers;
}

std::string array_list(const std::vector<std::uint64_t>& numbers) {
  std::string list;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (!list.empty()) list += ',';
    list += last == i ? fmt::format("{}", numbers[i]) : fmt::format("{}-{}", numbers[i], numbers[last]);
    i = last + 1;
  }
  return list;
}

std::string task_script(const Path& program, const Path& record, const SlurmState& state) {
  const std::string workers =
      state.workers != 0 ? std::to_string(state.workers) : "\"${SLURM_CPUS_PER_TASK:-1}\"";
  return fmt::format(
      "#!/bin/sh\n"
      "# A task of the array computes one part of the sweep whose record this is.\n"
      "exec {} sim work {} --part \"$SLURM_ARRAY_TASK_ID/{}\" --workers {}\n",
      shell_quote(program.string()), shell_quote(record.string()), state.parts, workers);
}

Argv sbatch_words(const Path& record, const SlurmState& state, std::string_view name,
                  std::string_view array) {
  const Path folder = slurm_folder(record);
  Argv words = {"sbatch", "--parsable", fmt::format("--output={}", (folder / "%A_%a.log").string())};
  words.insert(words.end(), state.options.begin(), state.options.end());
  words.push_back(fmt::format("--job-name={}", name));
  words.push_back(fmt::format("--array={}", array));
  words.push_back((folder / "task.sh").string());
  return words;
}

SlurmQueue parse_queue(std::string_view text) {
  SlurmQueue queue;
  for (const std::string_view line : split_lines(text)) {
    const auto fields = split(trim(line), '|');
    if (fields.front().empty()) continue;
    if (fields.front() != "PENDING") {
      ++queue.running;
      continue;
    }
    ++queue.waiting;
    if (queue.reason.empty() && fields.size() > 1 && fields[1] != "None") queue.reason = fields[1];
  }
  return queue;
}

}  // namespace thaw
