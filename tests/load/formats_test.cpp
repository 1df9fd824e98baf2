#include <gtest/gtest.h>

#include "core/files.h"
#include "load/load_rows.h"

namespace thaw {
namespace {

TEST(LoadFormats, AreDocumentedAsTheyAreWritten) {
  const FormatPage page = load_format_page();

  const auto written = read_file(Path(THAW_SOURCE_DIR) / "docs/formats" / page.file);

  ASSERT_TRUE(written);
  EXPECT_EQ(*written, to_markdown(page)) << "run thaw-formats docs/formats";
}

}  // namespace
}  // namespace thaw
