#pragma once
// samples.csv of a load: the predecessor's fifteen columns, byte for byte in names and order, then ours.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/invocation.h"
#include "record/field_table.h"

namespace thaw {

/// What rows need to know beside the invocation.
struct RowContext {
  const std::vector<TraceFunction>* functions = nullptr;
  bool has_seconds = false;          ///< Columns of the plan are seconds: ids read "sec3.inv0".
  std::int64_t anchor_epoch_us = 0;  ///< Wall time of the plan's begin, µs since 1970.
};

/// The header with its line end.
std::string load_record_header();
/// Every column with its unit and description, in order.
std::vector<FieldDescription> load_record_columns();
/// Appends one row with its line end.
void append_row(const RowContext& context, const Invocation& invocation, std::string& to);

/// The page of docs/formats/.
FormatPage load_format_page();

}  // namespace thaw
