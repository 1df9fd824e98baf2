#include "report/gate.h"

#include <array>
#include <cmath>
#include <optional>

#include "core/text.h"
#include "core/units.h"

namespace thaw {
namespace {

struct NamedStatistic {
  std::string_view name;
  GateStatistic statistic;
};

constexpr std::array statistics = {NamedStatistic{"n", GateStatistic::count},
                                   NamedStatistic{"min", GateStatistic::min},
                                   NamedStatistic{"mean", GateStatistic::mean},
                                   NamedStatistic{"median", GateStatistic::median},
                                   NamedStatistic{"max", GateStatistic::max},
                                   NamedStatistic{"stddev", GateStatistic::stddev},
                                   NamedStatistic{"cv", GateStatistic::cv},
                                   NamedStatistic{"ratio", GateStatistic::ratio},
                                   NamedStatistic{"speedup", GateStatistic::speedup},
                                   NamedStatistic{"shift", GateStatistic::shift},
                                   NamedStatistic{"p_value", GateStatistic::p_value},
                                   NamedStatistic{"p_adjusted", GateStatistic::p_adjusted},
                                   NamedStatistic{"effect_size", GateStatistic::effect_size},
                                   NamedStatistic{"failed", GateStatistic::failed},
                                   NamedStatistic{"errors", GateStatistic::failed},
                                   NamedStatistic{"worse", GateStatistic::worse}};

struct NamedOperator {
  std::string_view text;
  GateOperator comparison;
};

/// Two-character operators first, so that ">=" is not read as ">".
constexpr std::array operators = {
    NamedOperator{">=", GateOperator::at_least}, NamedOperator{"<=", GateOperator::at_most},
    NamedOperator{"==", GateOperator::equal},    NamedOperator{"!=", GateOperator::unequal},
    NamedOperator{">", GateOperator::greater},   NamedOperator{"<", GateOperator::less}};

constexpr std::string_view example = "write for example 'p99 > +5%', 'median >= 1.1x' or 'failed > 0'";

tl::unexpected<Error> refuse(std::string what, std::size_t offset, std::string_view hint = example) {
  return fail_at(ErrorKind::bad_usage, std::move(what), fmt::format("--fail-if:{}", offset + 1),
                 std::string(hint));
}

/// "p50" is 0.5, "p999" is 0.999, "p99.9" is 0.999, "p5" is 0.05, "p100" is 1.
std::optional<double> quantile_of(std::string_view name) {
  if (name.size() < 2 || name.front() != 'p') return std::nullopt;
  const std::string_view digits = name.substr(1);
  if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  const auto number = parse_number(digits);
  if (!number) return std::nullopt;
  double percent = *number;
  if (percent > 100 && digits.find('.') == std::string_view::npos) {
    percent /= std::pow(10.0, static_cast<double>(digits.size()) - 2);
  }
  if (percent > 100) return std::nullopt;
  return percent / 100;
}

struct StatisticChoice {
  GateStatistic statistic;
  double quantile;
};

std::optional<StatisticChoice> statistic_called(std::string_view name) {
  for (const NamedStatistic& entry : statistics) {
    if (entry.name == name) return StatisticChoice{entry.statistic, 0};
  }
  if (const auto quantile = quantile_of(name)) return StatisticChoice{GateStatistic::quantile, *quantile};
  return std::nullopt;
}

/// Takes the left side apart at the first dot whose right part is a statistic: "a.b.p99.9" is a.b and p99.9.
Result<> read_subject(std::string_view subject, std::size_t offset, Gate& gate) {
  for (std::size_t start = 0;;) {
    const std::string_view name = subject.substr(start);
    if (const auto choice = statistic_called(name)) {
      gate.metric = start == 0 ? std::string() : std::string(subject.substr(0, start - 1));
      gate.statistic_name = std::string(name);
      gate.statistic = choice->statistic;
      gate.quantile = choice->quantile;
      return {};
    }
    const std::size_t dot = subject.find('.', start);
    if (dot == std::string_view::npos) break;
    start = dot + 1;
  }
  const std::size_t last_dot = subject.rfind('.');
  const std::string_view wrong = subject.substr(last_dot == std::string_view::npos ? 0 : last_dot + 1);
  std::vector<std::string> names;
  for (const NamedStatistic& entry : statistics) names.emplace_back(entry.name);
  names.insert(names.end(), {"p50", "p95", "p99", "p999"});
  const auto close = nearest(wrong, names);
  return refuse(fmt::format("\"{}\" is no statistic", wrong),
                offset + static_cast<std::size_t>(wrong.data() - subject.data()),
                close ? fmt::format("did you mean \"{}\"?", *close)
                      : fmt::format("choose one of {}", join(names, ", ")));
}

bool is_share(GateStatistic statistic) {
  return statistic == GateStatistic::cv || statistic == GateStatistic::failed ||
         statistic == GateStatistic::p_value || statistic == GateStatistic::p_adjusted;
}

/// "5%" and "+5%".
Result<> read_percent(double number, bool is_signed, std::size_t offset, Gate& gate) {
  if (!is_signed && is_share(gate.statistic)) {
    gate.limit = number / 100;
    return {};
  }
  if (compares_sides(gate.statistic) || gate.statistic == GateStatistic::failed) {
    return refuse(fmt::format("{} has no change in percent", gate.statistic_name), offset,
                  "give a plain number, for example 'ratio > 1.05', 'failed > 0' or 'failed > 1%'");
  }
  gate.basis = GateBasis::relative_change;
  gate.limit = number;
  return {};
}

/// The number's unit of time or memory, "250ms" or "64MiB".
Result<> read_amount(std::string_view amount, double number, std::string_view unit, bool is_signed,
                     std::size_t offset, Gate& gate) {
  if (!is_in_unit_of_metric(gate.statistic)) {
    return refuse(fmt::format("{} takes a plain number, not \"{}\"", gate.statistic_name, amount), offset);
  }
  gate.basis = is_signed && gate.statistic != GateStatistic::shift ? GateBasis::difference : GateBasis::value;
  if (const auto duration = parse_duration(fmt::format("1{}", unit))) {
    gate.dimension = GateDimension::seconds;
    gate.limit = number * to_seconds(*duration);
    return {};
  }
  if (const auto bytes = parse_bytes(fmt::format("1{}", unit))) {
    gate.dimension = GateDimension::bytes;
    gate.limit = number * static_cast<double>(bytes->count());
    return {};
  }
  return refuse(fmt::format("\"{}\" is no unit", unit), offset,
                "use %, x, ns, us, ms, s, m, h, B, kB, MB, GB, KiB, MiB or GiB");
}

Result<> read_limit(std::string_view text, std::size_t offset, Gate& gate) {
  if (text.empty()) return refuse(fmt::format("\"{}\" has no limit", gate.text), offset);
  gate.limit_text = std::string(text);
  const bool is_signed = text.front() == '+' || text.front() == '-';
  std::size_t length = is_signed ? 1 : 0;
  while (length < text.size() &&
         (std::string_view("0123456789.").find(text[length]) != std::string_view::npos)) {
    ++length;
  }
  // An exponent belongs to the number only when digits follow: "1e-3", but not "1e".
  for (std::size_t tail = text.size(); tail > length; --tail) {
    if (parse_number(text.substr(0, tail))) {
      length = tail;
      break;
    }
  }
  const auto number = parse_number(text.substr(0, length));
  if (!number) return refuse(fmt::format("\"{}\" is no limit", text), offset);
  const std::string_view unit = trim(text.substr(length));
  const std::size_t unit_offset = offset + text.size() - unit.size();
  if (unit == "%") return read_percent(*number, is_signed, offset, gate);
  if (unit == "x" || unit == "X") {
    if (is_signed || compares_sides(gate.statistic)) {
      return refuse(fmt::format("\"{}\" is no multiple of the baseline's {}", text, gate.statistic_name),
                    offset, "write for example 'p99 > 1.5x' or 'ratio > 1.5'");
    }
    gate.basis = GateBasis::multiple;
    gate.limit = *number;
    return {};
  }
  if (!unit.empty()) return read_amount(text, *number, unit, is_signed, unit_offset, gate);
  // A sign on a plain number is a change where a change makes sense; "shift > -1" is just a negative number.
  gate.basis = is_signed && !compares_sides(gate.statistic) && gate.statistic != GateStatistic::failed
                   ? GateBasis::difference
                   : GateBasis::value;
  gate.limit = *number;
  return {};
}

Result<Gate> parse_part(std::string_view part, std::size_t offset) {
  const std::string_view text = trim(part);
  if (text.empty()) return refuse("a condition is empty", offset);
  offset += static_cast<std::size_t>(text.data() - part.data());
  Gate gate;
  gate.text = std::string(text);
  const std::size_t at = text.find_first_of("<>=!");
  if (at == std::string_view::npos) {
    if (text != "worse" && !text.ends_with(".worse")) {
      return refuse(fmt::format("\"{}\" has no operator", text), offset + text.size());
    }
    gate.limit_text = "0";
    THAW_CHECK(read_subject(text, offset, gate));
    return gate;
  }
  const std::string_view subject = trim(text.substr(0, at));
  if (subject.empty()) return refuse(fmt::format("\"{}\" does not say what to compare", text), offset);
  THAW_CHECK(read_subject(subject, offset, gate));
  for (const NamedOperator& entry : operators) {
    if (!text.substr(at).starts_with(entry.text)) continue;
    gate.comparison = entry.comparison;
    const std::string_view rest = text.substr(at + entry.text.size());
    const std::string_view limit = trim(rest);
    const std::size_t limit_offset =
        limit.empty() ? text.size() : static_cast<std::size_t>(limit.data() - text.data());
    THAW_CHECK(read_limit(limit, offset + limit_offset, gate));
    return gate;
  }
  return refuse(fmt::format("\"{}\" is no operator", text.substr(at, 1)), offset + at,
                "use >, >=, <, <=, == or !=");
}

}  // namespace

bool compares_sides(GateStatistic statistic) {
  switch (statistic) {
    case GateStatistic::ratio:
    case GateStatistic::speedup:
    case GateStatistic::shift:
    case GateStatistic::p_value:
    case GateStatistic::p_adjusted:
    case GateStatistic::effect_size:
    case GateStatistic::worse:
      return true;
    default:
      return false;
  }
}

bool is_in_unit_of_metric(GateStatistic statistic) {
  switch (statistic) {
    case GateStatistic::min:
    case GateStatistic::mean:
    case GateStatistic::median:
    case GateStatistic::quantile:
    case GateStatistic::max:
    case GateStatistic::stddev:
    case GateStatistic::shift:
      return true;
    default:
      return false;
  }
}

Result<Gate> parse_gate(std::string_view text) { return parse_part(text, 0); }

Result<std::vector<Gate>> parse_gates(std::string_view text) {
  std::vector<Gate> gates;
  for (const std::string_view part : split(text, ',')) {
    THAW_TRY(Gate gate, parse_part(part, static_cast<std::size_t>(part.data() - text.data())));
    gates.push_back(std::move(gate));
  }
  return gates;
}

bool gate_trips(const Gate& gate, double value, double limit) {
  if (std::isnan(value)) return true;
  switch (gate.comparison) {
    case GateOperator::greater:
      return value > limit;
    case GateOperator::at_least:
      return value >= limit;
    case GateOperator::less:
      return value < limit;
    case GateOperator::at_most:
      return value <= limit;
    case GateOperator::equal:
      return value == limit;
    case GateOperator::unequal:
      return value != limit;
  }
  return true;
}

}  // namespace thaw
