#pragma once
// The readers behind open_trace, one per form. Each takes its files, so that tests and fuzzers can hand it bytes.

#include <memory>
#include <vector>

#include "trace/input_file.h"
#include "trace/reader.h"

namespace thaw::forms {

/// functions.csv and invocations.csv (docs/traces.md "pair"); Ilúvatar's column names are read as well.
Result<std::unique_ptr<TraceFile>> open_pair(const InputFile& functions, const InputFile& invocations,
                                             const ReadOptions& options);

/// The three tables of the Azure Functions trace 2019, of one day.
struct Azure2019Files {
  InputFile invocations, durations, memory;
};
Result<std::unique_ptr<TraceFile>> open_azure2019(const Azure2019Files& files, const ReadOptions& options);

/// app,func,end_timestamp,duration in seconds, one row per invocation (Azure Functions trace 2021).
Result<std::unique_ptr<TraceFile>> open_azure2021(const InputFile& file, const ReadOptions& options);

/// NamespaceHash,AppHash,InvocationTimes,AppExecTimes, one row per invocation: the tables of the IBM trace 2026
/// exported to CSV.
Result<std::unique_ptr<TraceFile>> open_ibm2026(const InputFile& file, const ReadOptions& options);

/// The pickles of FaasCache's simulator.
Result<std::unique_ptr<TraceFile>> open_faascache(const InputFile& file, const ReadOptions& options);

/// One day of the Huawei trace 2023 (private data set): three tables, a row per minute and a column per function.
struct Huawei2023Files {
  InputFile requests, delay, memory;
};
Result<std::unique_ptr<TraceFile>> open_huawei2023(const Huawei2023Files& files, const ReadOptions& options);

}  // namespace thaw::forms
