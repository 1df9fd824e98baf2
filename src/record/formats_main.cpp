// thaw-formats DIR: writes the generated pages of docs/formats/ into DIR; without DIR prints them.

#include <fmt/core.h>

#include "core/files.h"
#include "record/formats.h"

int main(int argc, char** argv) {
  for (const thaw::FormatPage& page : thaw::record_format_pages()) {
    const std::string text = thaw::to_markdown(page);
    if (argc < 2) {
      fmt::print("{}\n", text);
      continue;
    }
    const auto written = thaw::write_file_atomically(thaw::Path(argv[1]) / page.file, text);
    if (!written) {
      fmt::print(stderr, "{}", thaw::render(written.error()));
      return static_cast<int>(written.error().kind);
    }
  }
  return 0;
}
