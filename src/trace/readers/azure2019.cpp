// The Azure Functions trace 2019: calls per minute, with statistics of durations and memory (Shahrad et al., USENIX
// ATC 2020). As invocations it is read like FaasCache reads it: memory = the app's average divided among its
// functions and rounded up, cold = the largest duration, warm = the average one, whole milliseconds.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "trace/azure2019_tables.h"
#include "trace/counts_trace.h"
#include "trace/forms.h"
#include "trace/function_table.h"

namespace thaw::forms {
namespace {

/// Nearly two years of minutes; more is a damaged header.
constexpr std::size_t most_columns = 1'000'000;

/// The layout of invocations.csv.
struct Layout {
  std::size_t fields = 0;
  std::size_t owner = 0, app = 0, function = 0;
  std::optional<std::size_t> trigger;
  std::size_t first_count = 0;
  [[nodiscard]] std::size_t columns() const { return fields - first_count; }
};

Result<Layout> layout_of(const ColumnNames& names, const std::string& place) {
  Layout layout{.fields = names.size()};
  const auto owner = names.find({"hashowner"}), app = names.find({"hashapp"}),
             function = names.find({"hashfunction"});
  layout.trigger = names.find({"trigger"});
  if (!owner || !app || !function || std::max({*owner, *app, *function}) > 3) {
    return fail_at(ErrorKind::bad_input,
                   "HashOwner, HashApp and HashFunction must be among the first four columns", place);
  }
  layout.owner = *owner;
  layout.app = *app;
  layout.function = *function;
  layout.first_count = layout.trigger ? *layout.trigger + 1 : 3;
  if (layout.first_count > layout.fields || std::max({*owner, *app, *function}) >= layout.first_count) {
    return fail_at(ErrorKind::bad_input,
                   "the counts must stand behind HashOwner, HashApp, HashFunction and Trigger", place);
  }
  if (layout.columns() > most_columns) {
    return fail_at(ErrorKind::bad_input,
                   fmt::format("{} columns are more than {}", names.size(), most_columns), place);
  }
  return layout;
}

/// One row of invocations.csv, its counts being the last row of the trace's.
struct Row {
  std::vector<std::string_view> labels;  ///< The fields before the counts.
  std::uint64_t calls = 0;
};

class RowReader {
 public:
  RowReader(const Layout& layout, ColumnRange range, CompactCounts& counts)
      : layout_(layout), range_(range), counts_(counts) {}

  /// Appends the row's counts. Errors: bad_input without a place; then nothing is appended.
  Result<> read(std::string_view line, Row& row) {
    counts_.begin_row();
    if (read_plain(line, row)) {
      counts_.end_row();
      return {};
    }
    counts_.drop_row();
    counts_.begin_row();
    auto is_read = read_any(line, row);
    if (is_read) {
      counts_.end_row();
    } else {
      counts_.drop_row();
    }
    return is_read;
  }

 private:
  /// Nothing quoted, nothing wrong.
  bool read_plain(std::string_view line, Row& row) {
    row.labels.clear();
    row.calls = 0;
    const char* at = line.data();
    const char* const end = at + line.size();
    for (std::size_t i = 0; i < layout_.first_count; ++i) {
      const auto* comma = static_cast<const char*>(std::memchr(at, ',', static_cast<std::size_t>(end - at)));
      if (comma == nullptr) return false;
      row.labels.emplace_back(at, static_cast<std::size_t>(comma - at));
      if (row.labels.back().starts_with('"')) return false;
      at = comma + 1;
    }
    const std::size_t columns = layout_.columns();
    for (std::size_t column = 0; column < columns; ++column) {
      std::uint64_t count = 0;
      const char* const begin = at;
      for (; at != end && static_cast<unsigned char>(*at - '0') < 10; ++at) {
        count = 10 * count + static_cast<std::uint64_t>(*at - '0');
      }
      if (at == begin || at - begin > 10 || count > UINT32_MAX) return false;
      if (column + 1 < columns && (at == end || *at++ != ',')) return false;
      if (column < range_.begin || column >= range_.end) continue;
      counts_.add(static_cast<std::uint32_t>(count));
      row.calls += count;
    }
    return at == end;
  }

  Result<> read_any(std::string_view line, Row& row) {
    THAW_CHECK(splitter_.split(line));
    const auto& fields = splitter_.fields();
    if (fields.size() != layout_.fields) {
      return fail(ErrorKind::bad_input, "the row has {} columns, the header {}", fields.size(),
                  layout_.fields);
    }
    row.labels.assign(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(layout_.first_count));
    row.calls = 0;
    for (std::size_t column = 0; column < layout_.columns(); ++column) {
      const std::string_view field = fields[layout_.first_count + column];
      const auto count = parse_count(field);
      if (!count || *count > UINT32_MAX) {
        return fail(ErrorKind::bad_input, "count {} is \"{}\", a whole number is needed", column + 1,
                    field.substr(0, 80));
      }
      if (column < range_.begin || column >= range_.end) continue;
      counts_.add(static_cast<std::uint32_t>(*count));
      row.calls += *count;
    }
    return {};
  }

  const Layout& layout_;
  ColumnRange range_;
  CompactCounts& counts_;
  CsvSplitter splitter_;
};

/// Joins the three tables, row by row of invocations.csv.
class Join {
 public:
  Join(const Azure2019Durations& durations, const Azure2019Memory& memory, const Layout& layout,
       FunctionSelection selection, ReadingNotes& notes)
      : durations_(durations), memory_(memory), layout_(layout), selection_(selection), notes_(notes) {}

