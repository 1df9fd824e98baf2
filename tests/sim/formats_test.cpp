#include <gmock/gmock.h>

#include "core/files.h"
#include "sim/outcome_fields.h"

namespace thaw {
namespace {

TEST(SimulationFormatPages, AreWhatDocsFormatsHolds) {
  for (const FormatPage& page : simulation_format_pages()) {
    EXPECT_EQ(read_file(Path(THAW_SOURCE_DIR) / "docs/formats" / page.file).value_or(""), to_markdown(page))
        << "run build/dev/src/cli/thaw-formats docs/formats to bring " << page.file << " up to date";
  }
}

}  // namespace
}  // namespace thaw
