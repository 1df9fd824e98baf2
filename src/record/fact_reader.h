#pragma once
// Reads single values out of the files of a FactSource: the small formats of /proc and /sys.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "record/fact_source.h"
#include "record/field_table.h"

namespace thaw {

/// Reads one moment of a FactSource; the files that many facts need are taken apart once.
class FactReader {
 public:
  explicit FactReader(const FactSource& source) : source_(source), answers_(source.answers()) {}

  [[nodiscard]] const FactSource& source() const { return source_; }
  [[nodiscard]] const SystemAnswers& answers() const { return answers_; }

  /// The whole file without white space around it.
  [[nodiscard]] std::optional<std::string> text(std::string_view path) const;
  /// The whole file as an integer.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view path) const;
  /// The n-th field of the file's first line, from 0.
  [[nodiscard]] std::optional<std::string> field(std::string_view path, std::size_t n) const;
  /// The value of "key: value" or "key value" in the lines of a file; a "kB" behind a number is cut off.
  [[nodiscard]] std::optional<std::string> value_of(std::string_view path, std::string_view key) const;
  /// The choice in brackets of "always [madvise] never".
  [[nodiscard]] std::optional<std::string> chosen(std::string_view path) const;
  /// "avg10=1.63" of the line "some" or "full" of a pressure file.
  [[nodiscard]] std::optional<double> pressure(std::string_view path, std::string_view line,
                                               std::string_view key) const;

  /// A value of the first processor in /proc/cpuinfo.
  [[nodiscard]] std::optional<std::string> cpu(std::string_view key) const;
  /// A value of /proc/meminfo.
  [[nodiscard]] std::optional<std::int64_t> memory_kb(std::string_view key) const;

  /// The folders of our control group and of those above it, innermost first, for a controller ("cpu").
  [[nodiscard]] std::vector<std::string> control_groups(std::string_view controller) const;
  /// True when the unified hierarchy (version 2) has that controller.
  [[nodiscard]] bool is_unified(std::string_view controller) const;

 private:
  using Values = std::map<std::string, std::string, std::less<>>;
  struct ControlGroups {
    Values v1;                      ///< Controllers of a mount ("cpu,cpuacct") -> our path in it.
    std::optional<std::string> v2;  ///< Our path in the unified hierarchy.
  };
  const ControlGroups& groups() const;

  const FactSource& source_;
  SystemAnswers answers_;
  mutable std::optional<Values> cpu_;
  mutable std::optional<Values> memory_;
  mutable std::optional<ControlGroups> groups_;
};

/// How many numbers a list like "0-3,8" names; nullopt when it is malformed or empty.
std::optional<std::int64_t> count_listed(std::string_view list);

/// The distinct contents of all files that match, in order.
std::set<std::string> distinct(const FactReader& facts, std::string_view pattern);

}  // namespace thaw
