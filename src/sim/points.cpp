#include "sim/points.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "core/units.h"
#include "keepalive/policy.h"

namespace thaw {
namespace {

/// Parts of a list of policies: a part that is only "name=value" belongs to the policy before it.
std::vector<std::string> split_policies(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    constexpr std::string_view expression = "expr:";
    if (to_lower(trim(text).substr(0, expression.size())) == expression) {
      parts.push_back(std::string(expression).append(trim(text).substr(expression.size())));
      break;
    }
    const std::size_t comma = text.find(',');
    const std::string_view part = trim(text.substr(0, comma));
    const std::size_t equals = part.find('=');
    const bool is_parameter =
        equals != std::string_view::npos && part.substr(0, equals).find(':') == std::string_view::npos;
    if (is_parameter && !parts.empty()) {
      parts.back().append(",").append(part);
    } else {
      parts.emplace_back(part);
    }
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return parts;
}

/// One size in MB; a bare number counts as MB, the unit of traces.
Result<double> parse_size(std::string_view text) {
  const std::string_view word = trim(text);
  if (to_lower(word) == "inf" || to_lower(word) == "unlimited") return unlimited_memory_mb;
  if (const auto number = parse_number(word)) {
    if (*number > 0) return *number;
  } else {
    THAW_TRY(const Bytes bytes, parse_bytes(word));
    if (bytes.count() > 0) return static_cast<double>(bytes.count()) / 1e6;
  }
  return fail_at(ErrorKind::bad_usage, fmt::format("a memory size must be above zero, got \"{}\"", word),
                 "--memory",
                 "write for example --memory 4GB, --memory 1000,2000 (MB) or --memory 1GB:80GB:3GB");
}

Result<> add_range(std::string_view text, std::vector<double>& sizes) {
  const auto parts = split(text, ':');
  if (parts.size() != 3) {
    return fail_at(ErrorKind::bad_usage,
                   fmt::format("a range of memory has the form FROM:TO:STEP, got \"{}\"", text), "--memory",
                   "write for example --memory 1GB:80GB:3GB");
  }
  THAW_TRY(const double from, parse_size(parts[0]));
  THAW_TRY(const double to, parse_size(parts[1]));
  THAW_TRY(const double step, parse_size(parts[2]));
  constexpr double most = 100000;
  if (to < from || (to - from) / step > most) {
    return fail_at(ErrorKind::bad_usage, fmt::format("the range of memory \"{}\" is empty or too long", text),
                   "--memory", "the end must not be below the begin");
  }
  const auto steps = static_cast<std::uint64_t>((to - from) / step * (1 + 1e-12));
  for (std::uint64_t i = 0; i <= steps; ++i) sizes.push_back(from + static_cast<double>(i) * step);
  return {};
}

template <class T>
void remove_repeats(std::vector<T>& values) {
  std::vector<T> unique;
  for (T& value : values) {
    if (std::find(unique.begin(), unique.end(), value) == unique.end()) unique.push_back(std::move(value));
  }
  values = std::move(unique);
}

}  // namespace

Result<std::vector<std::string>> parse_policies(Model model, std::string_view text) {
  std::vector<std::string> policies;
  for (const std::string& part : split_policies(text)) {
    if (to_lower(part) == "all") {
      const auto names = policy_names(model);
      policies.insert(policies.end(), names.begin(), names.end());
      continue;
    }
    THAW_TRY(std::string name, canonical_policy(model, part));
    policies.push_back(std::move(name));
  }
  remove_repeats(policies);
  if (policies.empty()) {
    return fail_at(ErrorKind::bad_usage, "no policy is named", "--policy", "thaw sim policies lists them");
  }
  return policies;
}

Result<std::vector<std::string>> parse_policies(Model model, std::span<const std::string> texts) {
  std::vector<std::string> policies;
  for (const std::string& text : texts) {
    THAW_TRY(const std::vector<std::string> some, parse_policies(model, text));
    policies.insert(policies.end(), some.begin(), some.end());
  }
  remove_repeats(policies);
  return policies;
}

Result<std::vector<double>> parse_memory_sizes(std::string_view text) {
  std::vector<double> sizes;
  for (const std::string_view part : split(text, ',')) {
    if (part.find(':') != std::string_view::npos) {
      THAW_CHECK(add_range(part, sizes));
    } else {
      THAW_TRY(const double size, parse_size(part));
      sizes.push_back(size);
    }
  }
  remove_repeats(sizes);
  return sizes;
}

Result<std::vector<std::uint64_t>> parse_seeds(std::string_view text) {
  std::vector<std::uint64_t> seeds;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = parse_integer(trim(part.substr(0, dash)));
    const auto last = dash == std::string_view::npos ? first : parse_integer(trim(part.substr(dash + 1)));
    if (!first || !last || *first < 0 || *last < *first || *last - *first > 1'000'000) {
      return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no list of seeds", text), "--seed",
                     "write for example --seed 1 or --seed 1,2,5-8");
    }
    for (std::int64_t seed = *first; seed <= *last; ++seed) seeds.push_back(static_cast<std::uint64_t>(seed));
  }
  remove_repeats(seeds);
  return seeds;
}

std::vector<SweepPoint> span_points(const SweepAxes& axes) {
  std::vector<SweepPoint> points;
  for (const std::string& trace : axes.traces) {
    for (const std::uint64_t functions : axes.functions) {
      for (const std::string& policy : axes.policies) {
        for (const double memory_mb : axes.memory_mb) {
          for (const std::uint64_t seed : axes.seeds) {
            points.push_back({trace, functions, {policy, axes.model, memory_mb, seed}});
          }
        }
      }
    }
  }
  return points;
}

}  // namespace thaw
