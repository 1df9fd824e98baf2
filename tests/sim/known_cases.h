#pragma once
// The known answers of tests/fixtures/keepalive and the traces they belong to.

#include <gtest/gtest.h>
#include <zlib.h>

#include <map>
#include <string>
#include <vector>

#include "core/text.h"
#include "record/csv.h"
#include "sim/outcome.h"
#include "trace/trace.h"

namespace thaw::known {

inline Path fixtures() { return Path(THAW_SOURCE_DIR) / "tests" / "fixtures"; }

/// One row of a file of answers, by the names of its header.
using Row = std::map<std::string, std::string>;

/// All rows; fails the test when the file cannot be read.
inline std::vector<Row> rows_of(CsvReader reader) {
  std::vector<Row> rows;
  std::vector<std::string> header;
  for (;;) {
    auto record = reader.next();
    if (!record) ADD_FAILURE() << render(record.error());
    if (!record || !record->has_value()) return rows;
    const auto fields = **record;
    if (header.empty()) {
      header.assign(fields.begin(), fields.end());
      continue;
    }
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = std::string(fields[i]);
  }
}

inline std::vector<Row> read_rows(const Path& path) {
  auto reader = CsvReader::open(path);
  if (!reader) {
    ADD_FAILURE() << render(reader.error());
    return {};
  }
  return rows_of(*std::move(reader));
}

inline double number(const Row& row, const std::string& column) {
  const auto value = parse_number(row.at(column));
  if (!value) ADD_FAILURE() << column << " is " << row.at(column);
  return value.value_or(-1);
}

inline std::uint64_t whole(const Row& row, const std::string& column) {
  return static_cast<std::uint64_t>(number(row, column));
}

/// Text of a plain or compressed file.
inline std::string inflate(const Path& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  char buffer[65536];
  for (int n; (n = gzread(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  gzclose(file);
  return text;
}

inline Trace read_trace(const Path& functions, const Path& invocations) {
  Trace trace;
  std::map<std::string, FunctionIndex> index;
  for (const Row& row : read_rows(functions)) {
    TraceFunction function;
    function.name = row.at("function");
    function.memory_mb = number(row, "memory_mb");
    function.cold_ms = number(row, "cold_ms");
    function.warm_ms = number(row, "warm_ms");
    index[function.name] = static_cast<FunctionIndex>(trace.functions.size());
    trace.functions.push_back(function);
  }
  const std::string text = inflate(invocations);
  for (const std::string_view line : split_lines(text)) {
    const auto fields = split(line, ',');
    const auto time = parse_number(fields.front());
    if (!time) continue;  // the header
    trace.invocations.time_ms.push_back(*time);
    trace.invocations.function.push_back(index.at(std::string(fields.at(1))));
  }
  return trace;
}

/// The trace of a case ("t1_recency") or of a real folder ("azure2019-20b"); read once. Empty when its files
/// are not there: the larger cases are held elsewhere.
inline const Trace& trace_of(const std::string& name) {
  static std::map<std::string, Trace> traces;
  const auto known = traces.find(name);
  if (known != traces.end()) return known->second;
  const Path real = fixtures() / "traces" / name;
  const Path made = fixtures() / "keepalive";
  return traces[name] =
             std::filesystem::exists(real)
                 ? read_trace(real / "functions.csv", real / "invocations.csv.gz")
                 : read_trace(made / (name + ".functions.csv"), made / (name + ".invocations.csv"));
}

/// What identifies a row in messages.
inline std::string label(const Row& row) {
  return (row.count("case") > 0 ? row.at("case") : row.at("trace")) + " " + row.at("policy") + " " +
         row.at("memory_mb") + " MB";
}

/// Compares the columns that files of answers share.
inline void expect_counts(const Row& row, const SimulationOutcome& outcome) {
  EXPECT_EQ(outcome.invocations, whole(row, "invocations")) << label(row);
  EXPECT_EQ(outcome.cold, whole(row, "cold")) << label(row);
  EXPECT_EQ(outcome.warm, whole(row, "warm")) << label(row);
  EXPECT_EQ(outcome.dropped, whole(row, "dropped")) << label(row);
  EXPECT_EQ(outcome.evictions, whole(row, "evictions")) << label(row);
  EXPECT_EQ(outcome.end_pool, whole(row, "end_pool")) << label(row);
  EXPECT_EQ(outcome.end_used_mb, number(row, "end_used_mb")) << label(row);
  EXPECT_EQ(outcome.max_pool, whole(row, "max_pool")) << label(row);
}

}  // namespace thaw::known
