#pragma once
// Accessors that the tables of facts share: most facts are one file with one value.

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "record/fact_reader.h"
#include "record/field_table.h"

namespace thaw {

/// A path as a template argument.
template <std::size_t n>
struct FixedPath {
  constexpr FixedPath(const char (&text)[n]) { std::copy_n(text, n, characters); }
  constexpr operator std::string_view() const { return {characters, n - 1}; }
  char characters[n]{};
};

/// The fact is the integer in a file.
template <FixedPath path>
FieldValue integer_in(const FactReader& facts) {
  return maybe(facts.integer(path));
}

/// The fact is the text in a file.
template <FixedPath path>
FieldValue text_in(const FactReader& facts) {
  return maybe(facts.text(path));
}

/// The fact is a value of /proc/meminfo.
template <FixedPath key>
FieldValue memory(const FactReader& facts) {
  return maybe(facts.memory_kb(key));
}

/// The fact is a value of the first processor in /proc/cpuinfo.
template <FixedPath key>
FieldValue cpu(const FactReader& facts) {
  return maybe(facts.cpu(key));
}

}  // namespace thaw
