// The text forms of sweeps: `sweep:` in a file and --sweep on the command line.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "bench/sweep.h"
#include "core/text.h"

namespace thaw {
namespace {

using Node = DocumentNode;

Result<> read_args(const Node& node, Sweep& sweep) {
  constexpr std::string_view wanted = "sweep.args must be a list of argument lists";
  SweepAxis axis{SweepTarget::args, {}, {}, false};
  if (!node.is_list()) return node.error(std::string(wanted), "write [[1, 2], [3, 4]]");
  for (const Node& item : node.items()) {
    if (!item.is_list()) return item.error(std::string(wanted), fmt::format("write [[{}]]", item.text()));
    THAW_TRY(axis.values.emplace_back(), item.strings());
  }
  if (axis.values.empty()) return node.error("sweep.args has no values");
  return add_axis(sweep, std::move(axis));
}

Result<> read_map(const Node& node, SweepTarget target, std::span<const std::string_view> options,
                  Sweep& sweep) {
  THAW_CHECK(node.expect(Node::Kind::map, "this part of a sweep"));
  if (target == SweepTarget::option) THAW_CHECK(check_keys(node, options));
  for (const DocumentEntry& entry : node.entries()) {
    SweepAxis axis{target, entry.key, {}, !entry.value.is_list()};
    if (axis.is_constant) {
      THAW_TRY(std::string value, entry.value.is_null() ? Result<std::string>("") : entry.value.string());
      axis.values.push_back({std::move(value)});
    }
    for (const Node& item : entry.value.items()) {
      THAW_TRY(std::string value, item.string());
      axis.values.push_back({std::move(value)});
    }
    if (axis.values.empty())
      return entry.value.error(fmt::format("the sweep of {} has no values", entry.key));
    THAW_CHECK(add_axis(sweep, std::move(axis)));
  }
  return {};
}

/// Parts between separators that stand outside quotes and behind no backslash; nothing is taken away.
std::vector<std::string> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == separator && quote == 0) {
      parts.emplace_back();
      continue;
    }
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    parts.back() += c;
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) parts.back() += text[++i];
  }
  return parts;
}

/// Values between commas; "\," is a comma.
std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ',') {
      values.back() += text[++i];
    } else if (text[i] == ',') {
      values.emplace_back();
    } else {
      values.back() += text[i];
    }
  }
  return values;
}

int decimals_of(std::string_view number) {
  const std::size_t point = number.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(number.size() - point - 1);
}

struct Range {
  std::string_view first, last, step;
};

/// The parts of "1..10" or "1..10:2"; nullopt when the text is no range.
std::optional<Range> range_parts(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::size_t colon = text.find(':', dots);
  const bool has_step = colon != std::string_view::npos;
  const Range range{text.substr(0, dots), text.substr(dots + 2, colon - (has_step ? dots + 2 : 0)),
                    has_step ? text.substr(colon + 1) : std::string_view()};
  const bool is_range = parse_number(range.first) && parse_number(range.last);
  return is_range ? std::optional(range) : std::nullopt;
}

Result<std::vector<std::string>> range_values(const Range& range, std::string_view text) {
  const double first = *parse_number(range.first);
  const double last = *parse_number(range.last);
  const double default_step = first <= last ? 1 : -1;
  const auto step = range.step.empty() ? std::optional(default_step) : parse_number(range.step);
  if (!step || *step == 0) return fail(ErrorKind::bad_usage, "the range {} needs a step that is not 0", text);
  // Half a millionth of a step forgives what decimal fractions lose in binary.
  const double steps = std::floor((last - first) / *step + 1e-6);
  if (steps < 0) return fail(ErrorKind::bad_usage, "the range {} goes against its step", text);
  if (steps >= 1e6) return fail(ErrorKind::bad_usage, "the range {} has more than a million values", text);

  const int decimals = std::max(decimals_of(range.first), decimals_of(range.step));
  std::vector<std::string> values;
  for (int i = 0; i <= static_cast<int>(steps); ++i) {
    const double value = first + i * *step;
    values.push_back(fmt::format("{:.{}f}", std::abs(value) < 1e-12 ? 0.0 : value, decimals));
  }
  return values;
}

Result<> read_command_line_values(std::string_view text, SweepAxis& axis) {
  if (axis.target == SweepTarget::args) {
    for (const std::string& part : split_outside_quotes(text, ';')) {
      THAW_TRY(axis.values.emplace_back(), shell_split(part));
    }
    return {};
  }
  for (const std::string& part : split_values(text)) {
    if (const auto range = range_parts(part)) {
      THAW_TRY(const auto values, range_values(*range, part));
      for (const std::string& value : values) axis.values.push_back({value});
    } else {
      axis.values.push_back({part});
    }
  }
  return {};
}

}  // namespace

Result<Sweep> parse_sweep(const Node& node, std::span<const std::string_view> options) {
  static constexpr std::array<std::string_view, 5> keys = {"args", "parameters", "env", "options", "zip"};
  Sweep sweep;
  if (!node.is_null()) {
    THAW_CHECK(node.expect(Node::Kind::map, "sweep"));
    THAW_CHECK(check_keys(node, keys));
  }
  if (const Node* args = node.find("args")) THAW_CHECK(read_args(*args, sweep));
  constexpr std::array<std::pair<std::string_view, SweepTarget>, 3> maps = {{
      {"parameters", SweepTarget::parameter},
      {"env", SweepTarget::environment},
      {"options", SweepTarget::option},
  }};
  for (const auto& [key, target] : maps) {
    const Node* map = node.find(key);
    if (map != nullptr && !map->is_null()) THAW_CHECK(read_map(*map, target, options, sweep));
  }
  if (const Node* zip = node.find("zip")) {
    THAW_TRY(sweep.is_zipped, zip->boolean());
  }
  if (sweep.axes.empty()) return node.error("a sweep needs at least one of args, parameters, env, options");
  return sweep;
}

Result<SweepAxis> parse_sweep_axis(std::string_view text, std::span<const std::string_view> options) {
  const auto wrong = [&](std::string what) {
    return fail_at(ErrorKind::bad_usage, std::move(what), "--sweep",
                   "write n=1,2,3 or n=1..10:3 or env.X=a,b");
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return wrong(fmt::format("'{}' has no '='", text));
  const std::string_view name = text.substr(0, equals);

  SweepAxis axis;
  axis.name = name;
  if (name == "args") {
    axis.target = SweepTarget::args;
    axis.name.clear();
  } else if (name.starts_with("env.")) {
    axis.target = SweepTarget::environment;
    axis.name = name.substr(4);
  } else if (std::ranges::find(options, name) != options.end()) {
    axis.target = SweepTarget::option;
  }
  if (axis.target != SweepTarget::args && axis.name.empty())
    return wrong(fmt::format("'{}' has no name", text));
  if (equals + 1 == text.size() && axis.target != SweepTarget::environment) {
    return wrong(fmt::format("the sweep of {} has no values", name));
  }
  THAW_CHECK(read_command_line_values(text.substr(equals + 1), axis));
  axis.is_constant = axis.values.size() == 1;
  return axis;
}

Result<SweepOrder> parse_sweep_order(std::string_view text) {
  if (text == "in-turn") return SweepOrder::in_turn;
  if (text == "random") return SweepOrder::random;
  if (text == "interleaved") return SweepOrder::interleaved;
  const std::array<std::string, 3> names = {"in-turn", "random", "interleaved"};
  return fail_at(ErrorKind::bad_usage, fmt::format("unknown order '{}'", text), {}, suggest(text, names));
}

}  // namespace thaw
