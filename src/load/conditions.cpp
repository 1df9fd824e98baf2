#include "load/conditions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/text.h"
#include "core/units.h"

namespace thaw {
namespace {

constexpr std::array<std::string_view, 3> latencies = {"response", "service", "lateness"};
constexpr std::array<std::string_view, 6> statistics = {"mean", "p50", "p90", "p99", "p999", "max"};
constexpr std::array<std::string_view, 7> counts = {
    "errors", "platform_dropped", "dropped", "in_flight", "cold", "ok", "planned"};
constexpr std::array<std::string_view, 3> slowdowns = {"mean", "p50", "p99"};

template <std::size_t n>
bool is_one_of(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

tl::unexpected<Error> bad_condition(std::string_view text, std::string hint) {
  return fail_at(ErrorKind::bad_usage, fmt::format("\"{}\" is no condition", text), "--fail-if",
                 std::move(hint));
}

std::string known_words(std::string_view word) {
  std::vector<std::string> words;
  for (const std::string_view known : latencies) words.emplace_back(known);
  for (const std::string_view known : statistics) words.emplace_back(known);
  for (const std::string_view known : counts) words.emplace_back(known);
  words.insert(words.end(), {"slowdown", "throughput"});
  return suggest(word, words);
}

double quantile(const Histogram& histogram, std::string_view statistic) {
  if (statistic == "mean") return histogram.mean();
  double p = 1;
  if (statistic == "p50") p = 0.5;
  if (statistic == "p90") p = 0.9;
  if (statistic == "p99") p = 0.99;
  if (statistic == "p999") p = 0.999;
  const auto value = histogram.quantile(p);
  return value ? static_cast<double>(*value) : std::numeric_limits<double>::quiet_NaN();
}

double counted(const LoadTotals& totals, std::string_view subject) {
  const auto value = [&]() -> std::uint64_t {
    if (subject == "errors") return totals.failed();
    if (subject == "platform_dropped")
      return totals.by_cause[static_cast<std::size_t>(Cause::platform_dropped)];
    if (subject == "dropped") return totals.dropped();
    if (subject == "in_flight") return totals.in_flight;
    if (subject == "cold") return totals.cold;
    return subject == "ok" ? totals.ok : totals.planned;
  };
  return static_cast<double>(value());
}

/// A limit in the unit of its subject; nullopt when it is none.
std::optional<double> parse_limit(std::string_view subject, std::string_view text, bool& is_share) {
  if (is_one_of(subject, latencies)) {
    const auto duration = parse_duration(text);
    return duration ? std::optional(to_seconds(*duration)) : std::nullopt;
  }
  if (subject == "throughput") {
    const auto rate = parse_rate(text);
    return rate ? std::optional(rate->per_second) : parse_number(text);
  }
  is_share = text.ends_with('%') && subject != "slowdown";
  if (!is_share) return parse_number(text);
  const auto share = parse_number(trim(text.substr(0, text.size() - 1)));
  return share ? std::optional(*share / 100) : std::nullopt;
}

}  // namespace

Result<Condition> Condition::parse(std::string_view text) {
  Condition condition;
  condition.text_ = trim(text);
  const std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos)
    return bad_condition(text, "write for example 'p99 > 200ms' or 'errors > 1%'");
  const bool has_equal = text.substr(at + 1).starts_with('=');
  if (text[at] == '>') condition.operator_ = has_equal ? Operator::at_least : Operator::above;
  if (text[at] == '<') condition.operator_ = has_equal ? Operator::at_most : Operator::below;
  const std::vector<std::string_view> words = split_fields(text.substr(0, at));
  if (words.empty() || words.size() > 2)
    return bad_condition(text, "name one figure, for example 'service p99'");
  condition.subject_ = words.size() == 1 && is_one_of(words[0], statistics) ? "response" : words.front();
  if (words.size() == 2 || condition.subject_ != words.front()) condition.statistic_ = words.back();
  const bool is_latency = is_one_of(condition.subject_, latencies);
  const bool is_count = is_one_of(condition.subject_, counts);
  const bool is_slowdown = condition.subject_ == "slowdown";
  if (!is_latency && !is_count && !is_slowdown && condition.subject_ != "throughput")
    return bad_condition(text, known_words(condition.subject_));
  const bool is_statistic_possible =
      is_latency    ? is_one_of(condition.statistic_, statistics)
      : is_slowdown ? condition.statistic_.empty() || is_one_of(condition.statistic_, slowdowns)
                    : condition.statistic_.empty();
  if (!is_statistic_possible) {
    return bad_condition(text, is_latency ? "latencies have mean, p50, p90, p99, p999 and max"
                                          : "slowdown has mean, p50 and p99; counts have none of these");
  }
  const std::string_view limit = trim(text.substr(at + (has_equal ? 2 : 1)));
  const auto parsed = parse_limit(condition.subject_, limit, condition.is_share_);
  if (!parsed) {
    return bad_condition(text, is_latency ? "a latency needs a duration, as 200ms"
                                          : "a limit is a number, a percentage for counts, or 1000/s");
  }
  condition.limit_ = *parsed;
  return condition;
}

double Condition::value(const LoadTotals& totals, double seconds) const {
  if (subject_ == "response") return quantile(totals.response, statistic_) / 1e9;
  if (subject_ == "service") return quantile(totals.service, statistic_) / 1e9;
  if (subject_ == "lateness") return quantile(totals.lateness, statistic_) / 1e9;
  if (subject_ == "throughput") {
    return seconds > 0 ? static_cast<double>(totals.ok) / seconds : std::numeric_limits<double>::quiet_NaN();
  }
  // Nobody has said whether a start was cold.
  if (subject_ == "cold" && totals.knows_cold == 0) return std::numeric_limits<double>::quiet_NaN();
  if (subject_ != "slowdown")
    return counted(totals, subject_) / (is_share_ ? static_cast<double>(totals.planned) : 1);
  if (statistic_.empty()) return totals.slowdown.harmonic_mean();
  if (statistic_ == "mean") return totals.slowdown.sum / static_cast<double>(totals.slowdown.count());
  return quantile(totals.slowdown.thousandths, statistic_) / 1000;
}

bool Condition::is_known(const LoadTotals& totals, double seconds) const {
  return !std::isnan(value(totals, seconds));
}

bool Condition::holds(const LoadTotals& totals, double seconds) const {
  const double figure = value(totals, seconds);
  switch (operator_) {
    case Operator::above:
      return figure > limit_;
    case Operator::at_least:
      return figure >= limit_;
    case Operator::below:
      return figure < limit_;
    case Operator::at_most:
      return figure <= limit_;
  }
  return false;
}

std::string Condition::explain(const LoadTotals& totals, double seconds) const {
  const double figure = value(totals, seconds);
  if (std::isnan(figure)) return text_ + ", there is no such figure";
  if (is_one_of(subject_, latencies)) return fmt::format("{}, it is {}", text_, human_seconds(figure));
  if (is_share_) return fmt::format("{}, it is {} %", text_, format_significant(100 * figure));
  return fmt::format("{}, it is {}", text_, format_significant(figure));
}

}  // namespace thaw
