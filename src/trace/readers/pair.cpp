// functions.csv and invocations.csv: a function's name and the time of its invocation in milliseconds, sorted.

#include <algorithm>
#include <cmath>

#include "trace/forms.h"
#include "trace/function_table.h"
#include "trace/loaded_trace.h"

namespace thaw::forms {
namespace {

constexpr std::size_t block_size = 32768;

struct Columns {
  std::size_t count = 0, time = 0, name = 0;
  std::optional<std::size_t> duration;
};

Result<Columns> find_columns(const CsvTable& table) {
  Columns columns;
  columns.count = table.columns().size();
  THAW_TRY(columns.time, table.column({"time_ms", "invoke_time_ms"}));
  THAW_TRY(columns.name, table.column({"function", "func_name"}));
  columns.duration = table.columns().find({"duration_ms"});
  return columns;
}

/// What every pass over the invocations needs; read-only once opened.
struct PairForm {
  FunctionTable table;
  InputFile invocations;
  Columns columns;
  ReadOptions options;
  bool names_need_quotes = false;
};

struct Row {
  double time = 0;
  FunctionIndex function = FunctionNames::none;
  double duration = 0;
};

/// Rows of invocations.csv; flawed ones stop the pass or are dropped and counted.
class PairRows {
 public:
  static Result<PairRows> open(const PairForm& form) {
    RepairLog ignored;
    std::string header;
    THAW_TRY(LineReader lines, open_csv(form.invocations, header, ignored));
    return PairRows(form, std::move(lines));
  }

  /// False at the end and after an error, see status().
  bool next(Row& row) {
    std::string_view line;
    while (lines_.next_filled(line)) {
      if (parse_fast(line, row) || parse_slow(line, row)) return true;
      if (!status_) return false;
    }
    status_ = lines_.status();
    return false;
  }
  [[nodiscard]] const Result<>& status() const { return status_; }
  [[nodiscard]] std::string place() const { return lines_.place(); }
  [[nodiscard]] const RepairLog& repairs() const { return repairs_; }

 private:
  PairRows(const PairForm& form, LineReader lines)
      : form_(&form),
        lines_(std::move(lines)),
        is_plain_(form.columns.count == 2 && !form.names_need_quotes),
        is_time_first_(form.columns.time == 0) {}

  /// Two columns, nothing quoted, nothing wrong: nearly every row of nearly every trace.
  bool parse_fast(std::string_view line, Row& row) const {
    if (!is_plain_) return false;
    const auto* comma = static_cast<const char*>(std::memchr(line.data(), ',', line.size()));
    if (comma == nullptr) return false;
    const std::string_view first(line.data(), static_cast<std::size_t>(comma - line.data()));
    const std::string_view second = line.substr(first.size() + 1);
    const auto time = parse_field(is_time_first_ ? first : second);
    row.function = form_->table.names.find(is_time_first_ ? second : first);
    if (!time || !is_possible_time(*time) || row.function == FunctionNames::none) return false;
    row.time = *time;
    return true;
  }

  bool parse_slow(std::string_view line, Row& row) {
    if (auto is_split = splitter_.split(line); !is_split) {
      return refuse(is_split.error().what, repairs::malformed_row);
    }
    const auto& fields = splitter_.fields();
    const Columns& columns = form_->columns;
    if (fields.size() != columns.count) {
      return refuse(fmt::format("the row has {} fields, the header {}", fields.size(), columns.count),
                    repairs::malformed_row);
    }
    const auto time = parse_field(fields[columns.time]);
    if (!time || !is_possible_time(*time)) {
      return refuse(fmt::format("the time is \"{}\", a number of milliseconds from 0 to 4e12 is needed",
                                fields[columns.time].substr(0, 80)),
                    repairs::bad_time);
    }
    row.time = *time;
    row.function = form_->table.names.find(fields[columns.name]);
    if (row.function == FunctionNames::none) {
      return refuse(
          fmt::format("function \"{}\" is not in the table of functions", fields[columns.name].substr(0, 80)),
          repairs::unknown_function);
    }
    if (!columns.duration) return true;
    const auto duration = parse_field(fields[*columns.duration]);
    row.duration = duration.value_or(-1);
    return is_possible_time(row.duration) ||
           refuse(fmt::format("the duration is \"{}\", a number of milliseconds from 0 to 4e12 is needed",
                              fields[*columns.duration].substr(0, 80)),
                  repairs::bad_duration);
  }

  bool refuse(std::string what, std::string_view repair) {
    if (form_->options.repair) {
      repairs_.note(repair);
    } else {
      status_ = fail_at(ErrorKind::bad_input, std::move(what), lines_.place(), repair_hint(repair));
    }
    return false;
  }

