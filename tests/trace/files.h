#pragma once
// Small traces in memory for the tests of readers, and what comes out of them.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/files.h"
#include "trace/forms.h"

namespace thaw::tests {

inline const Path fixtures = Path(THAW_SOURCE_DIR) / "tests/fixtures";

/// Everything a form gives, or an error.
inline Result<Trace> load(Result<std::unique_ptr<TraceFile>> file) {
  if (!file) return tl::unexpected(std::move(file).error());
  return load_trace(**file);
}

/// The pair form over text.
inline Result<Trace> load_pair(std::string functions, std::string invocations,
                               const ReadOptions& options = {}) {
  return load(forms::open_pair(InputFile::in_memory("functions.csv", std::move(functions)),
                               InputFile::in_memory("invocations.csv", std::move(invocations)), options));
}

inline const std::string two_functions = "function,memory_mb,cold_ms,warm_ms\na,100,600,100\nb,50,300,200\n";

/// Fails the test when there is no value.
template <class T>
T expect_value(Result<T> result) {
  EXPECT_TRUE(result) << (result ? "" : render(result.error()));
  return result ? *std::move(result) : T{};
}

}  // namespace thaw::tests
