#include "record/formats.h"

#include <gmock/gmock.h>

#include "core/files.h"

namespace thaw {
namespace {

TEST(FormatPages, AreWhatDocsFormatsHolds) {
  for (const FormatPage& page : record_format_pages()) {
    EXPECT_EQ(read_file(Path(THAW_SOURCE_DIR) / "docs/formats" / page.file).value_or(""), to_markdown(page))
        << "run build/dev/src/cli/thaw-formats docs/formats to bring " << page.file << " up to date";
  }
}

TEST(FormatPages, DescribeEveryField) {
  for (const FormatPage& page : record_format_pages()) {
    for (const FormatSection& section : page.sections) {
      for (const FieldDescription& field : section.fields)
        EXPECT_FALSE(field.description.empty()) << field.name;
    }
  }
}

}  // namespace
}  // namespace thaw
