#include "core/process_guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/process.h"
#include "core/processor_hold.h"
#include "core/text.h"

namespace thaw {
namespace {

/// Shared by this program and its guard.
struct GuardPage {
  std::array<std::atomic<pid_t>, 2048> groups;
  std::atomic<std::size_t> cleanup_size;
  std::array<char, 16384> cleanup;  ///< Each command: its words, each ended by NUL, then one more NUL.
};

GuardPage* guard_page = nullptr;
int guard_pipe = -1;

/// Runs one command without a shell and waits for it, at most ten seconds.
void run_cleanup(char* const* argv) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::alarm(10);
    ::execvp(argv[0], argv);
    ::_exit(127);
  }
  if (pid > 0) ::waitpid(pid, nullptr, 0);
}

void run_cleanups() {
  std::array<char*, 256> argv{};
  std::size_t words = 0;
  char* const end = guard_page->cleanup.data() + guard_page->cleanup_size.load();
  for (char* word = guard_page->cleanup.data(); word < end; word += std::strlen(word) + 1) {
    if (*word == '\0' && words > 0) {
      argv[words] = nullptr;
      run_cleanup(argv.data());
      words = 0;
    } else if (words + 1 < argv.size()) {
      argv[words++] = word;
    }
  }
}

/// The guard's whole life: waits until the program says good-bye or its end of the pipe closes.
[[noreturn]] void guard_main(int pipe) {
  char goodbye = 0;
  ssize_t n = 0;
  do {
    n = ::read(pipe, &goodbye, 1);
  } while (n < 0 && errno == EINTR);
  if (n > 0) ::_exit(0);
  for (auto& group : guard_page->groups) {
    if (const pid_t id = group.load(); id > 0) ::kill(-id, SIGKILL);
  }
  kill_marked_processes(process_token());
  run_cleanups();
  ::_exit(0);
}

/// Keeps only the pipe: an inherited stdout would keep a reader of our output waiting.
void close_all_but(int kept) {
  const int null = ::open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) {
    if (null >= 0 && fd != kept) ::dup2(null, fd);
  }
  if (kept > 3) ::close_range(3, static_cast<unsigned>(kept) - 1, 0);
  ::close_range(static_cast<unsigned>(kept) + 1, ~0U, 0);
}

bool carries(pid_t pid, std::string_view marker) {
  const auto environment = read_file_if_any(fmt::format("/proc/{}/environ", pid));
  if (!environment) return false;
  for (const std::string_view entry : split(*environment, '\0')) {
    if (entry == marker) return true;
  }
  return false;
}

int kill_marked_once(std::string_view marker) {
  int found = 0;
  DIR* processes = ::opendir("/proc");
  if (processes == nullptr) return 0;
  while (const dirent* entry = ::readdir(processes)) {
    const auto pid = parse_integer(entry->d_name);
    if (!pid || *pid == ::getpid() || !carries(static_cast<pid_t>(*pid), marker)) continue;
    if (::kill(static_cast<pid_t>(*pid), SIGKILL) == 0) ++found;
  }
  ::closedir(processes);
  return found;
}

void say_goodbye() {
  if (guard_pipe < 0) return;
  const ssize_t ignored = ::write(guard_pipe, "q", 1);
  static_cast<void>(ignored);
}

}  // namespace

int kill_marked_processes(std::string_view token) {
  const std::string marker = fmt::format("THAW_TOKEN={}", token);
  int total = 0;
  // A process may fork while the list is read, so look again until a look finds nothing new.
  for (int round = 0; round < 20; ++round) {
    const int found = kill_marked_once(marker);
    total += found;
    if (found == 0) break;
    ::usleep(2000);
  }
  return total;
}

const std::string& process_token() {
  // Never destroyed, like all that is used by threads that live as long as the program.
  static const auto* const token = new std::string([] {
    std::array<unsigned char, 8> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) < 0) bytes.fill(0);
    std::string text = fmt::format("{:x}-", ::getpid());
    for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
  }());
  return *token;
}

Result<> start_process_guard() {
  if (guard_page != nullptr) return {};
  process_token();
  void* page = ::mmap(nullptr, sizeof(GuardPage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  std::array<int, 2> ends{};
  if (page == MAP_FAILED || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorKind::environment, "the process guard cannot be started: {}", std::strerror(errno));
  }
  guard_page = new (page) GuardPage{};
  // Made where we are: see LaunchThread, of which processors are taken for busy.
  const ProcessorHold here(true);
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(ErrorKind::environment, "the process guard cannot be started: {}", std::strerror(errno));
  if (pid == 0) {
    if (here.allowed()) ::sched_setaffinity(0, sizeof *here.allowed(), &*here.allowed());
    ::setsid();
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
    close_all_but(ends[0]);
    guard_main(ends[0]);
  }
  ::close(ends[0]);
  guard_pipe = ends[1];
  std::atexit(say_goodbye);
  return {};
}

void set_guard_cleanup(std::span<const Command> commands) {
  if (guard_page == nullptr) return;
  std::string text;
  for (const Command& command : commands) {
    std::string one;
    for (const std::string& word : command.argv) one += word + '\0';
    one += '\0';
    if (text.size() + one.size() <= guard_page->cleanup.size()) text += one;
  }
  guard_page->cleanup_size = 0;
  std::copy(text.begin(), text.end(), guard_page->cleanup.begin());
  guard_page->cleanup_size = text.size();
}

void guard_group(pid_t group) {
  if (guard_page == nullptr) return;
  for (auto& slot : guard_page->groups) {
    pid_t free = 0;
    if (slot.compare_exchange_strong(free, group)) return;
  }
}

void release_group(pid_t group) {
  if (guard_page == nullptr) return;
  for (auto& slot : guard_page->groups) {
    pid_t held = group;
    if (slot.compare_exchange_strong(held, 0)) return;
  }
}

}  // namespace thaw
