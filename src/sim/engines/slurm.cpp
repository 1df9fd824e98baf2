#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/process.h"
#include "core/text.h"
#include "sim/engine.h"
#include "sim/engines/slurm_array.h"

namespace thaw::engines {
namespace {

constexpr Nanos patience_of_tools = std::chrono::minutes(2);
constexpr int most_failed_looks = 30;  ///< At up to 5 s each: a controller may be restarted meanwhile.

Path this_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

/// One submitted sweep, from the job's files to the last row.
class SlurmRun {
 public:
  SlurmRun(const EngineSettings& settings, SweepRecord& record, Clock& clock, const EngineObserver& observer)
      : settings_(settings),
        record_(record),
        clock_(clock),
        observer_(observer),
        folder_(std::filesystem::absolute(record.path()).lexically_normal()),
        name_(fmt::format("thaw-{}", record.id())) {}

  Result<EngineEnd> run() {
    THAW_CHECK(check_tools());
    THAW_CHECK(prepare());
    THAW_TRY(SlurmQueue queue, look());
    bool has_submitted = false;
    while (!record_.missing().empty()) {
      if (queue.is_empty()) {
        if (has_submitted) return missing_parts();
        THAW_CHECK(submit());
        has_submitted = true;
      }
      if (!settings_.is_awaited) return EngineEnd::left_running;
      THAW_TRY(const bool is_over, wait());
      if (!is_over) return leave();
      queue = {};
    }
    return EngineEnd::finished;
  }

 private:
  static Result<> check_tools() {
    for (const char* tool : {"sbatch", "squeue"}) {
      if (find_program(tool)) continue;
      return fail_at(ErrorKind::environment, fmt::format("{} was not found", tool), "PATH",
                     "run on a host that submits to Slurm (package slurm-client), or use --engine local");
    }
    return {};
  }

  Result<> prepare() {
    std::error_code error;
    if (std::filesystem::exists(slurm_state_file(folder_), error)) {
      THAW_TRY(state_, read_slurm_state(folder_));
    } else {
      state_.parts = number_of_parts(record_.points(), settings_.points_per_task);
    }
    if (settings_.points_per_task != 0) {
      state_.parts = number_of_parts(record_.points(), settings_.points_per_task);
    }
    if (!settings_.slurm_options.empty()) state_.options = settings_.slurm_options;
    if (settings_.limits.workers != 0) state_.workers = settings_.limits.workers;
    std::filesystem::create_directories(slurm_folder(folder_), error);
    return write_file_atomically(slurm_folder(folder_) / "task.sh",
                                 task_script(this_program(), folder_, state_), 0755);
  }

  Result<> submit() {
    tasks_ = parts_with(record_.missing(), record_.points(), state_.parts);
    const Argv words = sbatch_words(folder_, state_, name_, array_list(tasks_));
    // Tasks outlive this program: they must not carry the marker by which it ends its children.
    Argv argv = {"env", "-u", "THAW_TOKEN"};
    argv.insert(argv.end(), words.begin(), words.end());
    THAW_TRY(const ToolOutput output, run_tool({argv, {}}, {}, patience_of_tools));
    if (!output.succeeded()) {
      return fail_at(ErrorKind::environment, fmt::format("sbatch refused the job: {}", trim(output.err)),
                     shell_join(words),
                     "check --slurm-options; an array that is too long needs more --points-per-task");
    }
    state_.jobs.emplace_back(split(trim(output.out), ';').front());
    THAW_CHECK(write_slurm_state(folder_, state_));
    observer_.on_note(fmt::format("submitted job {}: {} tasks", state_.jobs.back(), tasks_.size()));
    return {};
  }

  /// What Slurm still has of this sweep's jobs, whoever submitted them.
  Result<SlurmQueue> look() {
    const Command squeue{
        {"squeue", "--noheader", "--array", fmt::format("--name={}", name_), "--format=%T|%r"}, {}};
    THAW_TRY(const ToolOutput output, run_tool(squeue, {}, patience_of_tools));
    if (output.succeeded()) return parse_queue(output.out);
    return fail_at(ErrorKind::environment, fmt::format("squeue failed: {}", trim(output.err)), {},
                   "the tasks may go on; thaw sim sweep --resume collects them");
  }

