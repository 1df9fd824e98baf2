#include "cli/sizing_format.h"

#include <unistd.h>

namespace thaw::cli {

Result<TableFormat> sizing_format(std::string_view name) {
  if (name.empty()) return ::isatty(STDOUT_FILENO) == 1 ? TableFormat::text : TableFormat::json;
  return parse_table_format(name);
}

}  // namespace thaw::cli
