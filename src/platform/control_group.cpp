#include "platform/control_group.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/text.h"

namespace thaw {
namespace {

constexpr std::string_view prefix = "thaw-";
const Path mount = "/sys/fs/cgroup";
/// A share of a processor is handed out in turns of this length, as container runtimes do.
constexpr std::int64_t period_us = 100'000;

/// Where groups of one controller are made.
struct Hierarchy {
  Path root;
  bool is_second = false;  ///< Version 2.
};

Result<> write_value(const Path& file, std::string_view value) {
  const FileDescriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  if (descriptor.is_open() && ::write(descriptor.get(), value.data(), value.size()) >= 0) return {};
  return fail_at(ErrorKind::environment, fmt::format("cannot be written: {}", std::strerror(errno)),
                 file.string(), "limits need control groups, and the permission to make them");
}

Hierarchy hierarchy_of(std::string_view controller) {
  const auto second = read_file_if_any(mount / "cgroup.controllers");
  if (second) {
    for (const std::string_view word : split_fields(*second)) {
      if (word == controller) return {mount, true};
    }
  }
  return {mount / controller, false};
}

/// Makes the group's folder in a controller's hierarchy, or finds it there.
Result<Path> make_folder(const Hierarchy& where, std::string_view controller, const Path& name) {
  const Path parent = where.root / name.parent_path();
  const Path folder = where.root / name;
  std::error_code error;
  std::filesystem::create_directory(parent, error);
  if (where.is_second) {
    const std::string enable = fmt::format("+{}", controller);
    THAW_CHECK(write_value(where.root / "cgroup.subtree_control", enable));
    THAW_CHECK(write_value(parent / "cgroup.subtree_control", enable));
  }
  std::filesystem::create_directory(folder, error);
  if (!error) return folder;
  return fail_at(ErrorKind::environment, fmt::format("a control group cannot be made: {}", error.message()),
                 folder.string(), "run as root, or leave out the limits");
}

Result<> limit_memory(const Path& folder, bool is_second, Bytes most) {
  const std::string bytes = fmt::format("{}", most.count());
  if (is_second) {
    THAW_CHECK(write_value(folder / "memory.max", bytes));
    (void)write_value(folder / "memory.swap.max", "0");
  } else {
    THAW_CHECK(write_value(folder / "memory.limit_in_bytes", bytes));
    // Without swap accounting the file is missing, and without swap it is not needed.
    (void)write_value(folder / "memory.memsw.limit_in_bytes", bytes);
  }
  return {};
}

Result<> limit_cpus(const Path& folder, bool is_second, double cpus) {
  const auto quota_us = static_cast<std::int64_t>(cpus * static_cast<double>(period_us));
  if (is_second) return write_value(folder / "cpu.max", fmt::format("{} {}", quota_us, period_us));
  THAW_CHECK(write_value(folder / "cpu.cfs_period_us", fmt::format("{}", period_us)));
  return write_value(folder / "cpu.cfs_quota_us", fmt::format("{}", quota_us));
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

Result<ControlGroup> ControlGroup::create(const std::string& gateway_id, std::uint64_t instance,
                                          const GroupLimits& limits) {
  ControlGroup group;
  const Path name = Path(fmt::format("{}{}", prefix, gateway_id)) / fmt::format("{}", instance);
  const auto enter = [&](const Hierarchy& where, std::string_view controller) -> Result<Path> {
    THAW_TRY(Path folder, make_folder(where, controller, name));
    if (std::find(group.folders_.begin(), group.folders_.end(), folder) == group.folders_.end())
      group.folders_.push_back(folder);
    return folder;
  };
  if (limits.memory) {
    const Hierarchy where = hierarchy_of("memory");
    THAW_TRY(const Path folder, enter(where, "memory"));
    THAW_CHECK(limit_memory(folder, where.is_second, *limits.memory));
  }
  if (limits.cpus > 0) {
    const Hierarchy where = hierarchy_of("cpu");
    THAW_TRY(const Path folder, enter(where, "cpu"));
    THAW_CHECK(limit_cpus(folder, where.is_second, limits.cpus));
  }
  return group;
}

ControlGroup::~ControlGroup() {
  for (const Path& folder : folders_) {
    // Its last process may still be on its way out.
    for (int tries = 0; tries < 50 && ::rmdir(folder.c_str()) != 0 && errno == EBUSY; ++tries) ::usleep(2000);
    ::rmdir(folder.parent_path().c_str());
  }
}

Result<> ControlGroup::add(pid_t process) const {
  for (const Path& folder : folders_) {
    THAW_CHECK(write_value(folder / "cgroup.procs", fmt::format("{}", process)));
  }
  return {};
}

bool ControlGroup::was_memory_exceeded() const {
  return std::any_of(folders_.begin(), folders_.end(), [](const Path& folder) {
    return count_in(folder / "memory.events", "oom_kill") > 0 ||
           count_in(folder / "memory.oom_control", "oom_kill") > 0;
  });
}

void remove_left_behind_groups(const std::function<bool(std::string_view)>& is_alive) {
  std::error_code error;
  for (const std::string_view controller : {"memory", "cpu"}) {
    for (const auto& entry : std::filesystem::directory_iterator(hierarchy_of(controller).root, error)) {
      const std::string name = entry.path().filename();
      if (!name.starts_with(prefix) || is_alive(std::string_view(name).substr(prefix.size()))) continue;
      for (const auto& inner : std::filesystem::directory_iterator(entry.path(), error)) {
        if (inner.is_directory(error)) ::rmdir(inner.path().c_str());
      }
      ::rmdir(entry.path().c_str());
    }
  }
}

}  // namespace thaw