  /// Takes in what tasks finish until none is left; false when interrupted.
  Result<bool> wait() {
    Nanos pause = std::chrono::milliseconds(200);
    int failed_looks = 0;
    while (interrupt_signal() == 0) {
      auto queue = look();
      if (interrupt_signal() != 0) break;
      if (!queue && ++failed_looks > most_failed_looks) return tl::unexpected(std::move(queue).error());
      // Rows that came before the tasks were seen to be gone are all there is.
      THAW_CHECK(collect());
      if (record_.missing().empty()) return true;
      if (queue) {
        failed_looks = 0;
        if (queue->is_empty()) return true;
        show(*queue);
      }
      sleep(pause);
      pause = std::min<Nanos>(pause * 3 / 2, std::chrono::seconds(5));
    }
    return false;
  }

  void show(const SlurmQueue& queue) const {
    std::string text = fmt::format("{} of {} points, {} tasks running, {} waiting", record_.done(),
                                   record_.points(), queue.running, queue.waiting);
    if (!queue.reason.empty()) text += fmt::format(" ({})", queue.reason);
    observer_.on_state(text);
  }

  void sleep(Nanos pause) const {
    const MonotonicTime end = clock_.now() + pause;
    while (clock_.now() < end && interrupt_signal() == 0) {
      clock_.sleep_until(std::min(end, clock_.now() + std::chrono::milliseconds(100)));
    }
  }

  /// Takes in the rows of every part that has grown since the last time.
  Result<> collect() {
    std::error_code error;
    for (const auto& part : std::filesystem::directory_iterator(parts_folder(folder_), error)) {
      const std::uintmax_t size = std::filesystem::file_size(part.path() / samples_file, error);
      if (error || sizes_[part.path()] == size) continue;
      sizes_[part.path()] = size;
      THAW_CHECK(record_.take_in(part.path()));
    }
    return {};
  }

  EngineEnd leave() const {
    observer_.on_note(fmt::format("the tasks go on; scancel --name={} ends them", name_));
    return EngineEnd::interrupted;
  }

  /// The tasks have ended and points are missing: what the first of them has to say.
  tl::unexpected<Error> missing_parts() const {
    const auto parts = parts_with(record_.missing(), record_.points(), state_.parts);
    for (const std::uint64_t number : parts) {
      if (auto error = error_of_part(folder_, {number, state_.parts})) {
        error->what += fmt::format(" (task {} of job {})", number, state_.jobs.back());
        return tl::unexpected(*std::move(error));
      }
    }
    const Path log = slurm_folder(folder_) / fmt::format("{}_{}.log", state_.jobs.back(), parts.front());
    return fail_at(ErrorKind::run_failed,
                   fmt::format("{} of {} tasks ended before their points were finished: {}", parts.size(),
                               tasks_.size(), array_list(parts)),
                   log.string(),
                   fmt::format("thaw sim sweep --resume {} submits them again", record_.path().string()));
  }

  const EngineSettings& settings_;
  SweepRecord& record_;
  Clock& clock_;
  const EngineObserver& observer_;
  Path folder_;
  std::string name_;
  SlurmState state_;
  std::vector<std::uint64_t> tasks_;
  std::map<Path, std::uintmax_t> sizes_;
};

class SlurmEngine final : public SweepEngine {
 public:
  explicit SlurmEngine(const EngineSettings& settings) : settings_(settings) {}

  Result<EngineEnd> run(SweepRecord& record, Clock& clock, const EngineObserver& observer) override {
    if (record.missing().empty()) return EngineEnd::finished;
    return SlurmRun(settings_, record, clock, observer).run();
  }

  std::vector<std::string> describe(const SweepConfiguration& configuration,
                                    std::span<const std::uint64_t> todo) const override {
    const std::uint64_t points = span_points(configuration.axes).size();
    SlurmState state{.parts = number_of_parts(points, settings_.points_per_task),
                     .options = settings_.slurm_options,
                     .workers = settings_.limits.workers};
    const auto tasks = parts_with({todo.begin(), todo.end()}, points, state.parts);
    const Path record = "RECORD";
    return {fmt::format("{} points by {} tasks of a Slurm array", todo.size(), tasks.size()),
            shell_join(sbatch_words(record, state, "thaw-ID", array_list(tasks))),
            task_script(this_program(), record, state)};
  }

 private:
  EngineSettings settings_;
};

}  // namespace

std::unique_ptr<SweepEngine> make_slurm(const EngineSettings& settings) {
  return std::make_unique<SlurmEngine>(settings);
}

}  // namespace thaw::engines
