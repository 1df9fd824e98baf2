#include "core/spawner.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <mutex>

#include "core/launch_setup.h"

namespace thaw {
namespace {

/// The one thaw-spawn of this process, and its callers one after the other.
class Spawner {
 public:
  /// nullopt when there is no thaw-spawn that can do it.
  std::optional<Result<std::vector<StartedChild>>> start(std::span<const Launch> launches,
                                                         const sigset_t& mask, const ProcessorHold& place) {
    const std::lock_guard lock(mutex_);
    ensure_called(place);
    if (!helper_) return std::nullopt;
    return helper_->spawn(launches, mask, place);
  }

  /// Null when there is no thaw-spawn.
  LaunchThread* thread() {
    const std::lock_guard lock(mutex_);
    ensure_called(ProcessorHold(false));
    return helper_ ? &helper_->thread() : nullptr;
  }

 private:
  void ensure_called(const ProcessorHold& place) {
    // A process forked from this one (a test, say) needs a helper of its own.
    if (called_by_ == ::getpid()) return;
    called_by_ = ::getpid();
    helper_ = SpawnHelper::start(place);
  }

  std::mutex mutex_;
  std::unique_ptr<SpawnHelper> helper_;
  pid_t called_by_ = 0;
};

Spawner& spawner() {
  // Never destroyed: the thread that starts lasting children may use it until the end.
  static auto* const spawner = new Spawner;
  return *spawner;
}

/// Without the helper: the children's peak of memory then shows at least our own.
Result<std::vector<StartedChild>> start_directly(std::span<const Launch> launches, const sigset_t& mask,
                                                 const ProcessorHold& place) {
  struct Words {
    std::vector<std::string> variables;
    std::vector<char*> argv, envp;
    std::optional<cpu_set_t> cpus;
  };
  std::vector<Words> words(launches.size());
  std::vector<ChildSpec> specs(launches.size());
  const std::size_t size = launches.size() * sizeof(int);
  // Forked children report a failed exec through memory that is really shared; it is small and rarely needed.
  void* const shared = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return cannot_create(errno);
  thread_local std::unique_ptr<int, std::function<void(int*)>> errors;
  errors = {static_cast<int*>(shared), [size](int* memory) { ::munmap(memory, size); }};
  for (std::size_t i = 0; i < launches.size(); ++i) {
    Words& own = words[i];
    const Command& command = launches[i].command;
    for (const std::string& word : command.argv) own.argv.push_back(const_cast<char*>(word.c_str()));
    each_variable(command, [&](const char* entry) {
      own.variables.emplace_back(entry);
      return true;
    });
    for (const std::string& entry : own.variables) own.envp.push_back(const_cast<char*>(entry.c_str()));
    own.argv.push_back(nullptr);
    own.envp.push_back(nullptr);
    own.cpus = cpus_of(launches[i], place);
    ChildSpec& spec = specs[i];
    spec.argv = own.argv.data();
    spec.envp = own.envp.data();
    const auto fds = descriptors_of(launches[i]);
    std::copy(fds.begin(), fds.end(), spec.fds);
    spec.cpus = own.cpus ? &*own.cpus : nullptr;
    spec.resets_signals = true;
    spec.signal_mask = mask;
    spec.parent = ::getpid();
    spec.exec_error = errors.get() + i;
  }
  StartTimes times;
  std::vector<pid_t> pids(launches.size());
  if (launches.size() == 1) {
    pids[0] = start_alone(specs[0], 0, times);
    if (pids[0] < 0) return cannot_create(-pids[0]);
  } else if (const int error = start_together(specs, 0, pids, times); error != 0) {
    return cannot_create(-error);
  }
  std::vector<StartedChild> started;
  for (std::size_t i = 0; i < pids.size(); ++i)
    started.push_back(started_child(pids[i], times, errors.get() + i));
  return started;
}

}  // namespace

void call_spawner() {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  spawner().thread();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void run_where_launched(const std::function<void()>& work) {
  call_spawner();
  LaunchThread* const thread = spawner().thread();
  if (thread == nullptr) {
    work();
  } else {
    thread->run(work);
  }
}

Result<std::vector<StartedChild>> start_children(std::span<const Launch> launches, const sigset_t& user_mask,
                                                 const ProcessorHold& place) {
  if (auto started = spawner().start(launches, user_mask, place)) return *std::move(started);
  return start_directly(launches, user_mask, place);
}

}  // namespace thaw
