#include "platform/left_behind.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/lasting_child.h"
#include "core/text.h"

namespace thaw {
namespace {

constexpr std::string_view suffix = ".processes";
constexpr std::size_t most_stale_lines = 4096;

/// Ends what a file notes. A line is "pid ticks", or "-pid" once that has ended.
std::size_t end_processes(const Path& file) {
  std::map<std::int64_t, std::int64_t> running;
  const auto text = read_file_if_any(file);
  for (const std::string_view line : split_lines(text ? std::string_view(*text) : std::string_view())) {
    const auto fields = split_fields(line);
    const auto pid = fields.empty() ? std::nullopt : parse_integer(fields[0]);
    if (!pid) continue;
    if (*pid < 0) running.erase(-*pid);
    if (fields.size() != 2) continue;
    if (const auto ticks = parse_integer(fields[1])) running[*pid] = *ticks;
  }
  std::size_t ended = 0;
  for (const auto& [pid, ticks] : running) {
    if (kill_left_behind(static_cast<pid_t>(pid), static_cast<std::uint64_t>(ticks))) ++ended;
  }
  return ended;
}

}  // namespace

std::string new_gateway_id() {
  static std::atomic<unsigned> gateways = 0;
  return fmt::format("{}-{}-{}", ::getpid(), process_start_ticks(::getpid()).value_or(0), ++gateways);
}

bool is_gateway_alive(std::string_view id) {
  const auto parts = split(id, '-');
  const auto pid = parts.size() == 3 ? parse_integer(parts[0]) : std::nullopt;
  const auto ticks = parts.size() == 3 ? parse_integer(parts[1]) : std::nullopt;
  if (!pid || !ticks) return false;
  return process_start_ticks(static_cast<pid_t>(*pid)) == static_cast<std::uint64_t>(*ticks);
}

Result<std::unique_ptr<LeftBehind>> LeftBehind::open(const Path& folder, const std::string& gateway_id,
                                                     std::size_t& ended) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  ended = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(suffix)) continue;
    if (is_gateway_alive(std::string_view(name).substr(0, name.size() - suffix.size()))) continue;
    ended += end_processes(entry.path());
    std::error_code ignored;
    std::filesystem::remove(entry.path(), ignored);
  }
  const Path path = folder / (gateway_id + std::string(suffix));
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    return fail_at(ErrorKind::environment,
                   fmt::format("the state cannot be written: {}", std::strerror(errno)), path.string(),
                   "name another folder with --state");
  }
  return std::unique_ptr<LeftBehind>(new LeftBehind(path, std::move(file)));
}

LeftBehind::~LeftBehind() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void LeftBehind::write(std::string_view lines) { (void)!::write(file_.get(), lines.data(), lines.size()); }

void LeftBehind::add(pid_t process) {
  const auto ticks = process_start_ticks(process);
  if (!ticks) return;
  const std::lock_guard lock(mutex_);
  running_[process] = *ticks;
  ++lines_;
  write(fmt::format("{} {}\n", process, *ticks));
}

void LeftBehind::remove(pid_t process) {
  const std::lock_guard lock(mutex_);
  if (running_.erase(process) == 0) return;
  if (++lines_ < running_.size() + most_stale_lines) return write(fmt::format("-{}\n", process));
  // The file would grow for ever: begin it again with those that run.
  std::string all;
  for (const auto& [pid, ticks] : running_) all += fmt::format("{} {}\n", pid, ticks);
  (void)!::ftruncate(file_.get(), 0);
  lines_ = running_.size();
  write(all);
}

}  // namespace thaw
