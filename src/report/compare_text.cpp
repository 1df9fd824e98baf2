#include "report/compare_text.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "report/number_text.h"

namespace thaw {
namespace {

/// Longer texts of the context are cut: a whole command line would push the table off the screen.
constexpr std::size_t longest_key = 50;
constexpr std::size_t longest_value = 30;

std::string cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit - 3;
  // Not inside a UTF-8 sequence.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

constexpr std::size_t line_width = 100;

/// The text with line breaks instead of spaces where lines get too long.
std::string wrapped(std::string_view text) {
  std::string lines;
  std::size_t width = 0;
  for (const std::string_view word : split(text, ' ')) {
    const std::size_t needed = display_width(word);
    if (width > 0 && width + 1 + needed > line_width) {
      lines += '\n';
      width = 0;
    } else if (width > 0) {
      lines += ' ';
      ++width;
    }
    lines += word;
    width += needed;
  }
  return lines;
}

/// Collects the parts of the page; tables and lists look different on a terminal and in Markdown.
class Page {
 public:
  explicit Page(TableFormat format) : format_(format) {}

  void heading(std::string_view text) {
    separate();
    text_ += format_ == TableFormat::markdown ? fmt::format("## {}\n\n", text) : fmt::format("{}\n", text);
  }
  void table(const Table& table) { text_ += render(table, format_); }
  void paragraph(std::string_view text) {
    separate();
    text_ += wrapped(printable(text)) + "\n";
  }
  void list(const std::vector<std::string>& items) {
    for (const std::string& item : items) {
      text_ += fmt::format("{}{}\n", format_ == TableFormat::markdown ? "- " : "  ", printable(item));
    }
  }
  /// An empty line unless the page is empty or has one already.
  void separate() {
    if (!text_.empty() && !text_.ends_with("\n\n")) text_ += "\n";
  }
  std::string take() { return std::move(text_); }

 private:
  TableFormat format_;
  std::string text_;
};

std::string with_interval(const Estimate& estimate, std::string_view unit) {
  const std::string value = format_with_unit(estimate.value, unit);
  if (!std::isfinite(estimate.low) && !std::isfinite(estimate.high)) return value;
  return fmt::format("{} [{}, {}]", value, format_with_unit(estimate.low, unit),
                     format_with_unit(estimate.high, unit));
}

std::string ratio_text(const Estimate& ratio) {
  if (!std::isfinite(ratio.value)) return "NA";
  return fmt::format("{} [{}, {}]", format_ratio(ratio.value), format_ratio(ratio.low),
                     format_ratio(ratio.high));
}

std::string p_text(double p) {
  const std::string_view stars = significance_stars(p);
  return stars.empty() ? format_p_value(p) : fmt::format("{} {}", format_p_value(p), stars);
}

std::string side_line(std::string_view role, const ComparedSide& side) {
  return fmt::format("{} {} ({}, {} row{}{})", role, side.label, side.format, side.rows,
                     side.rows == 1 ? "" : "s",
                     side.failed > 0 ? fmt::format(", {} failed", side.failed) : std::string());
}

void add_sides(const Comparison& comparison, Page& page) {
  std::vector<std::string> lines = {side_line("baseline: ", comparison.baseline)};
  for (const std::string& note : comparison.baseline.notes) lines.push_back("  note: " + note);
  for (const CandidateComparison& candidate : comparison.candidates) {
    lines.push_back(side_line("candidate:", candidate.side));
    for (const std::string& note : candidate.side.notes) lines.push_back("  note: " + note);
  }
  for (const std::string& note : comparison.notes) lines.push_back("note: " + note);
  page.heading("Compared");
  page.list(lines);
}

Table overview(const Comparison& comparison) {
  const std::string interval = fmt::format("ratio [{} %]", format_number(100 * comparison.confidence));
  const bool is_adjusted = comparison.candidates.size() > 1;
  Table table;
  table.columns = {{.key = "candidate", .align = Align::left},
                   {.key = "metric", .align = Align::left},
                   {.key = "n"},
                   {.key = "baseline", .label = "baseline median"},
                   {.key = "treatment", .label = "candidate median"},
                   {.key = "change"},
                   {.key = "ratio", .label = interval},
                   {.key = "p", .label = is_adjusted ? "p (Holm)" : "p"},
                   {.key = "verdict", .align = Align::left}};
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (const MetricComparison& metric : candidate.metrics) {
      table.add({cut(candidate.side.label, longest_value), metric.metric,
                 fmt::format("{} / {}", metric.baseline.n, metric.candidate.n),
                 format_with_unit(metric.baseline.median.value, metric.unit),
                 format_with_unit(metric.candidate.median.value, metric.unit),
                 format_percent_change(metric.pct_change), ratio_text(metric.ratio),
                 p_text(metric.p_adjusted), name_of(metric.verdict)});
    }
  }
  return table;
}

std::string change_between(double from, double to) {
  return from != 0 ? format_percent_change(100 * (to - from) / std::fabs(from)) : "NA";
}

/// Both sides' statistics, one below the other.
Table statistics(const MetricComparison& metric) {
  const Sample& a = metric.baseline;
  const Sample& b = metric.candidate;
  Table table;
  table.columns = {{.key = "statistic", .align = Align::left},
                   {.key = "baseline"},
                   {.key = "candidate"},
                   {.key = "change"}};
  const auto add_estimate = [&](const char* name, const Estimate& from, const Estimate& to) {
    table.add({name, with_interval(from, metric.unit), with_interval(to, metric.unit),
               change_between(from.value, to.value)});
  };
  const auto add_value = [&](const char* name, double from, double to) {
    add_estimate(name, {from, missing, missing}, {to, missing, missing});
  };
  table.add({"n", a.n, b.n, ""});
  add_value("min", a.min, b.min);
  add_estimate("median", a.median, b.median);
  add_estimate("mean", a.mean, b.mean);
  add_value("stddev", a.stddev, b.stddev);
  add_estimate("p95", a.p95, b.p95);
  add_estimate("p99", a.p99, b.p99);
  add_value("max", a.max, b.max);
  return table;
}

std::vector<std::string> test_lines(const MetricComparison& metric) {
  std::vector<std::string> lines = {
      fmt::format("shift {} [{}, {}]", format_with_unit(metric.shift.value, metric.unit),
                  format_with_unit(metric.shift.low, metric.unit),
                  format_with_unit(metric.shift.high, metric.unit)),
      fmt::format("Mann-Whitney U {}, effect size (rank-biserial) {}, Cliff's delta {}",
                  format_number(metric.mann_whitney_u), format_significant(metric.effect_size),
                  format_significant(metric.cliffs_delta)),
      fmt::format("Kolmogorov-Smirnov D {}, p {}", format_significant(metric.ks_d),
                  format_p_value(metric.ks_p))};
  if (metric.paired) {
    lines.push_back(fmt::format("Wilcoxon W {} of {} pairs, p {}", format_number(metric.paired->w),
                                metric.paired->pairs, format_p_value(metric.paired->p_value)));
  }
  return lines;
}

void add_details(const MetricComparison& metric, const CandidateComparison& candidate,
                 const Comparison& comparison, Page& page) {
  page.heading(
      fmt::format("{}: {} against {}", metric.metric, candidate.side.label, comparison.baseline.label));
  page.table(statistics(metric));
  page.separate();
  if (metric.verdict != Verdict::not_comparable) page.list(test_lines(metric));
  page.list(metric.narrative);
  std::vector<std::string> notes;
  for (const std::string& note : metric.notes) notes.push_back("note: " + note);
  page.list(notes);
}

void add_headlines(const Comparison& comparison, std::size_t shown, Page& page) {
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (std::size_t i = 0; i < shown; ++i) {
      const MetricComparison& metric = candidate.metrics[i];
      page.paragraph(headline(metric, comparison.baseline.label, candidate.side.label) + ".");
      if (metric.verdict != Verdict::not_comparable) {
        page.list({fmt::format("{}: {}", name_of(metric.verdict), metric.reason)});
      }
    }
  }
}

