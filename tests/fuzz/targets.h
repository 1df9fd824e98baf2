#pragma once
// What the fuzzers do with their bytes, one function per reader. The same functions replay the corpus as unit tests.

#include <span>
#include <string_view>

namespace thaw::fuzz {

/// A reader and how it is fed.
struct Target {
  std::string_view name;  ///< Also the folder of its corpus.
  void (*run)(std::string_view bytes);
};

/// Every target.
std::span<const Target> targets();

}  // namespace thaw::fuzz
