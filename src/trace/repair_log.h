#pragma once
// Decides for every readable flaw: an error with its place, or a counted repair.

#include <string>
#include <string_view>
#include <vector>

#include "trace/reader.h"

namespace thaw {

/// Counts what was mended, by kind, in the order of first appearance.
class RepairLog {
 public:
  /// REQUIRES: `what` is a text that stays, one per kind of repair.
  void note(std::string_view what, std::uint64_t count = 1) {
    if (count == 0) return;
    for (Repair& repair : repairs_) {
      if (repair.what == what) {
        repair.count += count;
        return;
      }
    }
    repairs_.push_back({std::string(what), count});
  }
  [[nodiscard]] const std::vector<Repair>& all() const { return repairs_; }
  void clear() { repairs_.clear(); }

 private:
  std::vector<Repair> repairs_;
};

/// The advice of every flaw that ReadOptions::repair mends; `what` says how.
inline std::string repair_hint(std::string_view what) {
  return fmt::format("--repair reads on: {}, counted", what);
}

/// What repairs are called in reports and docs/traces.md.
namespace repairs {
constexpr std::string_view duplicate_function = "repeated functions dropped, the first kept";
constexpr std::string_view bad_function = "functions with an impossible memory or duration dropped";
constexpr std::string_view unknown_function = "invocations of unknown functions dropped";
constexpr std::string_view unlisted_function =
    "functions that a pickle does not list taken from their invocations";
constexpr std::string_view repeated_minute = "rows of a minute that was there already dropped";
constexpr std::string_view no_memory = "memory of 0 taken as missing";
constexpr std::string_view bad_time = "invocations with a negative or missing time dropped";
constexpr std::string_view bad_duration = "invocations with a negative or missing duration dropped";
constexpr std::string_view malformed_row = "malformed rows dropped";
constexpr std::string_view unsorted = "invocations out of order sorted";
constexpr std::string_view short_row = "rows with missing or impossible counts dropped";
}  // namespace repairs

/// What remarks are called.
namespace remarks {
constexpr std::string_view byte_order_mark = "files with a byte order mark";
constexpr std::string_view carriage_returns = "files with CRLF line ends";
constexpr std::string_view called_once = "functions called fewer than twice left out";
constexpr std::string_view without_durations = "functions without durations left out";
constexpr std::string_view without_memory = "functions without memory left out";
constexpr std::string_view never_called = "functions never called left out";
}  // namespace remarks

}  // namespace thaw
