// Reports of the MPI profiler mpiP: for each operation and rank, the calls and their mean time, and the messages
// and their mean size, over all call sites. Sections hold lines "Name Site Rank Count Max Mean Min …"; rank "*" sums
// the ranks up and is left out.

#include <map>

#include "bench/extractors/forms.h"
#include "core/text.h"

namespace thaw::extractors {
namespace {

struct Total {
  double count = 0;
  double sum = 0;  ///< Of the call sites' means, each weighted by its count.
};

/// One section of the report: totals by rank and operation.
using Totals = std::map<std::int64_t, std::map<std::string, Total>>;

void add_line(std::string_view line, Totals& totals) {
  const auto fields = split_fields(line);
  if (fields.size() < 6) return;
  const auto rank = parse_integer(fields[2]);
  const auto count = parse_number(fields[3]);
  const auto mean = parse_number(fields[5]);
  if (!rank || !count || !mean) return;
  Total& total = totals[*rank][std::string(fields[0])];
  total.count += *count;
  total.sum += *count * *mean;
}

void add_columns(const std::string& prefix, const Totals& totals,
                 const std::map<std::int64_t, std::size_t>& row_of, WordColumns& columns) {
  for (const auto& [rank, operations] : totals) {
    for (const auto& [name, total] : operations) {
      const std::size_t row = row_of.at(rank);
      const auto put = [&](std::string_view kind, std::optional<std::string> word) {
        Words& words = columns.of(fmt::format("{}_{}_{}", prefix, kind, name));
        words.resize(row + 1);
        words[row] = std::move(word);
      };
      put("mean", total.count > 0 ? std::optional(format_number(total.sum / total.count)) : std::nullopt);
      put("count", format_number(total.count));
    }
  }
}

}  // namespace

WordColumns mpip_report(std::string_view text) {
  Totals time;
  Totals messages;
  Totals* section = nullptr;
  for (const std::string_view line : split_lines(text)) {
    if (line.starts_with("@---")) {
      const bool is_time = line.find("Callsite Time statistics") != std::string_view::npos;
      const bool is_sent = line.find("Callsite Message Sent statistics") != std::string_view::npos;
      section = is_time ? &time : is_sent ? &messages : nullptr;
    } else if (section != nullptr) {
      add_line(line, *section);
    }
  }

  std::map<std::int64_t, std::size_t> row_of;
  for (const Totals* totals : {&time, &messages}) {
    for (const auto& [rank, operations] : *totals) row_of[rank];
  }
  std::size_t rows = 0;
  for (auto& [rank, row] : row_of) row = rows++;

  WordColumns columns;
  add_columns("time", time, row_of, columns);
  add_columns("msg", messages, row_of, columns);
  columns.pad(rows);
  return columns;
}

}  // namespace thaw::extractors
