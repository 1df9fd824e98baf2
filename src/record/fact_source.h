#pragma once
// Where facts about a machine come from: this machine's files and system calls, or the text that one portable script
// printed on another machine. One reader then understands both.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// What no file tells.
struct SystemAnswers {
  std::optional<std::string> architecture;  ///< uname -m
  std::optional<std::int64_t> process_count;
  std::optional<std::int64_t> root_available_bytes;
  std::optional<std::int64_t> ticks_per_second;  ///< Unit of the times in /proc/stat.
  std::optional<double> clock_resolution_s;
};

class FactSource {
 public:
  virtual ~FactSource() = default;
  /// The content of a file, nullopt when absent or unreadable. Long files may be cut after 64 KiB.
  [[nodiscard]] virtual std::optional<std::string> file(std::string_view path) const = 0;
  /// The paths of files that match a pattern, where "*" stands for any part of one component; sorted.
  [[nodiscard]] virtual std::vector<std::string> glob(std::string_view pattern) const = 0;
  [[nodiscard]] virtual SystemAnswers answers() const = 0;
};

/// This machine; or a tree of files that looks like one, with the given answers.
class LocalFacts final : public FactSource {
 public:
  LocalFacts();
  LocalFacts(const Path& root, SystemAnswers answers) : root_(root.string()), answers_(std::move(answers)) {}
  [[nodiscard]] std::optional<std::string> file(std::string_view path) const override;
  [[nodiscard]] std::vector<std::string> glob(std::string_view pattern) const override;
  [[nodiscard]] SystemAnswers answers() const override { return answers_; }

 private:
  std::string root_;  ///< Put before every path.
  SystemAnswers answers_;
};

/// A POSIX sh script that prints a bundle of facts: give it to `sh -c` through ssh, docker or mpirun. A shell is
/// enough; what grep, uname, df and getconf would add is missing where they are. `root` is put before every path.
std::string fact_script(std::string_view root = "");

/// Reads what fact_script() printed; text around it (banners, a second rank's bundle) is ignored.
/// Errors: bad_input (no bundle in the text, or one cut off before its end).
Result<std::unique_ptr<FactSource>> parse_fact_bundle(std::string_view text);

}  // namespace thaw
