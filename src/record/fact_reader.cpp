#include "record/fact_reader.h"

#include <algorithm>

#include "core/text.h"

namespace thaw {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

/// "key : value" lines up to the first empty line; the first of equal keys counts.
Values read_values(const std::optional<std::string>& content) {
  Values values;
  if (!content) return values;
  for (const std::string_view line : split_lines(*content)) {
    if (trim(line).empty() && !values.empty()) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    values.emplace(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return values;
}

std::optional<std::string> found_in(const Values& values, std::string_view key) {
  const auto found = values.find(key);
  if (found == values.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

/// The version 1 mount that has the controller, or nullptr.
const Values::value_type* mount_of(const Values& mounts, std::string_view controller) {
  for (const auto& mount : mounts) {
    const auto names = split(mount.first, ',');
    if (std::find(names.begin(), names.end(), controller) != names.end()) return &mount;
  }
  return nullptr;
}

}  // namespace

const FactReader::ControlGroups& FactReader::groups() const {
  if (groups_) return *groups_;
  groups_.emplace();
  const std::string content = source_.file("/proc/self/cgroup").value_or("");
  for (const std::string_view line : split_lines(content)) {
    const std::size_t name = line.find(':');
    const std::size_t path = line.find(':', name + 1);
    if (path == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(name + 1, path - name - 1);
    std::string_view group = line.substr(path + 1);
    if (group == "/") group = "";
    if (controllers.empty()) {
      groups_->v2 = group;
    } else {
      groups_->v1.emplace(controllers, group);
    }
  }
  return *groups_;
}

std::optional<std::string> FactReader::text(std::string_view path) const {
  const auto content = source_.file(path);
  if (!content) return std::nullopt;
  return std::string(trim(*content));
}

std::optional<std::int64_t> FactReader::integer(std::string_view path) const {
  const auto content = text(path);
  return content ? parse_integer(*content) : std::nullopt;
}

std::optional<std::string> FactReader::field(std::string_view path, std::size_t n) const {
  const auto content = source_.file(path);
  if (!content) return std::nullopt;
  const std::string_view all = *content;
  const auto fields = split_fields(all.substr(0, all.find('\n')));
  if (n >= fields.size()) return std::nullopt;
  return std::string(fields[n]);
}

std::optional<std::string> FactReader::value_of(std::string_view path, std::string_view key) const {
  const std::string content = source_.file(path).value_or("");
  for (const std::string_view line : split_lines(content)) {
    if (!line.starts_with(key) || line.size() == key.size()) continue;
    if (std::string_view(": \t=").find(line[key.size()]) == std::string_view::npos) continue;
    std::string_view value = trim(line.substr(key.size() + 1));
    if (value.ends_with(" kB")) value = trim(value.substr(0, value.size() - 3));
    return std::string(value);
  }
  return std::nullopt;
}

std::optional<std::string> FactReader::chosen(std::string_view path) const {
  const std::string content = text(path).value_or("");
  const std::size_t open = content.find('[');
  const std::size_t close = content.find(']', open);
  if (close == std::string::npos) return std::nullopt;
  return content.substr(open + 1, close - open - 1);
}

std::optional<double> FactReader::pressure(std::string_view path, std::string_view line,
                                           std::string_view key) const {
  const std::string content = source_.file(path).value_or("");
  for (const std::string_view candidate : split_lines(content)) {
    const auto fields = split_fields(candidate);
    if (fields.empty() || fields[0] != line) continue;
    for (const std::string_view field : fields) {
      if (field.starts_with(key) && field.substr(key.size()).starts_with('=')) {
        return parse_number(field.substr(key.size() + 1));
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> FactReader::cpu(std::string_view key) const {
  if (!cpu_) cpu_ = read_values(source_.file("/proc/cpuinfo"));
  return found_in(*cpu_, key);
}

std::optional<std::int64_t> FactReader::memory_kb(std::string_view key) const {
  if (!memory_) memory_ = read_values(source_.file("/proc/meminfo"));
  const auto value = found_in(*memory_, key);
  return value ? parse_integer(value->substr(0, value->find(' '))) : std::nullopt;
}

bool FactReader::is_unified(std::string_view controller) const {
  return mount_of(groups().v1, controller) == nullptr;
}

std::vector<std::string> FactReader::control_groups(std::string_view controller) const {
  const auto* mount = mount_of(groups().v1, controller);
  const std::string base = mount != nullptr ? "/sys/fs/cgroup/" + mount->first : "/sys/fs/cgroup";
  std::optional<std::string> group = mount != nullptr ? mount->second : groups().v2;
  std::vector<std::string> folders;
  while (group) {
    folders.push_back(base + *group);
    if (!group->starts_with('/')) break;
    group = group->substr(0, group->rfind('/'));
  }
  return folders;
}

std::optional<std::int64_t> count_listed(std::string_view list) {
  std::int64_t count = 0;
  for (const std::string_view part : split(trim(list), ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_integer(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_integer(part.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    count += *last - *first + 1;
  }
  return count;
}

std::set<std::string> distinct(const FactReader& facts, std::string_view pattern) {
  std::set<std::string> contents;
  for (const std::string& path : facts.source().glob(pattern)) {
    if (auto content = facts.text(path)) contents.insert(*std::move(content));
  }
  return contents;
}

}  // namespace thaw
