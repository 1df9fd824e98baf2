#include "record/fact_source.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "core/clock.h"

namespace thaw {
namespace {

/// /proc/cpuinfo and /proc/stat grow with the machine and cost the kernel time; what is wanted stands in front.
constexpr std::size_t longest_file_bytes = 64 * 1024;

std::optional<std::int64_t> count_processes() {
  DIR* const proc = ::opendir("/proc");
  if (proc == nullptr) return std::nullopt;
  std::int64_t count = 0;
  while (const dirent* entry = ::readdir(proc)) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') ++count;
  }
  ::closedir(proc);
  return count;
}

SystemAnswers ask_system() {
  SystemAnswers answers;
  utsname name{};
  if (::uname(&name) == 0) answers.architecture = name.machine;
  answers.process_count = count_processes();
  struct statvfs space {};
  if (::statvfs("/", &space) == 0) {
    answers.root_available_bytes = static_cast<std::int64_t>(space.f_bavail * space.f_frsize);
  }
  if (const long ticks = ::sysconf(_SC_CLK_TCK); ticks > 0) answers.ticks_per_second = ticks;
  answers.clock_resolution_s = to_seconds(clock_resolution());
  return answers;
}

}  // namespace

LocalFacts::LocalFacts() : answers_(ask_system()) {}

std::optional<std::string> LocalFacts::file(std::string_view path) const {
  const FileDescriptor file(::open((root_ + std::string(path)).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return std::nullopt;
  std::string content;
  while (content.size() < longest_file_bytes) {
    const std::size_t size = content.size();
    content.resize(size + 4096);
    const ssize_t n = ::read(file.get(), content.data() + size, 4096);
    content.resize(size + static_cast<std::size_t>(n > 0 ? n : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
  }
  return content;
}

std::vector<std::string> LocalFacts::glob(std::string_view pattern) const {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob((root_ + std::string(pattern)).c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i] + root_.size());
  }
  ::globfree(&found);
  return paths;
}

}  // namespace thaw
