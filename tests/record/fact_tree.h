#pragma once
// A tree of files that stands for the /proc and /sys of a machine.

#include <filesystem>
#include <fstream>
#include <string_view>

#include "core/files.h"
#include "record/fact_source.h"

namespace thaw {

class FactTree {
 public:
  /// Writes a file of the machine, with the line end that the kernel would write.
  FactTree& with(std::string_view path, std::string_view content) {
    const Path file = folder_.path() / Path(path).relative_path();
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content << '\n';
    return *this;
  }
  [[nodiscard]] const Path& root() const { return folder_.path(); }
  [[nodiscard]] LocalFacts facts(SystemAnswers answers = {}) const { return {root(), std::move(answers)}; }

 private:
  TemporaryDirectory folder_ = *TemporaryDirectory::create("thaw-facts");
};

/// The checked-in tree of a desktop machine.
inline Path workstation() { return Path(THAW_SOURCE_DIR) / "tests/fixtures/workstation"; }

}  // namespace thaw