  const PairForm* form_;
  LineReader lines_;
  bool is_plain_, is_time_first_;
  CsvSplitter splitter_;
  RepairLog repairs_;
  Result<> status_;
};

class PairSource final : public InvocationSource {
 public:
  PairSource(const PairForm& form, PairRows rows) : form_(form), rows_(std::move(rows)) {}

  Result<> next(InvocationBlock& block) override {
    const bool has_durations = form_.columns.duration.has_value();
    block.time_ms.resize(block_size);
    block.function.resize(block_size);
    block.duration_ms.resize(has_durations ? block_size : 0);
    std::size_t count = 0;
    Row row;
    while (count < block_size && !is_done_ && rows_.next(row)) {
      if (row.time < last_time_) return out_of_order(row);
      last_time_ = row.time;
      if (row.time < form_.options.begin_ms) continue;
      is_done_ = row.time >= form_.options.end_ms;
      if (is_done_) break;
      block.time_ms[count] = row.time - form_.options.begin_ms;
      block.function[count] = row.function;
      if (has_durations) block.duration_ms[count] = row.duration;
      ++count;
    }
    block.time_ms.resize(count);
    block.function.resize(count);
    block.duration_ms.resize(has_durations ? count : 0);
    return rows_.status();
  }

 private:
  [[nodiscard]] Result<> out_of_order(const Row& row) const {
    return fail_at(ErrorKind::bad_input,
                   fmt::format("time {} ms comes after {} ms, times must not fall", row.time, last_time_),
                   rows_.place(), repair_hint(repairs::unsorted));
  }

  const PairForm& form_;
  PairRows rows_;
  double last_time_ = 0;
  bool is_done_ = false;
};

class PairFile final : public TraceFile {
 public:
  PairFile(PairForm form, ReadingNotes notes) : form_(std::move(form)), notes_(std::move(notes)) {}

  [[nodiscard]] std::string_view form() const override { return "pair"; }
  [[nodiscard]] const std::vector<TraceFunction>& functions() const override { return form_.table.functions; }
  [[nodiscard]] bool has_durations() const override { return form_.columns.duration.has_value(); }
  [[nodiscard]] const std::vector<Repair>& repairs() const override { return notes_.repairs.all(); }
  [[nodiscard]] const std::vector<Repair>& remarks() const override { return notes_.remarks.all(); }
  [[nodiscard]] Result<std::unique_ptr<InvocationSource>> open() const override {
    THAW_TRY(PairRows rows, PairRows::open(form_));
    return std::make_unique<PairSource>(form_, std::move(rows));
  }

 private:
  PairForm form_;
  ReadingNotes notes_;
};

/// Counts what a repairing pass drops. True when the rows are sorted, so that they can be streamed.
Result<bool> survey(const PairForm& form, ReadingNotes& notes) {
  THAW_TRY(PairRows rows, PairRows::open(form));
  bool is_sorted = true;
  double last_time = 0;
  for (Row row; rows.next(row); last_time = row.time) is_sorted = is_sorted && row.time >= last_time;
  THAW_CHECK(rows.status());
  for (const Repair& repair : rows.repairs().all()) notes.repairs.note(repair.what, repair.count);
  return is_sorted;
}

Result<std::unique_ptr<TraceFile>> load_and_sort(PairForm form, ReadingNotes notes) {
  Trace trace;
  THAW_TRY(PairRows rows, PairRows::open(form));
  for (Row row; rows.next(row);) {
    trace.invocations.time_ms.push_back(row.time);
    trace.invocations.function.push_back(row.function);
    if (form.columns.duration) trace.invocations.duration_ms.push_back(row.duration);
  }
  THAW_CHECK(rows.status());
  notes.repairs.note(repairs::unsorted, sort_by_time(trace.invocations));
  trace.functions = std::move(form.table.functions);
  return make_loaded_trace("pair", std::move(trace), form.options, std::move(notes));
}

bool needs_quotes(const TraceFunction& function) {
  return function.name.find_first_of("\",") != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<TraceFile>> open_pair(const InputFile& functions, const InputFile& invocations,
                                             const ReadOptions& options) {
  ReadingNotes notes{.repair = options.repair};
  PairForm form{.invocations = invocations, .options = options};
  THAW_TRY(form.table, read_function_table(functions, notes));
  THAW_TRY(const CsvTable header, CsvTable::open(invocations, notes));
  THAW_TRY(form.columns, find_columns(header));
  form.names_need_quotes =
      std::any_of(form.table.functions.begin(), form.table.functions.end(), needs_quotes);
  if (options.repair) {
    THAW_TRY(const bool is_sorted, survey(form, notes));
    if (!is_sorted) return load_and_sort(std::move(form), std::move(notes));
  }
  return std::make_unique<PairFile>(std::move(form), std::move(notes));
}

}  // namespace thaw::forms
