#include "platform/memory_limit.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::string_view prefix = "thaw-";

/// Where groups for memory are made.
struct Hierarchy {
  Path root;
  bool is_second = false;  ///< Version 2.
};

Result<> write_value(const Path& file, std::string_view value) {
  const FileDescriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.is_open() && ::write(descriptor.get(), value.data(), value.size()) >= 0) return {};
  return fail_at(ErrorKind::environment, fmt::format("cannot be written: {}", std::strerror(errno)),
                 file.string(), "memory limits need control groups, and the permission to make them");
}

Hierarchy hierarchy() {
  const auto controllers = read_file_if_any("/sys/fs/cgroup/cgroup.controllers");
  if (controllers && controllers->find("memory") != std::string::npos) return {"/sys/fs/cgroup", true};
  return {"/sys/fs/cgroup/memory", false};
}

/// The number behind a word of a file of lines "word number".
std::int64_t count_in(const Path& file, std::string_view word) {
  const auto text = read_file_if_any(file);
  if (!text) return 0;
  for (const std::string_view line : split_lines(*text)) {
    const auto fields = split_fields(line);
    if (fields.size() == 2 && fields[0] == word) return parse_integer(fields[1]).value_or(0);
  }
  return 0;
}

}  // namespace

Result<MemoryLimit> MemoryLimit::create(const std::string& gateway_id, std::uint64_t instance, Bytes most) {
  const Hierarchy where = hierarchy();
  const Path parent = where.root / fmt::format("{}{}", prefix, gateway_id);
  const Path folder = parent / fmt::format("{}", instance);
  std::error_code error;
  std::filesystem::create_directory(parent, error);
  if (where.is_second) {
    THAW_CHECK(write_value(where.root / "cgroup.subtree_control", "+memory"));
    THAW_CHECK(write_value(parent / "cgroup.subtree_control", "+memory"));
  }
  std::filesystem::create_directory(folder, error);
  if (error) {
    return fail_at(ErrorKind::environment, fmt::format("a control group cannot be made: {}", error.message()),
                   folder.string(), "run as root, or leave out limit_memory");
  }
  MemoryLimit limit(folder);
  const std::string bytes = fmt::format("{}", most.count());
  if (where.is_second) {
    THAW_CHECK(write_value(folder / "memory.max", bytes));
    (void)write_value(folder / "memory.swap.max", "0");
  } else {
    THAW_CHECK(write_value(folder / "memory.limit_in_bytes", bytes));
    // Without swap accounting the file is missing, and without swap it is not needed.
    (void)write_value(folder / "memory.memsw.limit_in_bytes", bytes);
  }
  return limit;
}

MemoryLimit::~MemoryLimit() {
  if (folder_.empty()) return;
  // Its last process may still be on its way out.
  for (int tries = 0; tries < 50 && ::rmdir(folder_.c_str()) != 0 && errno == EBUSY; ++tries) ::usleep(2000);
  ::rmdir(folder_.parent_path().c_str());
}

Result<> MemoryLimit::add(pid_t process) const {
  return write_value(folder_ / "cgroup.procs", fmt::format("{}", process));
}

bool MemoryLimit::was_exceeded() const {
  return count_in(folder_ / "memory.events", "oom_kill") > 0 ||
         count_in(folder_ / "memory.oom_control", "oom_kill") > 0;
}

void remove_left_behind_groups(const std::function<bool(std::string_view)>& is_alive) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(hierarchy().root, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix) || is_alive(std::string_view(name).substr(prefix.size()))) continue;
    for (const auto& inner : std::filesystem::directory_iterator(entry.path(), error)) {
      if (inner.is_directory(error)) ::rmdir(inner.path().c_str());
    }
    ::rmdir(entry.path().c_str());
  }
}

}  // namespace thaw
