#include <fnmatch.h>

#include <algorithm>
#include <tuple>

#include "bench/extractors/forms.h"

namespace thaw::extractors {

std::optional<Path> newest_match(const std::string& pattern) {
  const Path whole(pattern);
  const Path folder = whole.has_parent_path() ? whole.parent_path() : Path(".");
  const std::string name = whole.filename().string();

  std::optional<std::tuple<std::filesystem::file_time_type, Path>> newest;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const Path file = entry->path();
    if (::fnmatch(name.c_str(), file.filename().c_str(), FNM_PERIOD) != 0) continue;
    std::error_code unreadable;
    std::tuple candidate(std::filesystem::last_write_time(file, unreadable), file);
    if (!unreadable && (!newest || candidate > *newest)) newest = std::move(candidate);
  }
  return newest ? std::optional(std::get<Path>(*newest)) : std::nullopt;
}

}  // namespace thaw::extractors
