#pragma once
// samples.csv of a running experiment: its metric columns may grow while it runs, because some metrics (one column
// for every system call, say) find their names in the output.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/cell_run.h"
#include "record/run_folder.h"

namespace thaw {

class SampleFile {
 public:
  /// `columns` are those known before the first repetition; factors of a sweep first.
  SampleFile(const RunFolder& folder, std::vector<SampleColumn> columns)
      : folder_(&folder), columns_(std::move(columns)) {}

  /// Writes the rows of one repetition. `factors` are the cell's values for the factor columns, in order. A new
  /// metric first rewrites the file with one more column, missing in the rows so far.
  /// Errors: environment (disk full); the rows before stay.
  Result<> write(const RepetitionRecord& record, std::span<const std::string> factors);
  Result<> finish();

  [[nodiscard]] const std::vector<SampleColumn>& columns() const { return columns_; }

 private:
  Result<> open();
  Result<> add_column(SampleColumn column);
  [[nodiscard]] std::size_t index_of(std::string_view name) const;

  const RunFolder* folder_;
  std::vector<SampleColumn> columns_;
  std::optional<SampleWriter> writer_;
};

/// Groups the rows of a finished part of samples.csv by repetition, as they were when they were written.
/// Errors: bad_input (a column is missing or a value is malformed).
Result<std::vector<RepetitionRecord>> read_repetitions(const RunRecord& run, std::string_view launch_id);

}  // namespace thaw