void add_context(const Comparison& comparison, Page& page) {
  Table table;
  table.columns = {{.key = "candidate", .align = Align::left},
                   {.key = "field", .align = Align::left},
                   {.key = "baseline", .align = Align::left},
                   {.key = "value", .label = "its value", .align = Align::left}};
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (const ContextDifference& difference : candidate.context_differences) {
      table.add({cut(candidate.side.label, longest_value), cut(difference.key, longest_key),
                 cut(difference.baseline, longest_value), cut(difference.candidate, longest_value)});
    }
  }
  if (table.rows.empty()) return;
  page.heading("Differences of context");
  page.table(table);
}

void add_gates(const Comparison& comparison, Page& page) {
  if (comparison.gates.empty()) return;
  Table table;
  table.columns = {{.key = "gate", .label = "fail if", .align = Align::left},
                   {.key = "candidate", .align = Align::left},
                   {.key = "metric", .align = Align::left},
                   {.key = "value"},
                   {.key = "result", .align = Align::left}};
  for (const GateOutcome& gate : comparison.gates) {
    table.add({gate.gate, cut(gate.candidate, longest_value), gate.metric, gate.value_text,
               gate.holds ? "held" : "FAILED"});
  }
  page.heading("Gates");
  page.table(table);
}

std::string to_page(const Comparison& comparison, TableFormat format, const CompareTextOptions& options) {
  const std::size_t shown = options.show_all ? comparison.metrics.size() : comparison.asked_metrics;
  Page page(format);
  add_sides(comparison, page);
  page.separate();
  page.table(overview(comparison));
  add_headlines(comparison, shown, page);
  for (const CandidateComparison& candidate : comparison.candidates) {
    for (std::size_t i = 0; i < shown; ++i) add_details(candidate.metrics[i], candidate, comparison, page);
  }
  add_context(comparison, page);
  add_gates(comparison, page);
  page.paragraph("Rule: " + comparison.rule + ".");
  return page.take();
}

}  // namespace

std::string render(const Comparison& comparison, TableFormat format, const CompareTextOptions& options) {
  const auto dump = [&](int indent) {
    return to_json(comparison).dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
           "\n";
  };
  switch (format) {
    case TableFormat::text:
    case TableFormat::markdown:
      return to_page(comparison, format, options);
    case TableFormat::csv:
      return to_csv(comparison);
    case TableFormat::json:
      return dump(2);
    case TableFormat::ndjson:
      return dump(-1);
  }
  return {};
}

}  // namespace thaw
