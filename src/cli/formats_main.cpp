// thaw-formats DIR: writes the generated pages of docs/formats/ into DIR; without DIR prints them.

#include <fmt/core.h>

#include "core/files.h"
#include "load/load_rows.h"
#include "record/formats.h"
#include "sim/outcome_fields.h"

int main(int argc, char** argv) {
  std::vector<thaw::FormatPage> pages = thaw::record_format_pages();
  for (thaw::FormatPage& page : thaw::simulation_format_pages()) pages.push_back(std::move(page));
  pages.push_back(thaw::load_format_page());
  for (const thaw::FormatPage& page : pages) {
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