  /// Adds the row's function; false when it is left out. Errors: bad_input, with place unless it is the row's.
  Result<bool> add(const Row& row, std::vector<TraceFunction>& functions) {
    const bool is_selective = selection_ == FunctionSelection::called;
    if (is_selective && row.calls < 2) return left_out(remarks::called_once);
    TraceFunction function;
    function.name = row.labels[layout_.function];
    function.owner = row.labels[layout_.owner];
    function.app = row.labels[layout_.app];
    if (layout_.trigger) function.trigger = row.labels[*layout_.trigger];
    if (seen_.find(function.name) != FunctionNames::none) {
      return flawed(fmt::format("function \"{}\" is listed twice", function.name),
                    repairs::duplicate_function);
    }
    const FunctionIndex known = durations_.names.find(function.name);
    if (known == FunctionNames::none) {
      return is_selective ? left_out(remarks::without_durations)
                          : flawed(fmt::format("function \"{}\" has no durations", function.name),
                                   repairs::bad_function);
    }
    const Azure2019Duration& duration = durations_.rows[known];
    const Azure2019Memory::Row* memory = memory_of(function);
    if (memory == nullptr) {
      return is_selective
                 ? left_out(remarks::without_memory)
                 : flawed(fmt::format("function \"{}\" has no memory", function.name), repairs::bad_function);
    }
    fill(function, duration.statistics,
         memory_.is_by_function ? memory->statistics
                                : divided(memory->statistics, durations_.functions_of_app[duration.app]));
    if (!is_possible_memory(function.memory_mb)) {
      return flawed(fmt::format("function \"{}\" has {} MB of memory, a number above 0 is needed",
                                function.name, function.memory->average),
                    repairs::bad_function, memory->place);
    }
    if (auto flaw = flaw_of(function); !flaw.empty())
      return flawed(std::move(flaw), repairs::bad_function, duration.place);
    seen_.add(function.name);
    functions.push_back(std::move(function));
    return true;
  }

 private:
  /// The function's row of memory.csv, or its app's; null when there is none.
  [[nodiscard]] const Azure2019Memory::Row* memory_of(const TraceFunction& function) const {
    const FunctionIndex row = memory_.names.find(memory_.is_by_function ? function.name : function.app);
    return row == FunctionNames::none ? nullptr : &memory_.rows[row];
  }

  static void fill(TraceFunction& function, const DurationStatistics& duration,
                   const MemoryStatistics& memory) {
    function.duration = duration;
    function.memory = memory;
    function.memory_mb = std::ceil(memory.average);
    function.cold_ms = std::trunc(duration.maximum);
    function.warm_ms = std::trunc(duration.average);
  }

  [[nodiscard]] std::string flaw_of(const TraceFunction& function) const {
    if (!is_possible_time(function.cold_ms) || !is_possible_time(function.warm_ms)) {
      return fmt::format("function \"{}\" takes {} ms on average and {} at most, which is impossible",
                         function.name, function.duration->average, function.duration->maximum);
    }
    const bool has_counts = function.duration->count > 0 && function.memory->count > 0;
    if (selection_ == FunctionSelection::every && !has_counts) {
      return fmt::format("the statistics of function \"{}\" stand on no samples", function.name);
    }
    return {};
  }

  Result<bool> left_out(std::string_view remark) {
    notes_.remarks.note(remark);
    return false;
  }

  Result<bool> flawed(std::string what, std::string_view repair, std::string place = {}) {
    if (!notes_.repair)
      return fail_at(ErrorKind::bad_input, std::move(what), std::move(place), repair_hint(repair));
    notes_.repairs.note(repair);
    return false;
  }

  const Azure2019Durations& durations_;
  const Azure2019Memory& memory_;
  const Layout& layout_;
  FunctionSelection selection_;
  ReadingNotes& notes_;
  FunctionNames seen_;
};

}  // namespace

Result<std::unique_ptr<TraceFile>> open_azure2019(const Azure2019Files& files, const ReadOptions& options) {
  ReadingNotes notes{.repair = options.repair};
  THAW_TRY(const Azure2019Durations durations, read_azure2019_durations(files.durations, notes));
  THAW_TRY(const Azure2019Memory memory, read_azure2019_memory(files.memory, notes));
  std::string header;
  THAW_TRY(LineReader lines, open_csv(files.invocations, header, notes.remarks));
  auto names = ColumnNames::of(header);
  if (!names) return tl::unexpected(std::move(names).error().in(lines.place()));
  THAW_TRY(const Layout layout, layout_of(*names, lines.place()));
  THAW_TRY(const ColumnRange range, selected_minutes(options, layout.columns()));

  CountedTrace trace{.columns = range.size()};
  RowReader reader(layout, range, trace.counts);
  Join join(durations, memory, layout, options.selection, notes);
  Row row;
  for (std::string_view line; lines.next_filled(line);) {
    if (auto is_read = reader.read(line, row); !is_read) {
      const std::string hint = repair_hint(repairs::short_row);
      if (!notes.repair) return tl::unexpected(std::move(is_read).error().in(lines.place()).with_hint(hint));
      notes.repairs.note(repairs::short_row);
      continue;
    }
    auto is_kept = join.add(row, trace.functions);
    if (!is_kept) {
      Error error = std::move(is_kept).error();
      return tl::unexpected(error.where.empty() ? std::move(error).in(lines.place()) : std::move(error));
    }
    if (!*is_kept) trace.counts.drop_row();
  }
  THAW_CHECK(lines.status());
  return make_counts_trace("azure2019", std::move(trace), std::move(notes));
}

}  // namespace thaw::forms
