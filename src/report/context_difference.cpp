#include "report/context_difference.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "core/text.h"

namespace thaw {
namespace {

constexpr double processors_when_unknown = 8;

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// "6.1.0-13-amd64" -> "6.1"; nullopt when the text does not start like a version.
std::optional<std::string_view> first_two_parts(std::string_view version) {
  const auto digits_end = [&](std::size_t from) {
    while (from < version.size() && version[from] >= '0' && version[from] <= '9') ++from;
    return from;
  };
  const std::size_t major = digits_end(0);
  if (major == 0 || major >= version.size() || version[major] != '.') return std::nullopt;
  const std::size_t minor = digits_end(major + 1);
  if (minor == major + 1) return std::nullopt;
  return version.substr(0, minor);
}

double processors_of(const Context& context) {
  for (const std::string_view name : {"processor_count", "cpu_cores", "logical_cpus", "cores"}) {
    for (const auto& [key, value] : context) {
      if (!key.starts_with("system.") || !key.ends_with(name)) continue;
      if (const auto count = parse_number(value); count && *count >= 1) return *count;
    }
  }
  return processors_when_unknown;
}

/// The share of the baseline's value by which a number has to change to count.
double tolerance_for(std::string_view key) {
  constexpr std::array<std::string_view, 4> memory_words = {"memory", "swap", "max_rss", "ram_"};
  return contains_any(key, memory_words) ? 0.01 : 0.05;
}

bool is_same_number(std::string_view key, double a, double b, double processors) {
  const double distance = std::fabs(a - b);
  if (distance < 0.001) return true;
  if (key.find("load_average") != std::string_view::npos) return distance <= 0.1 * processors;
  if (a == 0) return false;
  return distance / std::fabs(a) <= tolerance_for(key);
}

std::string text_of(const Context& context, const std::string& key) {
  const auto found = context.find(key);
  return found == context.end() || found->second.empty() ? "N/A" : found->second;
}

/// "system" of "system.cpu.vendor".
std::string_view section_of(std::string_view key) { return key.substr(0, key.find('.')); }

/// Whether the run says anything about the section of `key`: a file without a section hides no difference.
bool has_section_of(const Context& context, std::string_view key) {
  const std::string_view section = section_of(key);
  const auto first = context.lower_bound(std::string(section));
  return first != context.end() && section_of(first->first) == section;
}

}  // namespace

bool is_passing_fact(std::string_view key) {
  constexpr std::array<std::string_view, 9> always = {
      "timestamp", "date",       "launch_id",         "build_timestamp", "uptime_seconds",
      "uptime_s",  "started_at", "running_processes", "finished_at"};
  constexpr std::array<std::string_view, 13> of_options = {
      "experiment",   "directory",        "mode",   "verbose", "skip_sys_specs",
      "repeats",      "repeater_options", "repeat", "origins", "description",
      "skip_context", "allow_failures",   "out"};
  const auto parts = split(key, '.');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view part = parts[i];
    if (std::find(always.begin(), always.end(), part) != always.end()) return true;
    if (part.starts_with("download_") || part.ends_with("_timestamp")) return true;
    if (i == 1 && parts[0] == "provenance" && (part == "directory" || part == "user")) return true;
    if (i == 1 && parts[0] == "runtime" &&
        std::find(of_options.begin(), of_options.end(), part) != of_options.end()) {
      return true;
    }
  }
  return false;
}

bool is_same_fact(std::string_view key, std::string_view a, std::string_view b, double processors) {
  if (a == b) return true;
  constexpr std::array<std::string_view, 3> restless = {"temperature", "fan_speed", "fan_rpm"};
  if (contains_any(key, restless)) return true;
  const auto number_a = parse_number(a);
  const auto number_b = parse_number(b);
  constexpr std::array<std::string_view, 2> version_words = {"version", "kernel"};
  if (contains_any(key, version_words)) {
    const auto version_a = first_two_parts(a);
    const auto version_b = first_two_parts(b);
    if (version_a && version_b) return *version_a == *version_b;
  }
  if (!number_a || !number_b) return false;
  return is_same_number(key, *number_a, *number_b, processors);
}

std::vector<ContextDifference> context_differences(const Context& baseline, const Context& candidate) {
  std::set<std::string> keys;
  for (const auto& [key, value] : baseline) keys.insert(key);
  for (const auto& [key, value] : candidate) keys.insert(key);
  const double processors = processors_of(baseline);
  std::vector<ContextDifference> differences;
  for (const std::string& key : keys) {
    if (is_passing_fact(key) || !has_section_of(baseline, key) || !has_section_of(candidate, key)) continue;
    ContextDifference difference{key, text_of(baseline, key), text_of(candidate, key)};
    if (is_same_fact(key, difference.baseline, difference.candidate, processors)) continue;
    differences.push_back(std::move(difference));
  }
  return differences;
}

}  // namespace thaw
