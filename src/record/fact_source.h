#pragma once
// Where facts about a machine come from: this machine's files and system calls, or the text that one portable script
// printed on another machine. One parser then reads both.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace thaw {

/// What only system calls tell.
struct SystemAnswers {
  std::optional<std::string> machine;             ///< uname -m
  std::optional<std::string> kernel_release;      ///< uname -r
  std::optional<std::string> hostname;            ///< uname -n
  std::optional<std::int64_t> usable_processors;  ///< Those this process may run on.
  std::optional<std::int64_t> process_count;
  std::optional<std::int64_t> root_available_bytes;
  std::optional<std::int64_t> page_size_bytes;
  std::optional<std::int64_t> ticks_per_second;  ///< Unit of /proc/stat.
  std::optional<double> clock_resolution_s;
};

class FactSource {
 public:
  virtual ~FactSource() = default;
  /// The content of a file, nullopt when absent or unreadable.
  [[nodiscard]] virtual std::optional<std::string> file(std::string_view path) const = 0;
  /// The paths that match a pattern with "*" for a whole or partial component, sorted.
  [[nodiscard]] virtual std::vector<std::string> glob(std::string_view pattern) const = 0;
  /// The last component of a symbolic link's target, as drivers are named in /sys.
  [[nodiscard]] virtual std::optional<std::string> link_name(std::string_view path) const = 0;
  [[nodiscard]] virtual SystemAnswers answers() const = 0;
};

/// This machine. Another `root` reads a tree of files instead, with the given answers.
class LocalFacts final : public FactSource {
 public:
  LocalFacts();
  LocalFacts(Path root, SystemAnswers answers);
  [[nodiscard]] std::optional<std::string> file(std::string_view path) const override;
  [[nodiscard]] std::vector<std::string> glob(std::string_view pattern) const override;
  [[nodiscard]] std::optional<std::string> link_name(std::string_view path) const override;
  [[nodiscard]] SystemAnswers answers() const override { return answers_; }

 private:
  Path root_;
  SystemAnswers answers_;
};

/// A POSIX sh script that prints a bundle of facts. Give it to `sh -c` through ssh, docker or mpirun. It needs only a
/// shell; what grep, df, uname, nproc and getconf would add is missing where they are.
std::string fact_script();

/// Reads what fact_script() printed; text around it (banners, other ranks) is ignored.
/// Errors: bad_input (no bundle, or cut off before its end).
Result<std::unique_ptr<FactSource>> parse_fact_bundle(std::string_view text);

}  // namespace thaw
